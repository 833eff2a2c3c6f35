import { CorruptError, StorageError } from '@winnow/core'
import {
  BloomFold,
  BloomIndex,
  Decisions,
  type DedupParameters,
  DuplicateIndex,
  decodeBloomSnapshot,
  decodeIndexSnapshot,
  decodePassageSnapshot,
  type ExactSeenSet,
  encodeBloomSnapshot,
  encodeIndexSnapshot,
  encodePassageSnapshot,
  fingerprint,
  LogFold,
  type LogPosition,
  type PassageOptions,
  passageFingerprint,
  SLOTS,
} from '@winnow/dedup'
import { indexLayout, type ObjectStore } from '@winnow/storage'
import type { IndexSettings } from './index-folder.js'
import type { PassageCutter } from './passage-cutter.js'

/** Slots per file of a snapshot: what is encoded in one go, while the work waits. */
const SLOTS_PER_FILE = 16
/** Snapshots kept: the newest, and the one before in case the newest cannot be read. */
const KEPT = 2

/** What snapshot.json says; it is written last, so a snapshot without it is unfinished. */
export interface SnapshotManifest extends LogPosition {
  readonly schema: 1
  readonly parameters: string
  /** `OrderLog.chain` of the entries that it knows; snapshots of earlier versions have none and are believed. */
  readonly log?: string
  /** Distinct keys, and the bytes of memory that the index takes with them. */
  readonly keys: number
  readonly memoryBytes: number
}

const folderOf = ({ entries }: Pick<LogPosition, 'entries'>): string =>
  `${indexLayout.snapshots}${String(entries).padStart(12, '0')}/`
const manifestOf = (folder: string): string => `${folder}snapshot.json`
const decisionsOf = (folder: string): string => `${folder}decisions.wndd`
const bloomOf = (folder: string): string => `${folder}bloom.wnbf`
const passagesOf = (folder: string): string => `${folder}passages.wnps`
const slotsOf = (folder: string, first: number): string =>
  `${folder}slots-${String(first).padStart(3, '0')}.wnix`

/** The fold over the log, with either kind of index. */
export type Fold = LogFold | BloomFold

/** The fold at the start of a log. */
export function newFold({ kind, parameters, expectedDocuments }: IndexSettings): Fold {
  if (kind !== 'bloom') return new LogFold(parameters)
  const documents = expectedDocuments ?? EXPECTED_DOCUMENTS
  const expectedKeys = documents * (parameters.bands + OTHER_KEYS)
  return new BloomFold(parameters, new BloomIndex({ expectedKeys }))
}

/** Documents that a bloom index is made for when nothing is said. */
export const EXPECTED_DOCUMENTS = 1_000_000
/** Keys of a document besides its bands: URL and text. */
const OTHER_KEYS = 2

/** Bytes of a snapshot that are held in memory so that the work can go on before they are written. */
const MOST_CAPTURED = 256 << 20

/**
 * Writes the state of a fold at its place in the log, file by file, while the work goes on. It counts once its
 * manifest is there; older ones are then removed, but for one.
 */
export class SnapshotInWork {
  /** Settles when the snapshot is there, or could not be written. */
  readonly done: Promise<void>
  /** Files that are not written yet. */
  private readonly pending: { readonly key: string; readonly encode: () => Uint8Array }[]
  private readonly captured = new Map<string, Uint8Array>()
  private readonly bytesPerFile: number
  private failed = false
  private onWritten: () => void = () => {}

  constructor(
    private readonly index: ObjectStore,
    state: SnapshotState,
    position: LogPosition,
    log: string,
  ) {
    const { fold, cutter } = state
    this.pending = filesOf(state, position)
    this.bytesPerFile = (fold.bytes + (cutter?.seen.bytes ?? 0)) / this.pending.length
    this.done = this.write({
      schema: 1,
      parameters: fingerprint(fold.parameters),
      ...position,
      log,
      keys: fold.keys,
      memoryBytes: fold.bytes,
    })
  }

  /** Must be awaited before the fold changes: takes what is not written yet into memory, once it is little enough. */
  async capture(): Promise<void> {
    while (!this.failed && this.pending.length * this.bytesPerFile > MOST_CAPTURED)
      await new Promise<void>((resolve) => {
        this.onWritten = resolve
      })
    if (this.failed) return
    for (const { key, encode } of this.pending)
      if (!this.captured.has(key)) this.captured.set(key, encode())
  }

  private async write(manifest: SnapshotManifest): Promise<void> {
    const { index, pending, captured } = this
    const folder = folderOf(manifest)
    try {
      for (let file = pending[0]; file !== undefined; file = pending[0]) {
        const bytes = captured.get(file.key) ?? file.encode()
        pending.shift()
        captured.delete(file.key)
        await index.put(file.key, bytes)
        this.onWritten()
      }
      await index.put(manifestOf(folder), Buffer.from(`${JSON.stringify(manifest)}\n`))
      await removeOldSnapshots(index, folder)
    } catch (error) {
      this.failed = true
      await removeSnapshots(index, [folder]).catch(() => {})
      throw error
    } finally {
      this.onWritten()
    }
  }
}

/** What a snapshot keeps. */
export interface SnapshotState {
  readonly fold: Fold
  readonly cutter?: PassageCutter | undefined
}

function filesOf(
  { fold, cutter }: SnapshotState,
  position: LogPosition,
): { key: string; encode: () => Uint8Array }[] {
  const name = fingerprint(fold.parameters)
  const folder = folderOf(position)
  const files: { key: string; encode: () => Uint8Array }[] = []
  if (fold instanceof BloomFold)
    files.push({
      key: bloomOf(folder),
      encode: () => encodeBloomSnapshot({ index: fold.index, position, fingerprint: name }),
    })
  else {
    files.push({
      key: decisionsOf(folder),
      encode: () => fold.decisions.encode(position.entries),
    })
    for (let first = 0; first < SLOTS; first += SLOTS_PER_FILE)
      files.push({
        key: slotsOf(folder, first),
        encode: () => {
          const part = fold.index.part(first, first + SLOTS_PER_FILE)
          return encodeIndexSnapshot({ index: part, position, fingerprint: name })
        },
      })
  }
  if (cutter !== undefined)
    files.push({
      key: passagesOf(folder),
      encode: () => {
        const { seen, options } = cutter
        return encodePassageSnapshot({ seen, position, fingerprint: passageFingerprint(options) })
      },
    })
  return files
}

/** Leaves the newest finished snapshots, the one just written among them, and removes all others. */
async function removeOldSnapshots(index: ObjectStore, written: string): Promise<void> {
  const others: string[] = []
  const kept = [written]
  for (const folder of await snapshotFolders(index)) {
    if (folder === written) continue
    const finished = (await index.head(manifestOf(folder))) !== undefined
    if (finished && folder < written && kept.length < KEPT) kept.push(folder)
    else others.push(folder)
  }
  await removeSnapshots(index, others)
}

/** Folders of all snapshots, finished or not, the newest first. */
export async function snapshotFolders(index: ObjectStore): Promise<string[]> {
  const folders = new Set<string>()
  for await (const { key } of index.list(indexLayout.snapshots))
    folders.add(key.slice(0, key.lastIndexOf('/') + 1))
  return [...folders].sort().reverse()
}

/** What a finished snapshot says of itself; undefined when it is unfinished or cannot be read. */
export async function describeSnapshot(
  index: ObjectStore,
  folder: string,
): Promise<SnapshotManifest | undefined> {
  if ((await index.head(manifestOf(folder))) === undefined) return undefined
  try {
    return JSON.parse(Buffer.from(await index.get(manifestOf(folder))).toString('utf8'))
  } catch {
    return undefined
  }
}

/** Removes snapshots, the manifest first: one that is half removed counts no more. */
export async function removeSnapshots(
  index: ObjectStore,
  folders: readonly string[],
): Promise<void> {
  for (const folder of folders) {
    await index.delete(manifestOf(folder))
    for await (const { key } of index.list(folder)) await index.delete(key)
  }
}

export interface LoadedSnapshot {
  readonly fold: Fold
  readonly position: LogPosition
  /** See `SnapshotManifest.log`. */
  readonly log: string | undefined
  /** The passages seen, where those are deduplicated. */
  readonly seen: ExactSeenSet | undefined
}

/**
 * The newest snapshot that can be read and is not beyond `end` entries of the log. One that is unfinished, torn, changed
 * or made with other parameters is passed over, and said so to `skipped`.
 */
export async function loadSnapshot(
  index: ObjectStore,
  settings: IndexSettings,
  end: number,
  skipped: (message: string) => void = () => {},
): Promise<LoadedSnapshot | undefined> {
  for (const folder of await snapshotFolders(index)) {
    if ((await index.head(manifestOf(folder))) === undefined) continue
    try {
      const snapshot = await readSnapshot(index, folder, settings)
      if (snapshot.position.entries <= end) return snapshot
      skipped(
        `${index.uri}/${folder} is of ${snapshot.position.entries} log entries, there are ${end}`,
      )
    } catch (error) {
      if (!(error instanceof CorruptError || error instanceof StorageError)) throw error
      skipped(`${index.uri}/${folder} cannot be used: ${error.message}`)
    }
  }
  return undefined
}

async function readSnapshot(
  index: ObjectStore,
  folder: string,
  { kind, parameters, passages }: IndexSettings,
): Promise<LoadedSnapshot> {
  const { position, log } = parseManifest(
    await index.get(manifestOf(folder)),
    fingerprint(parameters),
  )
  const read = kind === 'bloom' ? readBloom : readExact
  const fold = await read(index, folder, parameters, position)
  const seen = passages && (await readPassages(index, folder, passages, position))
  return { fold, position, log, seen }
}

async function readBloom(
  index: ObjectStore,
  folder: string,
  parameters: DedupParameters,
  position: LogPosition,
): Promise<Fold> {
  const saved = decodeBloomSnapshot(await index.get(bloomOf(folder)))
  if (saved.fingerprint !== fingerprint(parameters) || !samePlace(saved.position, position))
    throw new CorruptError(`${bloomOf(folder)} is not part of this snapshot`)
  return new BloomFold(parameters, saved.index, position.ordinals)
}

async function readExact(
  index: ObjectStore,
  folder: string,
  parameters: DedupParameters,
  position: LogPosition,
): Promise<Fold> {
  const parts: DuplicateIndex[] = []
  for (let first = 0; first < SLOTS; first += SLOTS_PER_FILE) {
    const part = decodeIndexSnapshot(await index.get(slotsOf(folder, first)))
    if (
      part.index.firstSlot !== first ||
      part.index.endSlot !== first + SLOTS_PER_FILE ||
      part.fingerprint !== fingerprint(parameters) ||
      !samePlace(part.position, position)
    )
      throw new CorruptError(`${slotsOf(folder, first)} is not part of this snapshot`)
    parts.push(part.index)
  }
  const saved = Decisions.decode(await index.get(decisionsOf(folder)), parameters.against)
  if (!samePlace(saved.position, position))
    throw new CorruptError(`${decisionsOf(folder)} is not part of this snapshot`)
  return new LogFold(parameters, DuplicateIndex.join(parts), saved.decisions)
}

async function readPassages(
  index: ObjectStore,
  folder: string,
  options: PassageOptions,
  position: LogPosition,
): Promise<ExactSeenSet> {
  const saved = decodePassageSnapshot(await index.get(passagesOf(folder)))
  if (saved.fingerprint !== passageFingerprint(options) || !samePlace(saved.position, position))
    throw new CorruptError(`${passagesOf(folder)} is not part of this snapshot`)
  return saved.seen
}

function parseManifest(
  bytes: Uint8Array,
  name: string,
): { position: LogPosition; log: string | undefined } {
  let manifest: Partial<SnapshotManifest>
  try {
    manifest = JSON.parse(Buffer.from(bytes).toString('utf8')) as Partial<SnapshotManifest>
  } catch (cause) {
    throw new CorruptError('its manifest is no JSON', '', cause)
  }
  const { schema, parameters, entries, ordinals, log } = manifest
  if (schema !== 1 || typeof entries !== 'number' || typeof ordinals !== 'number')
    throw new CorruptError('its manifest has another form')
  if (parameters !== name) throw new CorruptError('it was made with other parameters')
  return { position: { entries, ordinals }, log }
}

function samePlace(a: LogPosition, b: LogPosition): boolean {
  return a.entries === b.entries && a.ordinals === b.ordinals
}

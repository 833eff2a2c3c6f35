import { CorruptError, StorageError } from '@winnow/core'
import {
  type DedupParameters,
  DuplicateIndex,
  decodeIndexSnapshot,
  encodeIndexSnapshot,
  fingerprint,
  type IndexSlot,
  SLOTS,
} from '@winnow/dedup'
import { indexLayout, type ObjectStore } from '@winnow/storage'

/** Slots per file: files begin at multiples of it, so that the next owners find whole files whatever their number. */
const SLOTS_PER_FILE = 16
/** Snapshots kept of each file: the newest, and the one before in case the newest cannot be read. */
const KEPT = 2
/** Bytes of a snapshot that are held in memory so that the work goes on while they are written. */
const MOST_CAPTURED = 256 << 20

/** Neighbouring slots that have read equally far. */
export interface IndexPart {
  readonly index: DuplicateIndex
  /** The next place in the log to read. */
  next: number
  /** Documents numbered up to there. */
  ordinals: number
}

interface SnapshotOptions {
  readonly index: ObjectStore
  readonly parameters: DedupParameters
  readonly firstSlot: number
  readonly endSlot: number
  readonly snapshotKeys: number
  readonly warn: (message: string) => void
}

interface StoredFile {
  readonly key: string
  readonly firstSlot: number
  readonly endSlot: number
  readonly position: number
}

const NAME = /^snapshots\/slots\/(\d{3})-(\d{3})\/(\d{12})\.wnix$/

async function storedFiles(index: ObjectStore): Promise<StoredFile[]> {
  const files: StoredFile[] = []
  for await (const { key } of index.list(indexLayout.slotSnapshots)) {
    const [, first, end, position] = NAME.exec(key) ?? []
    if (position === undefined) continue
    files.push({
      key,
      firstSlot: Number(first),
      endSlot: Number(end),
      position: Number(position),
    })
  }
  return files.sort((a, b) => b.position - a.position)
}

/**
 * Each slot of [firstSlot, endSlot) from its newest sound snapshot, or empty at the start of the log where there is none.
 * Slots that come from elsewhere in the log are parts of their own until they have caught up.
 */
export async function restoreParts(options: SnapshotOptions): Promise<IndexPart[]> {
  const { index, parameters, firstSlot, endSlot, warn } = options
  const wanted = fingerprint(parameters)
  const found = new Map<number, { slot: IndexSlot; next: number; ordinals: number }>()
  for (const file of await storedFiles(index)) {
    const slots = range(Math.max(firstSlot, file.firstSlot), Math.min(endSlot, file.endSlot))
    if (slots.every((slot) => found.has(slot))) continue
    try {
      const snapshot = decodeIndexSnapshot(await index.get(file.key))
      if (snapshot.fingerprint !== wanted) throw new CorruptError('it has other parameters')
      const { entries, ordinals } = snapshot.position
      for (const slot of slots)
        if (!found.has(slot))
          found.set(slot, { slot: snapshot.index.slot(slot), next: entries, ordinals })
    } catch (error) {
      if (!(error instanceof CorruptError || error instanceof StorageError)) throw error
      if (error instanceof StorageError && error.retryable) throw error
      warn(`${file.key} cannot be used: ${error.message}; the one before it or the log is taken`)
    }
  }
  const parts: IndexPart[] = []
  for (let from = firstSlot; from < endSlot; ) {
    const place = found.get(from)
    let to = from + 1
    while (to < endSlot && found.get(to)?.next === place?.next) to++
    const slots = place && range(from, to).map((slot) => found.get(slot)?.slot as IndexSlot)
    parts.push({
      index: new DuplicateIndex(parameters.chainLimit, from, to, slots),
      next: place?.next ?? 0,
      ordinals: place?.ordinals ?? 0,
    })
    from = to
  }
  return parts
}

function range(first: number, end: number): number[] {
  return Array.from({ length: Math.max(0, end - first) }, (_, i) => first + i)
}

/** Takes snapshots of an owner's slots as the log goes on. */
export class SlotSnapshots {
  /** When the last one was finished, milliseconds since 1970; 0 before. */
  takenAt = 0
  private keysSince = 0
  private work: Promise<void> | undefined
  private pending: { readonly key: string; readonly encode: () => Uint8Array }[] = []
  private readonly captured = new Map<string, Uint8Array>()

  constructor(private readonly options: SnapshotOptions) {}

  /** Counts keys; starts a snapshot when enough came, all slots have read equally far, and none is in work. */
  async keysCame(keys: number, parts: readonly IndexPart[]): Promise<void> {
    this.keysSince += keys
    if (this.keysSince >= this.options.snapshotKeys && parts.length === 1) await this.take(parts)
  }

  /** Must be awaited before the index changes: what is not written yet is kept as it is, or written if it is too much. */
  async beforeChange(): Promise<void> {
    if (this.pending.length === 0) return
    const [first] = this.pending
    if (first !== undefined && !this.captured.has(first.key)) {
      const sample = first.encode()
      this.captured.set(first.key, sample)
      if (sample.length * this.pending.length > MOST_CAPTURED) {
        await this.work
        return
      }
    }
    for (const { key, encode } of this.pending)
      if (!this.captured.has(key)) this.captured.set(key, encode())
  }

  /** Starts a snapshot, unless one is in work or nothing is new. */
  async take(parts: readonly IndexPart[]): Promise<void> {
    if (this.work !== undefined || this.keysSince === 0) return
    this.keysSince = 0
    const { parameters } = this.options
    const name = fingerprint(parameters)
    this.pending = parts.flatMap(({ index, next, ordinals }) =>
      filesOf(index.firstSlot, index.endSlot).map(([first, end]) => ({
        key: indexLayout.slotSnapshot(first, end, next),
        encode: () =>
          encodeIndexSnapshot({
            index: index.part(first, end),
            position: { entries: next, ordinals },
            fingerprint: name,
          }),
      })),
    )
    this.work = this.write()
      .catch((error: unknown) => {
        this.options.warn(
          `the index could not be saved, so a restart replays more of the log: ${(error as Error).message}`,
        )
      })
      .finally(() => {
        this.pending = []
        this.captured.clear()
        this.work = undefined
      })
  }

  /** Waits for the snapshot in work. */
  async settled(): Promise<void> {
    await this.work
  }

  private async write(): Promise<void> {
    const { index, firstSlot, endSlot } = this.options
    // The first file is encoded only after `take` has returned, so that `beforeChange` can still come first.
    await Promise.resolve()
    for (let file = this.pending[0]; file !== undefined; file = this.pending[0]) {
      const bytes = this.captured.get(file.key) ?? file.encode()
      this.pending.shift()
      this.captured.delete(file.key)
      await index.put(file.key, bytes)
    }
    this.takenAt = Date.now()
    await removeOlder(index, firstSlot, endSlot)
  }
}

/** Files of slots [first, end): cut at multiples of `SLOTS_PER_FILE`. */
function filesOf(first: number, end: number): [number, number][] {
  const files: [number, number][] = []
  for (let from = first; from < end; ) {
    const to = Math.min(end, (Math.floor(from / SLOTS_PER_FILE) + 1) * SLOTS_PER_FILE)
    files.push([from, to])
    from = to
  }
  return files
}

/** Removes the files whose every slot has `KEPT` newer ones, those written by earlier owners of other ranges among them. */
async function removeOlder(index: ObjectStore, first: number, end: number): Promise<void> {
  const newer = new Uint8Array(SLOTS)
  for (const file of await storedFiles(index)) {
    if (file.firstSlot >= end || file.endSlot <= first) continue
    const slots = range(file.firstSlot, file.endSlot)
    if (slots.every((slot) => (newer[slot] as number) >= KEPT)) await index.delete(file.key)
    else for (const slot of slots) newer[slot] = (newer[slot] as number) + 1
  }
}

import { CorruptError, StorageError } from '@winnow/core'
import {
  type Decision,
  ExactSeenSet,
  type LoggedShard,
  OrderLog,
  type OrderLogEntry,
  type RowTable,
  requireSameFingerprint,
  signatureFingerprint,
  sketchBytes,
} from '@winnow/dedup'
import {
  indexLayout,
  layout,
  type ObjectStore,
  openParquetObject,
  readUtf8Column,
} from '@winnow/storage'
import { writeDedupAttributes } from './dedup-attributes.js'
import {
  decodeMatches,
  encodeMatches,
  hasMatches,
  type IndexSettings,
  type StoredMatches,
} from './index-folder.js'
import { KeyFileReader } from './key-file-reader.js'
import { PassageCutter, type ShardCuts } from './passage-cutter.js'
import { RowReader } from './row-reader.js'
import { signAgain } from './signer.js'
import { type Fold, loadSnapshot, newFold, SnapshotInWork } from './snapshots.js'

export interface ResolverOptions extends IndexSettings {
  /** Where this run's documents and attributes are. */
  readonly store: ObjectStore
  /** The duplicate index. */
  readonly index: ObjectStore
  /** Name of this run in the log. */
  readonly run: string
  /** Keys after which the next snapshot is due, at least. */
  readonly snapshotKeys: number
  /** Told why a snapshot was passed over. */
  readonly warn?: (message: string) => void
}

/**
 * Follows the order log: the index and the resolution of all 256 slots in one process. Entries must be applied in the
 * order of the log; what comes out is a function of the log and the key files alone.
 */
export class LogResolver {
  private readonly log = new OrderLog()
  private readonly keyFiles: KeyFileReader
  private readonly rows: RowReader
  private readonly fingerprint: string
  private cutter: PassageCutter | undefined
  /** Cuts of shards of this run whose documents, or what earlier stages cut from them, may not be here yet. */
  private readonly waitingCuts = new Map<string, ShardCuts>()
  private replaying = true
  /** False while the log is ahead of the fold, and for good once an entry could not be applied: no snapshot then. */
  private inStep = true
  private snapshot: SnapshotInWork | undefined
  /** Keys inserted since the last snapshot. */
  private keysSince = 0

  private constructor(
    private readonly options: ResolverOptions,
    private fold: Fold,
  ) {
    this.fingerprint = signatureFingerprint(options.parameters)
    this.keyFiles = new KeyFileReader(options.index, this.fingerprint)
    this.rows = new RowReader(options.index)
    if (options.passages !== undefined)
      this.cutter = new PassageCutter(options.index, options.passages, new ExactSeenSet())
  }

  /**
   * Takes up the log where the newest good snapshot leaves off.
   *
   * @param entries all of the log.
   */
  static async open(
    options: ResolverOptions,
    entries: readonly OrderLogEntry[],
  ): Promise<LogResolver> {
    const resolver = new LogResolver(options, newFold(options))
    const known = await resolver.loadSnapshot(entries)
    for (const entry of entries.slice(known)) await resolver.apply(entry)
    resolver.replaying = false
    return resolver
  }

  /** Takes over a snapshot, if there is a good one; returns the entries of the log that it knows. */
  private async loadSnapshot(entries: readonly OrderLogEntry[]): Promise<number> {
    const { store, index, passages, run, warn } = this.options
    const snapshot = await loadSnapshot(index, this.options, entries.length, warn)
    if (snapshot === undefined) return 0
    const known = entries.slice(0, snapshot.position.entries)
    const trial = new OrderLog()
    for (const entry of known) trial.append(entry)
    const another = snapshot.log !== undefined && snapshot.log !== trial.chain
    if (another || trial.position.ordinals !== snapshot.position.ordinals) {
      warn?.('the snapshot of the index is of another order log; the log is replayed')
      return 0
    }
    // What the snapshot's entries decided cannot be had from it: should it be lost, the log is replayed.
    for (const { run: owner, shard } of known) {
      if (owner !== run) continue
      const logged = trial.find(run, shard)
      if (logged !== undefined && !(await hasMatches(index, logged))) return 0
      const cut = passages === undefined || (await store.head(layout.attributes('dedup', shard)))
      if (cut === undefined) return 0
    }
    for (const entry of known) this.log.append(entry)
    this.fold = snapshot.fold
    if (passages !== undefined && snapshot.seen !== undefined)
      this.cutter = new PassageCutter(index, passages, snapshot.seen)
    return known.length
  }

  /** Distinct keys and bytes held by the index, and documents it knows. */
  get size(): { keys: number; bytes: number; documents: number } {
    const { keys, bytes, ordinals } = this.fold
    return { keys, bytes, documents: ordinals }
  }

  /** All shards, in the order of the log. */
  get shards(): readonly LoggedShard[] {
    return this.log.all()
  }

  /** True when the shard of this run has its place in the log. */
  has(shard: string): boolean {
    return this.log.find(this.options.run, shard) !== undefined
  }

  /** The entry that puts a signed shard into the log. Throws when its key file cannot be read. */
  async entry(shard: string, keyFile: string): Promise<OrderLogEntry> {
    const { rows } = await this.keyFiles.header(keyFile)
    return { schema: 1, run: this.options.run, shard, keyFile, rows, fingerprint: this.fingerprint }
  }

  /**
   * Takes the next entry of the log: looks its keys up, inserts them, decides, and stores the pairs; with passages also the
   * attributes of a shard of this run, whose cuts nobody else knows.
   */
  async apply(entry: OrderLogEntry): Promise<void> {
    requireSameFingerprint(
      this.fingerprint,
      entry.fingerprint,
      `shard ${entry.shard} in the order log`,
    )
    const file = await this.orAgain(entry, () => this.keyFiles.read(entry.keyFile))
    const passages = await this.orAgain(entry, async () =>
      this.cutter?.read(entry.run, entry.shard),
    )
    const logged = this.log.append(entry)
    if (logged === undefined) return
    this.inStep = false
    await this.snapshot?.capture()
    const { parameters, index, run } = this.options
    const { decision, edges } = await this.fold.resolve(file.entries, file.table, (ordinals) =>
      this.keyFiles.records(this.log, ordinals, sketchBytes(parameters)),
    )
    // Those of another log, left by a kill while an index was made again, are written over.
    if (!(await hasMatches(index, logged)))
      await index.put(
        indexLayout.matches(entry.run, entry.shard),
        encodeMatches(edges, decision, logged),
      )
    const cuts = passages && this.cutter?.next(passages, decision)
    if (cuts !== undefined && entry.run === run)
      await this.storeCuts(entry.shard, decision, file.table, cuts)
    this.inStep = true
    this.keysSince += file.header.entries
    if (this.keysSince >= this.options.snapshotKeys) this.takeSnapshot()
  }

  /** Writes the attributes of a shard of this run with its cuts, unless they are there. */
  private async storeCuts(
    shard: string,
    decision: Decision,
    { documentRow }: RowTable,
    cuts: ShardCuts,
  ): Promise<void> {
    const { store, parameters, run } = this.options
    if ((await store.head(layout.attributes('dedup', shard))) !== undefined) return
    // In a folder that lost files, documents and earlier cuts come first: the shard asks for its cuts then.
    const documents = layout.documents(shard)
    if (this.replaying || (await store.head(documents)) === undefined) {
      this.waitingCuts.set(shard, cuts)
      return
    }
    const ids = await readUtf8Column(await openParquetObject(store, documents), 'id')
    const { log, rows, cutter } = this
    await writeDedupAttributes(
      { store, parameters, log, rows },
      { run, shard },
      {
        decision,
        documentRow,
        ids,
        cut: async (part) => cutter?.cut(part, cuts, store, shard, documentRow) ?? part,
      },
    )
  }

  /** Reads a file of the index. One of this run that was damaged or lost is made again: it follows from the documents. */
  private async orAgain<Content>(
    { run, shard }: OrderLogEntry,
    read: () => Promise<Content>,
  ): Promise<Content> {
    try {
      return await read()
    } catch (error) {
      if (!(error instanceof CorruptError || error instanceof StorageError)) throw error
      const { store, index } = this.options
      if (run !== this.options.run)
        throw new CorruptError(
          `the index ${index.uri} has lost what it knows of shard ${shard} of run ${run}: ${error.message}`,
          'put the file back from a copy, or start a new index in an empty folder',
          error,
        )
      await signAgain(store, index, this.options, { run, shard })
      return read()
    }
  }

  /**
   * Makes sure that the cuts of a shard of this run that has its place in the log are stored, also where its attributes were
   * lost. Nothing to do where passages are not deduplicated.
   */
  async ensureCuts(shard: string): Promise<void> {
    const { store, run } = this.options
    if (this.cutter === undefined) return
    if ((await store.head(layout.attributes('dedup', shard))) !== undefined) return
    const cuts = this.waitingCuts.get(shard)
    if (cuts === undefined) throw new RangeError(`nothing is known of the cuts of shard ${shard}`)
    const { decision } = await this.matches(run, shard)
    const { table } = await this.keyFiles.read(indexLayout.keyFile(run, shard))
    await this.storeCuts(shard, decision, table, cuts)
    this.waitingCuts.delete(shard)
  }

  /** The stored pairs of a shard in the log. */
  async matches(run: string, shard: string): Promise<StoredMatches> {
    const logged = this.log.find(run, shard)
    if (logged === undefined) throw new RangeError(`shard ${shard} of run ${run} is not in the log`)
    const key = indexLayout.matches(run, shard)
    return decodeMatches(key, await this.options.index.get(key), logged.rows)
  }

  private takeSnapshot(): void {
    if (this.snapshot !== undefined || !this.inStep) return
    this.keysSince = 0
    const state = { fold: this.fold, cutter: this.cutter }
    const work = new SnapshotInWork(this.options.index, state, this.log.position, this.log.chain)
    this.snapshot = work
    work.done
      .catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error)
        this.options.warn?.(
          `the index could not be saved, so the next run replays more of the log: ${reason}`,
        )
      })
      .finally(() => {
        this.snapshot = undefined
      })
  }

  /** Waits for a snapshot in work, and takes one if many keys came since the last, or any and one is wanted. */
  async close(options: { snapshot?: boolean } = {}): Promise<void> {
    await this.snapshot?.done.catch(() => {})
    const due =
      options.snapshot === true
        ? this.keysSince > 0
        : this.keysSince * CLOSING_SHARE >= this.options.snapshotKeys
    if (due) this.takeSnapshot()
    await this.snapshot?.done.catch(() => {})
  }
}

/** At the end of a run a snapshot is worth its while for so many times fewer keys than in the middle. */
const CLOSING_SHARE = 4

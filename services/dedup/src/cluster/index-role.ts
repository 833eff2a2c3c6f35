import type { LogEntry, OrderedLog } from '@winnow/bus'
import { CorruptError, StorageError } from '@winnow/core'
import {
  type DedupParameters,
  DuplicateIndex,
  decodeEntries,
  ENTRY_WORDS,
  encodeSlotMatches,
  KEY_FILE_HEAD_BYTES,
  type LoggedShard,
  OrderLog,
  readKeyFileHeader,
  requireSameFingerprint,
  SLOTS,
  signatureFingerprint,
  slotRange,
} from '@winnow/dedup'
import { indexLayout, type ObjectStore } from '@winnow/storage'
import { type AnswerMessage, decodeClusterEntry, followLog } from './cluster-log.js'
import { readAhead } from './read-ahead.js'
import { type IndexPart, restoreParts, SlotSnapshots } from './slot-snapshots.js'

/** Entries whose keys are read ahead. */
const READ_AHEAD = 4

export interface IndexRoleOptions {
  /** The duplicate index. */
  readonly index: ObjectStore
  /** `winnow.dedup-order`. */
  readonly log: OrderedLog
  /** `winnow.dedup-matches`. */
  readonly answers: OrderedLog
  readonly parameters: DedupParameters
  /** Owns slots [firstSlot, endSlot). */
  readonly firstSlot: number
  readonly endSlot: number
  /** Keys after which the next snapshot is due. */
  readonly snapshotKeys: number
  readonly warn: (message: string) => void
  /** Makes a key file again that was lost or damaged, from the shard's documents. */
  readonly signAgain: (shard: LoggedShard) => Promise<void>
  /** Called again until it resolves, with pauses: what to do when the work of an entry fails. */
  readonly retry: <T>(what: string, work: () => Promise<T>) => Promise<T>
}

/** Slots [first, end) of a cluster of `workers` that its worker number `ordinal`, from 0, owns. */
export function slotsOfWorker(
  ordinal: number,
  workers: number,
): { firstSlot: number; endSlot: number } {
  return {
    firstSlot: Math.floor((SLOTS * ordinal) / workers),
    endSlot: Math.floor((SLOTS * (ordinal + 1)) / workers),
  }
}

/**
 * The `index` role: follows the order log, looks up and inserts the keys of its slots, and answers each entry with the
 * matches it found. All it stores is a function of the log up to there, so that two processes that both believe they own a
 * slot write the same bytes under the same names, and none can harm the other.
 */
export class IndexRole {
  private readonly shards = new OrderLog()
  private readonly fingerprint: string
  private next = 0
  private caughtUp = false

  private constructor(
    private readonly options: IndexRoleOptions,
    private parts: IndexPart[],
    private readonly snapshots: SlotSnapshots,
  ) {
    this.fingerprint = signatureFingerprint(options.parameters)
  }

  /** Takes over the newest sound snapshot of each of its slots. */
  static async open(options: IndexRoleOptions): Promise<IndexRole> {
    const parts = await restoreParts(options)
    return new IndexRole(options, parts, new SlotSnapshots(options))
  }

  /** True once the log that was there at the start is read. */
  get ready(): boolean {
    return this.caughtUp
  }

  /** Next place in the log; keys and bytes held; when the last snapshot was taken, milliseconds since 1970, 0 for never. */
  get state(): { position: number; keys: number; bytes: number; snapshotAt: number } {
    const indexes = this.parts.map(({ index }) => index)
    return {
      position: this.next,
      keys: indexes.reduce((sum, { keys }) => sum + keys, 0),
      bytes: indexes.reduce((sum, { bytes }) => sum + bytes, 0),
      snapshotAt: this.snapshots.takenAt,
    }
  }

  /** Follows the log until `signal` is aborted; then takes a snapshot and returns. */
  async run(signal: AbortSignal): Promise<void> {
    const { log } = this.options
    const entries = followLog(log, 0, signal, () => {
      this.caughtUp = true
    })
    for await (const work of readAhead(entries, READ_AHEAD, (entry) => this.begin(entry))) {
      if (signal.aborted) break
      await this.take(work)
    }
    await this.snapshots.take(this.parts)
    await this.snapshots.settled()
  }

  /** Numbers the entry, and reads its keys. Must be called in the order of the log. */
  private async begin({ position, value }: LogEntry): Promise<Work> {
    const shard = this.place(position, value)
    if (shard === undefined || this.parts.every(({ next }) => next > position)) return { position }
    const { retry } = this.options
    const entries = await retry(`shard ${shard.shard} of run ${shard.run}`, () =>
      this.keysOf(shard),
    )
    return { position, shard, entries }
  }

  /** The shard of an entry; undefined when it stands in the log before, or is no entry: every reader skips those alike. */
  private place(position: number, value: string): LoggedShard | undefined {
    try {
      const { entry } = decodeClusterEntry(value, `entry ${position} of the order log`)
      requireSameFingerprint(
        this.fingerprint,
        entry.fingerprint,
        `shard ${entry.shard} in the order log`,
      )
      return this.shards.append(entry)
    } catch (error) {
      this.options.warn(`${(error as Error).message}; the entry is passed over`)
      return undefined
    }
  }

  /** The entries of the key file in the slots owned here. */
  private async keysOf(shard: LoggedShard): Promise<Uint32Array> {
    try {
      return await this.readKeys(shard.keyFile)
    } catch (error) {
      const lost =
        error instanceof CorruptError || (error instanceof StorageError && !error.retryable)
      if (!lost) throw error
      this.options.warn(`${shard.keyFile}: ${error.message}; it is made again`)
      await this.options.signAgain(shard)
      return this.readKeys(shard.keyFile)
    }
  }

  private async readKeys(keyFile: string): Promise<Uint32Array> {
    const { index, firstSlot, endSlot } = this.options
    const header = readKeyFileHeader(await index.read(keyFile, 0, KEY_FILE_HEAD_BYTES))
    requireSameFingerprint(this.fingerprint, header.fingerprint, keyFile)
    const { start, end } = slotRange(header, firstSlot, endSlot)
    const bytes = start === end ? new Uint8Array(0) : await index.read(keyFile, start, end - start)
    return decodeEntries(header, firstSlot, endSlot, bytes)
  }

  private async take({ position, shard, entries }: Work): Promise<void> {
    for (const part of this.parts) {
      if (part.next > position) continue
      if (shard !== undefined && entries !== undefined)
        await this.answer(part, position, shard, entries)
      part.next = position + 1
      part.ordinals = this.ordinalsAfter(shard, part.ordinals)
    }
    this.next = position + 1
    this.parts = joinEqual(this.parts)
    if (entries !== undefined)
      await this.snapshots.keysCame(entries.length / ENTRY_WORDS, this.parts)
  }

  private ordinalsAfter(shard: LoggedShard | undefined, before: number): number {
    return shard === undefined ? before : shard.base + shard.rows
  }

  private async answer(
    { index }: IndexPart,
    position: number,
    shard: LoggedShard,
    entries: Uint32Array,
  ): Promise<void> {
    const { firstSlot, endSlot } = index
    await this.snapshots.beforeChange()
    const own = entriesOfSlots(entries, firstSlot, endSlot)
    const matches = index.insert(own, shard.base)
    const key = indexLayout.answer(position, firstSlot, endSlot)
    const bytes = encodeSlotMatches({ entry: position, firstSlot, endSlot, matches })
    const message: AnswerMessage = {
      schema: 1,
      run: shard.run,
      shard: shard.shard,
      entry: position,
      firstSlot,
      endSlot,
      matches: matches.count,
      answer: key,
    }
    const { index: store, answers, retry } = this.options
    await retry(`matches of entry ${position}`, async () => {
      await store.put(key, bytes)
      await answers.append(JSON.stringify(message))
    })
  }
}

interface Work {
  readonly position: number
  /** Absent where there is nothing to look up. */
  readonly shard?: LoggedShard
  readonly entries?: Uint32Array
}

/** Entries of slots [first, end) of some that are sorted by slot. */
function entriesOfSlots(entries: Uint32Array, first: number, end: number): Uint32Array {
  const before = (slot: number): number => {
    let low = 0
    let high = entries.length / ENTRY_WORDS
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((entries[ENTRY_WORDS * middle + 1] as number) >>> 24 < slot) low = middle + 1
      else high = middle
    }
    return ENTRY_WORDS * low
  }
  return entries.subarray(before(first), before(end))
}

/** Neighbours that have read equally far go on as one. */
function joinEqual(parts: readonly IndexPart[]): IndexPart[] {
  const joined: IndexPart[] = []
  for (const part of parts) {
    const last = joined.at(-1)
    if (last?.next === part.next)
      joined[joined.length - 1] = { ...last, index: DuplicateIndex.join([last.index, part.index]) }
    else joined.push(part)
  }
  return joined
}

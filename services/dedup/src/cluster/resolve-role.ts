import type { LogEntry, OrderedLog } from '@winnow/bus'
import {
  CorruptError,
  countVerdicts,
  hash64,
  type ShardMessage,
  StorageError,
  TOPICS,
  type Topic,
  type VerdictCount,
} from '@winnow/core'
import {
  type Decision,
  Decisions,
  type DedupParameters,
  decodeRows,
  decodeSlotMatches,
  encodeLogLine,
  joinSlotMatches,
  type LoggedShard,
  OrderLog,
  planVerification,
  type RowTable,
  requireSameFingerprint,
  rowRange,
  SLOTS,
  type SlotMatches,
  signatureFingerprint,
  sketchBytes,
  verifyPairs,
} from '@winnow/dedup'
import {
  indexLayout,
  layout,
  type ObjectStore,
  openParquetObject,
  readUtf8Column,
} from '@winnow/storage'
import { writeDedupAttributes } from '../dedup-attributes.js'
import { encodeMatches, hasMatches } from '../index-folder.js'
import { KeyFileReader } from '../key-file-reader.js'
import { RowReader } from '../row-reader.js'
import {
  type AnswerMessage,
  type ClusterLogEntry,
  decodeAnswer,
  decodeClusterEntry,
  followLog,
} from './cluster-log.js'
import {
  type Replica,
  type ResolvePosition,
  restoreDecisions,
  storeDecisions,
} from './decision-snapshots.js'

export interface ResolveRoleOptions extends Replica {
  /** The duplicate index. */
  readonly index: ObjectStore
  /** Where a run's documents and attributes are. */
  readonly storeOf: (run: string) => ObjectStore
  /** `winnow.dedup-order`. */
  readonly log: OrderedLog
  /** `winnow.dedup-matches`. */
  readonly answers: OrderedLog
  readonly parameters: DedupParameters
  /** Shards after which the next snapshot of the decisions is due. */
  readonly snapshotShards: number
  readonly warn: (message: string) => void
  readonly retry: <T>(what: string, work: () => Promise<T>) => Promise<T>
  /** Takes a shard on whose attributes are stored; resolves when the message is safely published. */
  readonly forward: (message: ShardMessage, decided: Decided) => Promise<void>
  /** Told of what stands on the logs and is no entry or no answer. */
  readonly unreadable: (message: UnreadableEntry, error: Error) => Promise<void>
}

/** What became of a shard, for those who count. */
export interface Decided {
  readonly documents: number
  readonly kept: number
  /** Empty where it was decided before. */
  readonly verdicts: readonly VerdictCount[]
}

/** What cannot be read, and where it stands. */
export interface UnreadableEntry extends LogEntry {
  readonly topic: Topic
}

interface Waiting {
  readonly position: number
  readonly cluster: ClusterLogEntry
  readonly shard: LoggedShard
}

/** An answer that is stored, and where its message stands. */
interface Answered {
  readonly message: AnswerMessage
  readonly place: number
}

/**
 * The `resolve` role: waits until every slot has answered an entry, verifies its pairs, decides in the order of the log, and
 * writes the attributes. All replicas decide everything; each writes and sends on its share of the shards.
 */
export class ResolveRole {
  private readonly shards = new OrderLog()
  private readonly fingerprint: string
  private readonly keyFiles: KeyFileReader
  private readonly rows: RowReader
  private readonly waiting: Waiting[] = []
  private readonly answered = new Map<number, Answered[]>()
  /** The next entry to decide, and the next answer to read. */
  private next: number
  private nextAnswer: number
  private snapshotAt: number
  private takenAt = 0
  private logCaughtUp = false
  private wake: () => void = () => {}

  private constructor(
    private readonly options: ResolveRoleOptions,
    private readonly decisions: Decisions,
    start: ResolvePosition,
  ) {
    this.fingerprint = signatureFingerprint(options.parameters)
    this.keyFiles = new KeyFileReader(options.index, this.fingerprint)
    this.rows = new RowReader(options.index)
    this.next = start.entries
    this.snapshotAt = start.entries
    this.nextAnswer = start.answers
  }

  /** Takes over the newest sound snapshot of the decisions. */
  static async open(options: ResolveRoleOptions): Promise<ResolveRole> {
    const { index, parameters, warn } = options
    const restored = await restoreDecisions(index, options, parameters.against, warn)
    const { decisions, position } = restored ?? {
      decisions: new Decisions(parameters.against),
      position: { entries: 0, answers: 0 },
    }
    return new ResolveRole(options, decisions, position)
  }

  /** True once the log that was there at the start is read. */
  get ready(): boolean {
    return this.logCaughtUp
  }

  get state(): { position: number; waiting: number; documents: number; snapshotAt: number } {
    return {
      position: this.next,
      waiting: this.waiting.length,
      documents: this.decisions.ordinals,
      snapshotAt: this.takenAt,
    }
  }

  /** Decides until `signal` is aborted, then takes a snapshot and returns. */
  async run(signal: AbortSignal): Promise<void> {
    const stop = new AbortController()
    const either = AbortSignal.any([signal, stop.signal])
    either.addEventListener('abort', () => this.wake(), { once: true })
    const readers = [this.readLog(either), this.readAnswers(either)]
    let failure: unknown
    for (const reader of readers)
      reader.catch((error: unknown) => {
        failure ??= error
        stop.abort()
      })
    while (!either.aborted) {
      const head = this.waiting[0]
      const answers = head && this.answersTo(head.position)
      if (head === undefined || answers === undefined) {
        await new Promise<void>((resolve) => {
          this.wake = resolve
          if (either.aborted) resolve()
        })
        continue
      }
      await this.decide(head, answers)
      this.waiting.shift()
      this.answered.delete(head.position)
      this.next = head.position + 1
      if (this.next - this.snapshotAt >= this.options.snapshotShards) await this.takeSnapshot()
    }
    stop.abort()
    await Promise.allSettled(readers)
    if (failure !== undefined) throw failure
    await this.takeSnapshot()
  }

  private async readLog(signal: AbortSignal): Promise<void> {
    const caughtUp = () => {
      this.logCaughtUp = true
    }
    for await (const entry of followLog(this.options.log, 0, signal, caughtUp))
      await this.place(entry)
  }

  private async place({ position, value }: LogEntry): Promise<void> {
    const where = `entry ${position} of the order log`
    const { index, ordinal, retry, unreadable, warn } = this.options
    let cluster: ClusterLogEntry
    let shard: LoggedShard | undefined
    try {
      cluster = decodeClusterEntry(value, where)
      const { entry } = cluster
      requireSameFingerprint(
        this.fingerprint,
        entry.fingerprint,
        `shard ${entry.shard} in the order log`,
      )
      shard = this.shards.append(entry)
    } catch (error) {
      warn(`${(error as Error).message}; the entry is passed over`)
      if (position >= this.next && ordinal === 0)
        await unreadable({ topic: TOPICS.dedupOrder, position, value }, error as Error)
      return
    }
    if (position < this.next) return
    if (shard === undefined) {
      // Delivered twice: what follows from the first time is sent on again, in case it was lost.
      const first = this.shards.find(cluster.entry.run, cluster.entry.shard)
      if (first !== undefined) this.repeat(cluster)
      return
    }
    await retry(where, () =>
      index.put(indexLayout.orderEntry(position), Buffer.from(encodeLogLine(cluster.entry))),
    )
    this.waiting.push({ position, cluster, shard })
    this.wake()
  }

  /** A shard that was fed again after it was decided: it needs no decision, but whoever fed it waits for the next message. */
  private repeat({ message }: ClusterLogEntry): void {
    if (!this.isMine(message.shard)) return
    const { storeOf, retry, forward } = this.options
    const key = layout.attributes('dedup', message.shard)
    void retry(`shard ${message.shard}`, async () => {
      if ((await storeOf(message.run).head(key)) === undefined) return
      const next = { ...message, attributes: { ...message.attributes, dedup: key } }
      await forward(next, { documents: 0, kept: 0, verdicts: [] })
    }).catch(() => {})
  }

  private async readAnswers(signal: AbortSignal): Promise<void> {
    const { answers, warn } = this.options
    for await (const { position, value } of followLog(answers, this.nextAnswer, signal, () => {})) {
      this.nextAnswer = position + 1
      try {
        const message = decodeAnswer(value, `message ${position} of the matches`)
        if (message.entry < this.next) continue
        const others = this.answered.get(message.entry) ?? []
        others.push({ message, place: position })
        this.answered.set(message.entry, others)
        this.wake()
      } catch (error) {
        if (!(error instanceof CorruptError)) throw error
        warn(`${error.message}; it is passed over`)
        if (this.options.ordinal === 0)
          await this.options.unreadable({ topic: TOPICS.dedupMatches, position, value }, error)
      }
    }
  }

  /** Keys of the answers that cover every slot; undefined while one is missing. */
  private answersTo(entry: number): string[] | undefined {
    const covered = new Uint8Array(SLOTS)
    const keys: string[] = []
    for (const { message } of this.answered.get(entry) ?? []) {
      const { firstSlot, endSlot, answer } = message
      if (!covered.subarray(firstSlot, endSlot).includes(0)) continue
      covered.fill(1, firstSlot, endSlot)
      keys.push(answer)
    }
    return covered.includes(0) ? undefined : keys
  }

  private async decide({ position, cluster, shard }: Waiting, answers: string[]): Promise<void> {
    const { index, parameters, retry } = this.options
    const { edges, table } = await retry(`entry ${position} of the order log`, async () => {
      const [parts, table] = await Promise.all([
        Promise.all(answers.map((key) => this.readAnswer(key))),
        this.tableOf(shard),
      ])
      const matches = joinSlotMatches(parts)
      if (matches === undefined)
        throw new CorruptError(`the answers to entry ${position} are not whole`)
      const plan = planVerification(matches, shard.base, shard.rows, parameters)
      const width = sketchBytes(parameters)
      const earlier = await this.keyFiles.records(this.shards, plan.ordinals, width)
      return { edges: verifyPairs(plan, table, earlier, parameters), table }
    })
    const decision = this.decisions.decide(shard.rows, edges)
    if (!this.isMine(shard.shard)) return
    await retry(`shard ${shard.shard} of run ${shard.run}`, async () => {
      const key = indexLayout.matches(shard.run, shard.shard)
      if (!(await hasMatches(index, shard)))
        await index.put(key, encodeMatches(edges, decision, shard))
      const verdicts = await this.writeAttributes(shard, table, decision)
      const dedup = layout.attributes('dedup', shard.shard)
      const { message } = cluster
      const kept = decision.duplicateOf.reduce((sum, earlier) => sum + (earlier < 0 ? 1 : 0), 0)
      const next = { ...message, attributes: { ...message.attributes, dedup } }
      await this.options.forward(next, { documents: shard.rows, kept, verdicts })
    })
  }

  private async readAnswer(key: string): Promise<SlotMatches> {
    return decodeSlotMatches(await this.options.index.get(key), key)
  }

  private async tableOf({ keyFile, rows }: LoggedShard): Promise<RowTable> {
    const header = await this.keyFiles.header(keyFile)
    const { start, end } = rowRange(header, 0, rows)
    const bytes =
      start === end ? new Uint8Array(0) : await this.options.index.read(keyFile, start, end - start)
    return decodeRows(header, 0, rows, bytes)
  }

  private async writeAttributes(
    { run, shard }: LoggedShard,
    { documentRow }: RowTable,
    decision: Decision,
  ): Promise<VerdictCount[]> {
    const store = this.options.storeOf(run)
    if ((await store.head(layout.attributes('dedup', shard))) !== undefined) return []
    const ids = await readUtf8Column(await openParquetObject(store, layout.documents(shard)), 'id')
    const { parameters } = this.options
    const target = { store, parameters, log: this.shards, rows: this.rows }
    return countVerdicts(
      await writeDedupAttributes(target, { run, shard }, { decision, documentRow, ids }),
    )
  }

  private isMine(shard: string): boolean {
    const { ordinal, replicas } = this.options
    return Number(hash64(Buffer.from(shard)) % BigInt(replicas)) === ordinal
  }

  /** Where the messages of answers that are not used yet begin. */
  private get answersFrom(): number {
    let from = this.nextAnswer
    for (const answers of this.answered.values())
      for (const { place } of answers) from = Math.min(from, place)
    return from
  }

  private async takeSnapshot(): Promise<void> {
    if (this.next === this.snapshotAt) return
    const position = { entries: this.next, answers: this.answersFrom }
    try {
      await storeDecisions(this.options.index, this.options, this.decisions, position)
      this.snapshotAt = this.next
      this.takenAt = Date.now()
    } catch (error) {
      if (!(error instanceof StorageError)) throw error
      this.options.warn(
        `the decisions could not be saved, so a restart replays more of the log: ${error.message}`,
      )
    }
  }
}

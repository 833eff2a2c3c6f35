import type { BusMessage, MessageBus, OrderedLog } from '@winnow/bus'
import { type DeadLetter, type ShardMessage, TOPICS, type UnreadableLetter } from '@winnow/core'
import { letterId } from '@winnow/core/messages'
import { encodeClusterEntry } from '@winnow/dedup-service/cluster'
import {
  type Failure,
  Handover,
  LiveCounters,
  type ProcessResult,
  type ShardMemory,
  StageRunner,
  type TaskPool,
  type ThreadPool,
  type WorkerRole,
} from '@winnow/runtime'
import type { WorkerContext } from '../embedded/worker.js'
import { parameterFingerprint } from './index-settings.js'
import { consumedBy, type ShardRole, topicAfter } from './routes.js'
import type { RunStores } from './run-stores.js'

/** Tries of a shard whose fault is its own; what the store or the broker does is not counted. */
const RETRIES = { retries: 4, minPause: 500, maxPause: 30_000 }

export interface ShardServiceOptions {
  readonly role: ShardRole
  readonly bus: MessageBus
  /** `winnow.dedup-order`, for `dedup-sign`. */
  readonly log: OrderedLog | undefined
  readonly stores: RunStores
  readonly threads: ThreadPool
  /** Shards in work at once. */
  readonly concurrency: number
  readonly signal: AbortSignal
  readonly events: ShardServiceEvents
}

export interface ShardServiceEvents {
  /** How many shards are in work now. */
  inFlight(shards: number): void
  /** `seconds` since the shard was taken, tries that failed included. */
  done(result: ProcessResult, seconds: number): void
  retry(shard: string, attempt: number, failure: Failure): void
  dead(letter: DeadLetter): void
  unreadable(message: BusMessage, failure: Failure): void
  /** Its run was cancelled. */
  skipped(message: ShardMessage): void
  fatal(failure: Failure): void
}

/** One of the stateless roles as a service: consumes its topic, works in threads, and publishes to the next. */
export function shardService(options: ShardServiceOptions): StageRunner {
  const { role, bus, stores, events, signal, concurrency } = options
  return new StageRunner({
    role,
    consumes: consumedBy(role),
    bus,
    pool: new RunPool(options),
    // Shards go on to other machines: nothing is handed over in memory.
    handover: new Handover(0),
    concurrency,
    retry: RETRIES,
    outlast: (failure) => failure.code === 'WINNOW_STORAGE' && failure.retryable,
    signal,
    skip: async (message) => {
      const cancelled = await stores.cancelled.has(message.run)
      if (cancelled) events.skipped(message)
      return cancelled
    },
    forward: (result) => forward(options, result),
    events: {
      inFlight: (shards) => events.inFlight(shards),
      done: (_, result, seconds) => events.done(result, seconds),
      retry: (_, shard, attempt, failure) => events.retry(shard, attempt, failure),
      fatal: (failure) => events.fatal(failure),
      dead: async (letter) => {
        await bus.publish([
          { topic: TOPICS.deadLetters, key: letter.shard, value: JSON.stringify(letter) },
        ])
        events.dead(letter)
      },
      unreadable: async (message, failure) => {
        await bus.publish([letterOfUnreadable(role, message, failure)])
        events.unreadable(message, failure)
      },
    },
  })
}

/** Runs each shard with the settings of its run. */
class RunPool implements TaskPool {
  private readonly counters = new LiveCounters()

  constructor(private readonly options: Pick<ShardServiceOptions, 'stores' | 'threads'>) {}

  async run(role: WorkerRole, message: ShardMessage, memory: ShardMemory | undefined) {
    const { stores, threads } = this.options
    const context: WorkerContext = {
      config: await stores.config(message.run),
      ...stores.addresses(message.run),
      counters: this.counters.shared,
    }
    return threads.run(role, message, memory, context)
  }

  async close(): Promise<void> {}
}

async function forward(options: ShardServiceOptions, { message }: ProcessResult): Promise<void> {
  const { role, bus, log, stores } = options
  const config = await stores.config(message.run)
  if (role === 'dedup-sign') {
    const { shard, run, keyFile, signedRows } = message
    if (log === undefined || keyFile === undefined || signedRows === undefined)
      throw new RangeError(`shard ${shard} was not signed`)
    const fingerprint = parameterFingerprint(config)
    const entry = { schema: 1, run, shard, keyFile, rows: signedRows, fingerprint } as const
    await log.append(encodeClusterEntry({ entry, message }))
    return
  }
  await bus.publish([
    { topic: topicAfter(role, config), key: message.shard, value: JSON.stringify(message) },
  ])
}

/** The dead letter of a message that is none, with its bytes, so that nothing is lost and the partition goes on. */
export function letterOfUnreadable(
  role: string,
  { topic, key, value, raw, place }: BusMessage,
  { code, message, hint }: Pick<Failure, 'code' | 'message' | 'hint'>,
): BusMessage {
  const bytes = raw ?? Buffer.from(value)
  const letter: UnreadableLetter = {
    schema: 1,
    kind: 'unreadable',
    role,
    topic,
    partition: place?.partition ?? 0,
    offset: place?.offset ?? '',
    key,
    raw: Buffer.from(bytes.subarray(0, MOST_RAW)).toString('base64'),
    bytes: bytes.length,
    error: { code, message, hint },
  }
  return { topic: TOPICS.deadLetters, key: letterId(letter), value: JSON.stringify(letter) }
}

/** Bytes kept of a message that cannot be read: a message holds 64 KB, and base64 takes a third more. */
const MOST_RAW = 32 << 10

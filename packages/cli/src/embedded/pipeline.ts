import { FileLog, InProcessBus } from '@winnow/bus'
import {
  type CrawlShard,
  crawlShardMessage,
  type DeadLetter,
  type ShardMessage,
  TOPICS,
  type Topic,
} from '@winnow/core'
import { decodeLogLine, encodeLogLine, type OrderLogEntry } from '@winnow/dedup'
import { type IndexSettings, LogResolver } from '@winnow/dedup-service'
import {
  type Failure,
  Handover,
  type LiveCounters,
  type ProcessResult,
  type RunConfig,
  StageError,
  type StageEvents,
  StageRunner,
  type ThreadPool,
  toFailure,
  type WorkerRole,
} from '@winnow/runtime'
import { indexLayout, type LocalStore, layout } from '@winnow/storage'
import { Sequencer } from './sequencer.js'
import type { WorkerContext } from './worker.js'

/** Shards in work at once, per worker thread: one in its hands and one ready for it. */
const SHARDS_PER_WORKER = 2
/** Bytes of shards kept in memory between two stages, per worker thread. */
const HANDOVER_BYTES_PER_WORKER = 256 << 20

/** A shard to run, and its number in the order of feeding. */
export interface FeedItem {
  readonly shard: CrawlShard
  readonly sequence: number
}

export interface PipelineEvents {
  stage(role: WorkerRole, result: ProcessResult): void
  retry(role: WorkerRole, shard: string, attempt: number, failure: Failure): void
  warn(message: string): void
  clean(shard: string): void
  dead(letter: DeadLetter): void
}

export interface PipelineOptions {
  readonly config: RunConfig
  readonly dedup: IndexSettings
  readonly store: LocalStore
  /** Where the duplicate index is. */
  readonly index: LocalStore
  /** Name of the run in the order log. */
  readonly run: string
  readonly pool: ThreadPool
  readonly counters: LiveCounters
  readonly workers: number
  readonly signal: AbortSignal
  readonly events: PipelineEvents
}

interface Route {
  readonly role: WorkerRole
  readonly consumes: Topic
  readonly produces: Topic
}

/** The same stages as the cluster's services, on the in-process bus and one folder. */
export class EmbeddedPipeline {
  private readonly bus = new InProcessBus()
  private readonly sequencer = new Sequencer()
  private readonly routes: Route[]
  private readonly failure = new AbortController()
  private fatal: Failure | undefined
  private waiting = new Map<string, () => void>()
  private readonly handover: Handover

  constructor(private readonly options: PipelineOptions) {
    this.routes = routesFor(options.config)
    this.handover = new Handover(options.workers * HANDOVER_BYTES_PER_WORKER)
  }

  /** What the duplicate index came to, once a run with deduplication has begun. */
  indexSize: LogResolver['size'] | undefined

  /** Runs the shards, in order. Throws when the machine fails (disk full, say); a bad shard becomes a dead letter. */
  async run(items: readonly FeedItem[]): Promise<void> {
    const { store, index, config, workers, signal, pool } = this.options
    const stop = AbortSignal.any([signal, this.failure.signal])
    stop.addEventListener('abort', () => this.sequencer.close(new Error('the run was stopped')), {
      once: true,
    })
    const context: WorkerContext = {
      config,
      store: { uri: store.root },
      index: { uri: index.root },
      counters: this.options.counters.shared,
    }
    pool.prepare(context)
    const log = config.stages.includes('dedup')
      ? await FileLog.open(index.path(indexLayout.orderLog))
      : undefined
    try {
      const resolver = log === undefined ? undefined : await this.openResolver(log)
      const concurrency = workers * SHARDS_PER_WORKER
      const runners = this.routes.map(
        (route) =>
          new StageRunner({
            role: route.role,
            consumes: route.consumes,
            bus: this.bus,
            pool,
            handover: this.handover,
            concurrency,
            events: this.stageEvents(),
            signal: stop,
            forward: (result) => this.forward(route, result, log, resolver),
          }),
      )
      for (const runner of runners) await runner.start()
      await this.feed(items, concurrency, stop)
      await this.bus.close()
      await resolver?.close()
      this.indexSize = resolver?.size
    } finally {
      await log?.close()
    }
    if (this.fatal !== undefined) throw new StageError(this.fatal)
  }

  private async openResolver(log: FileLog): Promise<LogResolver> {
    const { store, index, config, dedup, run, events } = this.options
    const entries: OrderLogEntry[] = []
    for await (const { position, value } of log.read(0))
      entries.push(decodeLogLine(value, `line ${position + 1} of the order log`))
    return LogResolver.open(
      {
        store,
        index,
        ...dedup,
        run,
        snapshotKeys: config.dedup.snapshotKeys,
        warn: (message) => events.warn(message),
      },
      entries,
    )
  }

  private async feed(items: readonly FeedItem[], window: number, stop: AbortSignal): Promise<void> {
    const stopped = new Promise<void>((resolve) => {
      if (stop.aborted) resolve()
      stop.addEventListener('abort', () => resolve(), { once: true })
    })
    const running = new Set<Promise<void>>()
    for (const item of items) {
      while (running.size >= window && !stop.aborted) await Promise.race([...running, stopped])
      if (stop.aborted) break
      const done = new Promise<void>((resolve) => this.waiting.set(item.shard.id, resolve))
      const tracked = done.finally(() => running.delete(tracked))
      running.add(tracked)
      await this.bus.publish([crawlShardMessage(item.shard, this.options.run, item.sequence)])
    }
    await Promise.race([Promise.all(running), stopped])
  }

  private async forward(
    route: Route,
    result: ProcessResult,
    log: FileLog | undefined,
    resolver: LogResolver | undefined,
  ): Promise<void> {
    const { message } = result
    if (route.role === 'dedup-sign' && log !== undefined && resolver !== undefined) {
      await this.sequencer.offer(message.sequence, () => this.deduplicate(message, log, resolver))
      return
    }
    if (route.produces === TOPICS.clean) {
      this.options.events.clean(message.shard)
      this.finish(message.shard)
      return
    }
    await this.publish(route.produces, message)
  }

  /** Puts a signed shard into the order log, decides about its rows, and sends it to be resolved. Runs in the order of feeding. */
  private async deduplicate(
    message: ShardMessage,
    log: FileLog,
    resolver: LogResolver,
  ): Promise<void> {
    const { shard, keyFile } = message
    if (keyFile === undefined) throw new RangeError(`shard ${shard} has no key file`)
    try {
      if (!resolver.has(shard)) {
        const entry = await resolver.entry(shard, keyFile)
        await log.append(encodeLogLine(entry).trimEnd())
        await resolver.apply(entry)
      }
      await resolver.ensureCuts(shard)
    } catch (error) {
      // The log and the index may now disagree: only a new start, which replays the log, is safe.
      this.stopWith(toFailure(error))
      throw error
    }
    await this.publish(TOPICS.dedupMatches, message)
  }

  private publish(topic: Topic, message: ShardMessage): Promise<void> {
    return this.bus.publish([{ topic, key: message.shard, value: JSON.stringify(message) }])
  }

  private stageEvents(): StageEvents {
    const { events, store } = this.options
    return {
      done: (role, result) => events.stage(role, result),
      retry: (role, shard, attempt, failure) => events.retry(role, shard, attempt, failure),
      fatal: (failure) => this.stopWith(failure),
      unreadable: async (message) => {
        throw new RangeError(`unreadable message on ${message.topic}`)
      },
      dead: async (letter) => {
        await store.put(
          layout.deadLetter(letter.shard),
          Buffer.from(`${JSON.stringify(letter, null, 2)}\n`),
        )
        this.sequencer.skip(letter.message.sequence)
        events.dead(letter)
        this.finish(letter.shard)
      },
    }
  }

  private stopWith(failure: Failure): void {
    this.fatal ??= failure
    this.failure.abort()
  }

  private finish(shard: string): void {
    this.waiting.get(shard)?.()
    this.waiting.delete(shard)
  }
}

/** Topics skip the stages that are not wanted; the last role always runs, since it writes the clean shards. */
function routesFor(config: RunConfig): Route[] {
  const wanted: { role: WorkerRole; produces: Topic }[] = [
    { role: 'extractor', produces: TOPICS.extracted },
  ]
  if (config.stages.includes('quality'))
    wanted.push({ role: 'quality-filter', produces: TOPICS.filtered })
  if (config.stages.includes('dedup'))
    wanted.push(
      { role: 'dedup-sign', produces: TOPICS.dedupMatches },
      { role: 'dedup-resolve', produces: TOPICS.deduplicated },
    )
  wanted.push({ role: 'decontaminator', produces: TOPICS.clean })
  let consumes: Topic = TOPICS.crawlShards
  return wanted.map(({ role, produces }) => {
    const route = { role, consumes, produces }
    consumes = produces
    return route
  })
}

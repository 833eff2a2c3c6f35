import { setTimeout as delay } from 'node:timers/promises'
import { type KafkaAdmin, KafkaBus } from '@winnow/bus/kafka'
import { WinnowError } from '@winnow/core'
import type { ClusterConfig } from '@winnow/runtime/cluster-config'
import type { ClusterStatus } from '@winnow/runtime/cluster-status'
import { jsonPage, type Service, type ServiceOptions, startService } from '@winnow/runtime/service'
import { openStore } from '@winnow/storage'
import { ClusterProgress, FOLLOWED } from './cluster-progress.js'
import { expose } from './exposition.js'
import { type Follower, follow } from './follow.js'
import { lagOf, logEndOf, lookAtRuns, newestSnapshot } from './look.js'

/** Messages that could not be read are named in the log, but not each of thousands. */
const NAMED_UNREADABLE = 20
const START_PAUSE = 2_000

type Source = ClusterStatus['kafka']

/**
 * The role that knows what no single worker does: lag, the progress of runs, dead letters, the index as a whole. It keeps
 * nothing: after a restart it reads the topics anew and comes to the same numbers.
 */
export async function startMetricsService(
  config: ClusterConfig,
  options: Pick<ServiceOptions, 'version' | 'logTo' | 'process'>,
): Promise<Service> {
  const watch = new ClusterWatch(config)
  const service = await startService({
    ...options,
    name: 'metrics',
    config,
    ready: () => watch.ready(),
    pages: { '/status': () => jsonPage(watch.status()) },
  })
  void begin(service, watch)
  return service
}

/** Starts the watch; brokers that are not there yet are waited for, as is a topic that is still to be created. */
async function begin(service: Service, watch: ClusterWatch): Promise<void> {
  const { shutdown, log } = service
  while (!shutdown.aborted)
    try {
      await watch.start(service)
      return
    } catch (error) {
      watch.failed(error)
      if (!(error instanceof WinnowError && error.retryable)) return service.fail(error)
      log.warn('cannot start yet', { error })
      await delay(START_PAUSE, undefined, { signal: shutdown }).catch(() => {})
    }
}

class ClusterWatch {
  private readonly progress = new ClusterProgress()
  private follower: Follower | undefined
  private kafka: Source = { ok: false, error: 'not asked yet' }
  private storage: Source = { ok: false, error: 'not asked yet' }
  private lag: ClusterStatus['lag'] = []
  private index: ClusterStatus['index'] = { logEnd: 0 }
  private unreadable = 0

  constructor(private readonly config: ClusterConfig) {}

  async start(service: Service): Promise<void> {
    const { kafka, storage, metrics } = this.config
    const { partitions: _, replication: __, ...settings } = kafka
    const onRequest = (operation: string) => service.metrics.s3Requests.inc({ operation })
    const store = await openStore(storage.uri, { s3: { ...storage, onRequest } })
    const bus = await KafkaBus.connect(settings)
    const admin = bus.admin()
    let follower: Follower
    try {
      follower = await this.follow(bus, admin, service)
    } catch (error) {
      await bus.close()
      throw error
    }
    service.closing('the connection to Kafka', () => bus.close())
    this.follower = follower
    service.closing('the topics', () => follower.stop())
    const looking = this.lookUntil(
      service,
      async () => {
        await this.lookAt('kafka', service, async () => {
          this.lag = await lagOf(admin)
          this.index = { ...this.index, logEnd: await logEndOf(admin) }
        })
        await this.lookAt('storage', service, async () => {
          await lookAtRuns(store, this.progress.all())
          const snapshot = await newestSnapshot(store, Date.now())
          this.index = {
            logEnd: this.index.logEnd,
            ...(snapshot === undefined ? {} : { snapshot }),
          }
        })
        this.settle(service)
      },
      metrics.intervalSeconds,
    )
    service.closing('the watch', () => looking)
  }

  /** The start failed; it will be tried again, or not. */
  failed(error: unknown): void {
    this.kafka = { ok: false, error: error instanceof Error ? error.message : String(error) }
  }

  private follow(bus: KafkaBus, admin: KafkaAdmin, { log }: Service): Promise<Follower> {
    return follow(bus, admin, FOLLOWED, {
      take: (topic, value, offset) => {
        try {
          this.progress.take(topic, value, offset)
        } catch (error) {
          if (this.unreadable++ < NAMED_UNREADABLE)
            log.warn('a message is passed over', { topic, offset, error })
        }
      },
      onError: (error) => log.warn('trouble with Kafka', { error }),
    })
  }

  ready(): true | string {
    const missing = this.follower?.missing()
    if (missing === undefined) return `connecting to Kafka: ${this.kafka.error}`
    if (missing > 0) return `reading the topics, ${missing} messages to go`
    if (!this.kafka.ok) return `Kafka: ${this.kafka.error}`
    return this.storage.ok ? true : `storage: ${this.storage.error}`
  }

  status(): ClusterStatus {
    const byStage = Object.fromEntries(this.progress.openLetters())
    return {
      schema: 1,
      at: new Date().toISOString(),
      caughtUp: this.caughtUp(),
      kafka: this.kafka,
      storage: this.storage,
      lag: this.lag,
      index: this.index,
      deadLetters: {
        open: Object.values(byStage).reduce((sum, open) => sum + open, 0),
        byStage,
      },
      runs: this.progress.statuses(),
    }
  }

  private caughtUp(): boolean {
    return this.follower !== undefined && this.follower.missing() === 0
  }

  /** After a look: rates are told only from what came while this process watched, not from what it read up on. */
  private settle({ metrics }: Service): void {
    this.progress.forgetOldest()
    if (!this.caughtUp()) return
    for (const run of this.progress.all()) run.sample(Date.now())
    expose(metrics, this.status())
  }

  private async lookAt(
    source: 'kafka' | 'storage',
    { log, metrics }: Service,
    look: () => Promise<void>,
  ): Promise<void> {
    try {
      await look()
      this[source] = { ok: true }
      metrics.lastLook.set({ source }, Date.now() / 1000)
    } catch (error) {
      log.warn('no answer', { source, error })
      this[source] = { ok: false, error: error instanceof Error ? error.message : String(error) }
    }
  }

  private async lookUntil(
    { shutdown }: Service,
    look: () => Promise<void>,
    intervalSeconds: number,
  ): Promise<void> {
    while (!shutdown.aborted) {
      await look()
      const pause = this.caughtUp() ? intervalSeconds * 1000 : 200
      await delay(pause, undefined, { signal: shutdown }).catch(() => {})
    }
  }
}

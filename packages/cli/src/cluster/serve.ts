import type { KafkaBus } from '@winnow/bus/kafka'
import { type Stage, TOPICS, UsageError } from '@winnow/core'
import { type ProcessResult, StageError } from '@winnow/runtime'
import { type ClusterConfig, loadClusterConfig } from '@winnow/runtime/cluster-config'
import { ROLES, type Role, type Service, startService } from '@winnow/runtime/service'
import { startWorkers, workerCount } from '../embedded/workers.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { VERSION } from '../version.js'
import { connectKafka } from './connect.js'
import { isShardRole, type ShardRole } from './routes.js'
import { RunStores } from './run-stores.js'
import {
  indexSettings,
  type LogRoleOptions,
  openIndexRole,
  openResolveRole,
} from './serve-dedup.js'
import { letterOfUnreadable, shardService } from './serve-shards.js'

export interface ServeArguments {
  readonly role: string
  /** File of the cluster's configuration. */
  readonly file: string | undefined
}

/** `winnow serve ROLE`: runs one service until it is told to stop. */
export async function serve({ role, file }: ServeArguments): Promise<ExitCode> {
  if (!isRole(role)) throw new UsageError(`there is no role ${role}`, `roles: ${ROLES.join(', ')}`)
  const config = await loadClusterConfig({ file, env: process.env })
  if (role === 'metrics') {
    const { serveMetrics } = await import('./serve-metrics.js')
    return serveMetrics(config)
  }
  let readiness: Readiness = () => 'connecting to Kafka'
  const service = await startService({
    name: role,
    version: VERSION,
    config,
    ready: () => readiness(),
  })
  try {
    const bus = await connectKafka(config)
    service.closing('the connection to Kafka', () => bus.close())
    const stores = await RunStores.open(config, (operation) =>
      service.metrics.s3Requests.inc({ operation }),
    )
    const ready = (state: Readiness) => {
      readiness = state
    }
    const parts = { config, service, bus, stores, ready }
    if (isShardRole(role)) await serveShards(role, parts)
    else await serveLog(role, parts)
  } catch (error) {
    service.fail(error)
  }
  await service.done
  return EXIT.done
}

type Readiness = () => true | string

interface Parts {
  readonly config: ClusterConfig
  readonly service: Service
  readonly bus: KafkaBus
  readonly stores: RunStores
  readonly ready: (state: Readiness) => void
}

async function serveShards(role: ShardRole, parts: Parts): Promise<void> {
  const { config, service, bus, stores, ready } = parts
  const { log, metrics } = service
  const stage = { stage: role }
  const workers = { workers: config.service.workers }
  const threads = startWorkers(workers, false)
  service.closing('the worker threads', () => threads.close())
  const stop = new AbortController()
  const order = role === 'dedup-sign' ? await bus.log(TOPICS.dedupOrder) : undefined
  const runner = shardService({
    role,
    bus,
    log: order,
    stores,
    threads,
    concurrency: workerCount(workers),
    signal: stop.signal,
    events: {
      inFlight: (shards) => metrics.shardsInFlight.set(stage, shards),
      done: (result, seconds) => {
        shardDone(service, role, result)
        metrics.shardSeconds.observe(stage, seconds)
      },
      retry: (shard, attempt, failure) => {
        const { code, message } = failure
        log.warn('a shard is tried again', { ...stage, shard, attempt, code, problem: message })
        metrics.retries.inc(stage)
      },
      dead: ({ run, shard, error, attempts }) => {
        log.error('a shard failed for good', { ...stage, run, shard, attempts, problem: error })
        metrics.shards.inc({ ...stage, outcome: 'dead' })
        metrics.deadLetters.inc({ ...stage, code: error.code })
      },
      unreadable: ({ topic, place }, { code, message }) => {
        log.error('a message cannot be read', { ...stage, topic, place, problem: message })
        metrics.deadLetters.inc({ ...stage, code })
      },
      skipped: ({ run, shard }) => {
        log.info('a shard of a cancelled run is passed over', { ...stage, run, shard })
        metrics.shards.inc({ ...stage, outcome: 'skipped' })
      },
      fatal: (failure) => {
        ready(() => failure.message)
        stop.abort()
        service.fail(new StageError(failure))
      },
    },
  })
  await runner.start()
  service.closing('the work in hand', async () => {
    await runner.stop(1000 * config.service.graceSeconds)
    await order?.close()
  })
  ready(() => true)
}

/** The stage whose verdicts a role makes. */
const STAGE_OF = {
  extractor: 'extract',
  'quality-filter': 'quality',
  'dedup-sign': 'dedup',
  'dedup-resolve': 'dedup',
  decontaminator: 'decontaminate',
} as const satisfies Record<ShardRole | 'dedup-resolve', Stage>

function shardDone(
  { log, metrics }: Service,
  stage: ShardRole | 'dedup-resolve',
  { message, documents, kept, bytes, verdicts = [] }: Omit<ProcessResult, 'memory'>,
): void {
  const { run, shard } = message
  log.info('a shard is done', { stage, run, shard, documents, kept })
  metrics.shards.inc({ stage, outcome: 'done' })
  metrics.bytes.inc({ stage }, bytes)
  for (const { verdict, reason, documents: count } of verdicts)
    metrics.documents.inc({ stage: STAGE_OF[stage], verdict, reason }, count)
}

async function serveLog(role: 'dedup-index' | 'dedup-resolve', parts: Parts): Promise<void> {
  const { config, service, bus, stores, ready } = parts
  const { log, metrics, shutdown } = service
  const stage = { stage: role }
  const { ordinal, replicas, snapshotKeys } = config.service
  if (ordinal >= replicas)
    throw new UsageError(
      `this process is number ${ordinal} of ${replicas}`,
      'service.ordinal (WINNOW_ORDINAL) counts from 0 to service.replicas - 1',
    )
  const order = await bus.log(TOPICS.dedupOrder)
  const answers = await bus.log(TOPICS.dedupMatches)
  const options: LogRoleOptions = {
    stores,
    log: order,
    answers,
    ordinal,
    replicas,
    snapshotKeys,
    signal: shutdown,
    warn: (message) => log.warn(message, stage),
    failed: (what, error) => {
      log.warn('tried again', { ...stage, what, error })
      metrics.retries.inc(stage)
    },
  }
  const begin = async (): Promise<void> => {
    const settings = await indexSettings(options, () => {
      ready(() => true)
    })
    if (settings === undefined) return
    ready(() => 'replaying the order log')
    const opened =
      role === 'dedup-index'
        ? await openIndexRole(options, settings)
        : await openResolveRole(
            options,
            settings,
            async (message, { documents, kept, verdicts }) => {
              const value = JSON.stringify(message)
              await bus.publish([{ topic: TOPICS.deduplicated, key: message.shard, value }])
              shardDone(service, 'dedup-resolve', { message, documents, kept, bytes: 0, verdicts })
            },
            async ({ topic, position, value }, error) => {
              const failure = { code: 'WINNOW_CORRUPT', message: error.message, hint: '' }
              const place = { partition: 0, offset: `${position}` }
              await bus.publish([
                letterOfUnreadable(role, { topic, key: '', value, place }, failure),
              ])
              metrics.deadLetters.inc({ ...stage, code: failure.code })
            },
          )
    ready(() => (opened.ready ? true : `replaying the order log, at ${opened.state.position}`))
    const showing = setInterval(() => {
      const { state } = opened
      metrics.logPosition.set({ role }, state.position)
      if ('keys' in state) {
        metrics.indexKeys.set(state.keys)
        metrics.indexBytes.set(state.bytes)
      }
    }, 2_000)
    try {
      await opened.run(shutdown)
    } finally {
      clearInterval(showing)
    }
  }
  const running = begin()
  running.catch((error: unknown) => service.fail(error))
  service.closing('the order log', async () => {
    await running.catch(() => {})
    await order.close()
    await answers.close()
  })
}

function isRole(role: string): role is Role {
  return (ROLES as readonly string[]).includes(role)
}

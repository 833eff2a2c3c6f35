import { KafkaBus } from '@winnow/bus/kafka'
import { TOPICS, UsageError } from '@winnow/core'
import { type ClusterConfig, loadClusterConfig, printableConfig } from '@winnow/runtime'
import { type Service, startService } from '@winnow/runtime/service'
import { startWorkers, workerCount } from '../embedded/workers.js'
import type { ExitCode } from '../exit-codes.js'
import { VERSION } from '../version.js'
import { SERVICE_ROLES, type ServiceRole, SHARD_ROLES, type ShardRole } from './routes.js'
import { RunStores } from './run-stores.js'
import {
  indexSettings,
  type LogRoleOptions,
  openIndexRole,
  openResolveRole,
} from './serve-dedup.js'
import { shardService, unreadableLetter } from './serve-shards.js'

export interface ServeArguments {
  readonly role: string
  /** File of the cluster's configuration. */
  readonly file: string | undefined
}

/** `winnow serve ROLE`: runs one service until it is told to stop. */
export async function serve({ role, file }: ServeArguments): Promise<ExitCode> {
  if (!isRole(role))
    throw new UsageError(`there is no role ${role}`, `roles: ${SERVICE_ROLES.join(', ')}`)
  const config = await loadClusterConfig({ file, env: process.env })
  if (role === 'metrics') {
    const { serveMetrics } = await import('./serve-metrics.js')
    return serveMetrics(config)
  }
  let readiness: () => true | string = () => 'connecting'
  const service = await startService({ name: role, config, ready: () => readiness() })
  service.log.info({ version: VERSION, config: printableConfig(config) }, 'starting')
  try {
    const bus = await KafkaBus.connect(config.kafka)
    service.closing(() => bus.close())
    const stores = await RunStores.open(config, (operation) =>
      service.metrics.s3Requests.inc({ operation }),
    )
    const ready = (state: () => true | string) => {
      readiness = state
    }
    if (isShardRole(role)) await serveShards(role, { config, service, bus, stores, ready })
    else await serveLog(role, { config, service, bus, stores, ready })
    return await service.done
  } catch (error) {
    service.log.error({ error: (error as Error).message }, 'failed')
    await service.stop()
    throw error
  }
}

interface Parts {
  readonly config: ClusterConfig
  readonly service: Service
  readonly bus: KafkaBus
  readonly stores: RunStores
  readonly ready: (state: () => true | string) => void
}

async function serveShards(role: ShardRole, parts: Parts): Promise<void> {
  const { config, service, bus, stores, ready } = parts
  const { log, metrics, shutdown } = service
  const workers = { workers: config.service.workers }
  const threads = startWorkers(workers)
  const broken = new AbortController()
  const runner = shardService({
    role,
    bus,
    log: role === 'dedup-sign' ? await bus.log(TOPICS.dedupOrder) : undefined,
    stores,
    threads,
    concurrency: workerCount(workers),
    signal: broken.signal,
    events: {
      done: ({ message, documents, kept, bytes }) => {
        log.info({ run: message.run, shard: message.shard, documents, kept }, 'shard done')
        metrics.shardDone(role, { documents, kept, bytes })
      },
      retry: (shard, attempt, failure) => {
        log.warn(
          { shard, attempt, code: failure.code, error: failure.message },
          'shard is tried again',
        )
        metrics.retries.inc({ stage: role })
      },
      dead: ({ run, shard, error, attempts }) => {
        log.error({ run, shard, attempts, ...error }, 'shard failed for good')
        metrics.deadLetters.inc({ stage: role, code: error.code })
      },
      unreadable: ({ topic, place }, failure) => {
        log.error({ topic, ...place, error: failure.message }, 'message cannot be read')
        metrics.deadLetters.inc({ stage: role, code: failure.code })
      },
      fatal: (failure) => {
        log.error(
          { code: failure.code, error: failure.message, hint: failure.hint },
          'cannot go on',
        )
        ready(() => failure.message)
        broken.abort()
        service.fail(failure.message)
      },
    },
  })
  await runner.start()
  ready(() => true)
  log.info('consuming')
  service.closing(async () => {
    await runner.stop()
    await threads.close()
  })
}

async function serveLog(role: 'dedup-index' | 'dedup-resolve', parts: Parts): Promise<void> {
  const { config, service, bus, stores, ready } = parts
  const { log, metrics, shutdown } = service
  const { ordinal, replicas } = config.service
  const options: LogRoleOptions = {
    stores,
    log: await bus.log(TOPICS.dedupOrder),
    answers: await bus.log(TOPICS.dedupMatches),
    ordinal,
    replicas,
    snapshotKeys: config.service.snapshotKeys,
    signal: shutdown,
    warn: (message) => log.warn(message),
    failed: (what, error) => {
      log.warn({ what, error: error.message }, 'tried again')
      metrics.retries.inc({ stage: role })
    },
  }
  let waiting = false
  const settings = await indexSettings(options, () => {
    if (waiting) return
    waiting = true
    log.info('there is no duplicate index yet: waiting for the first run that is fed')
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
          async (message, documents, kept) => {
            await bus.publish([
              { topic: TOPICS.deduplicated, key: message.shard, value: JSON.stringify(message) },
            ])
            log.info({ run: message.run, shard: message.shard, documents, kept }, 'shard done')
            metrics.shardDone(role, { documents, kept, bytes: 0 })
          },
          async (where, value, error) => {
            const failure = { code: 'WINNOW_CORRUPT', message: error.message, hint: '' }
            await bus.publish([
              unreadableLetter({ topic: TOPICS.dedupOrder, key: where, value }, failure),
            ])
            metrics.deadLetters.inc({ stage: role, code: failure.code })
          },
        )
  ready(() => (opened.ready ? true : `replaying the order log, at ${opened.state.position}`))
  metrics.logRole(role, () => opened.state)
  const running = opened.run(shutdown)
  running.catch((error: unknown) => service.fail((error as Error).message))
  service.closing(() => running.catch(() => {}))
}

function isRole(role: string): role is ServiceRole {
  return (SERVICE_ROLES as readonly string[]).includes(role)
}

function isShardRole(role: ServiceRole): role is ShardRole {
  return (SHARD_ROLES as readonly string[]).includes(role)
}

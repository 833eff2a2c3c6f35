import { collectDefaultMetrics } from 'prom-client'
import { type ClusterConfig, printableConfig } from '../cluster-config.js'
import { EventLoopWatch } from './event-loop.js'
import { type Condition, conditionPage, HealthServer, type Pages } from './health-server.js'
import { createLog, type Log } from './log.js'
import type { Role } from './metric-definitions.js'
import { createMetrics, type Metrics } from './metrics.js'
import { type Closer, Shutdown } from './shutdown.js'

export interface ServiceOptions {
  readonly name: Role
  readonly version: string
  readonly config: Pick<ClusterConfig, 'service'> & Partial<ClusterConfig>
  /** Whether work can be done now, or why not: `replaying the order log, 120 of 4,000 entries`. */
  readonly ready: Condition
  /** Whether the process is in order, besides its event loop. A failing one is killed by its supervisor. */
  readonly alive?: Condition
  /** Further pages. */
  readonly pages?: Pages
  /** Where log lines go; stdout by default. */
  readonly logTo?: { write(line: string): void }
  /** Where signals come from and what a second one does: the process, unless a test gives its own. */
  readonly process?: SignalSource
}

/** The part of `process` that a service needs. */
export interface SignalSource {
  on(signal: 'SIGTERM' | 'SIGINT', listener: () => void): unknown
  off(signal: 'SIGTERM' | 'SIGINT', listener: () => void): unknown
  exit(code: number): void
}

export interface Service {
  readonly log: Log
  readonly metrics: Metrics
  /** Port of /healthz, /readyz and /metrics. */
  readonly port: number
  /** Aborted when no new work may be taken. */
  readonly shutdown: AbortSignal
  /** Registers what must be closed at the end; the last registered is closed first. */
  closing(name: string, close: Closer): void
  /** Ends the service as SIGTERM does. */
  stop(reason: string): Promise<void>
  /** A fault that ends the service: closes what there is, and `done` rejects with the error. */
  fail(error: unknown): void
  /** Resolves when everything is closed after a signal; rejects after a fault. */
  readonly done: Promise<void>
}

/** Exit code of a process that a second signal ended at once: 128 + SIGINT or SIGTERM, as shells count. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const

/**
 * What every service shares: structured logs, the pages for probes and Prometheus, and an orderly end.
 * Throws StorageError when the port is taken.
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { name, config, version } = options
  const { host, port, graceSeconds, stuckSeconds, logLevel } = config.service
  const log = createLog(name, logLevel, options.logTo)
  const metrics = createMetrics()
  collectDefaultMetrics({ register: metrics.registry })
  metrics.buildInfo.set({ service: name, version }, 1)
  const loop = new EventLoopWatch(stuckSeconds)
  const shutdown = new Shutdown(graceSeconds, log)
  const ready: Condition = async () =>
    shutdown.signal.aborted ? 'the service is stopping' : await options.ready()
  let server: HealthServer
  try {
    server = await HealthServer.listen(host, port, {
      '/healthz': () => conditionPage(async () => both(loop.check(), await options.alive?.())),
      '/readyz': () => conditionPage(ready),
      '/metrics': async () => {
        metrics.ready.set({ service: name }, (await isTrue(ready)) ? 1 : 0)
        const body = await metrics.registry.metrics()
        return { status: 200, type: metrics.registry.contentType, body }
      },
      ...options.pages,
    })
  } catch (error) {
    loop.close()
    throw error
  }
  shutdown.add('the HTTP server', () => server.close())
  const unhook = hookSignals(options.process ?? process, shutdown, log)
  shutdown.add('the watch over the event loop', () => loop.close())
  const done = shutdown.done.finally(unhook)
  done.catch(() => {})
  log.info('started', { version, port: server.port, config: printable(config) })
  return {
    log,
    metrics,
    port: server.port,
    shutdown: shutdown.signal,
    closing: (part, close) => shutdown.add(part, close),
    stop: (reason) => {
      shutdown.begin(reason)
      return done
    },
    fail: (error) => {
      log.error('failed', { error })
      shutdown.begin('a fault', error)
    },
    done,
  }
}

function printable(config: ServiceOptions['config']): unknown {
  const whole = config.kafka !== undefined && config.storage !== undefined && config.metrics
  return whole ? printableConfig(config as ClusterConfig) : { service: config.service }
}

function both(first: true | string, second: true | string | undefined): true | string {
  return first === true ? (second ?? true) : first
}

async function isTrue(condition: Condition): Promise<boolean> {
  try {
    return (await condition()) === true
  } catch {
    return false
  }
}

/** The first signal ends the service in order, a second one at once. Returns how to stop listening. */
function hookSignals(source: SignalSource, shutdown: Shutdown, log: Log): () => void {
  let seen = false
  const listeners = (['SIGTERM', 'SIGINT'] as const).map((signal) => {
    const listener = () => {
      if (seen) {
        log.warn('a second signal: exiting at once, shards in work will be done again', { signal })
        source.exit(SIGNALS[signal])
        return
      }
      seen = true
      shutdown.begin(signal)
    }
    source.on(signal, listener)
    return () => source.off(signal, listener)
  })
  return () => {
    for (const off of listeners) off()
  }
}

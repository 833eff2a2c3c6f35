import { EventEmitter } from 'node:events'
import { StorageError } from '@winnow/core'
import { afterEach, describe, expect, it } from 'vitest'
import { clusterConfig } from '../../src/cluster-config.js'
import { type Service, type ServiceOptions, startService } from '../../src/service/index.js'

/** Signals of a test's own, so that the test's process stays. */
class Signals extends EventEmitter {
  exited: number | undefined
  exit(code: number): void {
    this.exited = code
  }
}

const lines: string[] = []
const logTo = { write: (line: string) => void lines.push(line) }
const parsed = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>)
let running: Service | undefined

afterEach(async () => {
  await running?.stop('the test is over').catch(() => {})
  running = undefined
  lines.length = 0
})

async function start(options: Partial<ServiceOptions> & { graceSeconds?: number } = {}) {
  const { graceSeconds = 60, ...rest } = options
  const config = clusterConfig.parse({
    storage: { uri: 's3://corpus' },
    service: { host: '127.0.0.1', port: 0, graceSeconds },
  })
  const signals = new Signals()
  running = await startService({
    name: 'extractor',
    version: '1.2.3',
    config: config as ServiceOptions['config'],
    ready: () => true,
    logTo,
    process: signals,
    ...rest,
  })
  return { service: running, signals }
}

async function get(service: Service, path: string) {
  const response = await fetch(`http://127.0.0.1:${service.port}${path}`)
  return { status: response.status, body: await response.text() }
}

describe('probes', () => {
  it('say whether the service lives and whether it is ready, and why not', async () => {
    let state: true | string = 'replaying the order log, 120 of 4,000 entries'
    const { service } = await start({ ready: () => state })
    expect((await get(service, '/healthz')).status).toBe(200)
    const early = await get(service, '/readyz')
    expect(early.status).toBe(503)
    expect(early.body).toContain('120 of 4,000')
    state = true
    expect((await get(service, '/readyz')).status).toBe(200)
    expect((await get(service, '/nothing')).status).toBe(404)
  })

  it('a condition that throws is a reason', async () => {
    const { service } = await start({
      ready: () => {
        throw new StorageError('the bucket is gone', {})
      },
    })
    expect(await get(service, '/readyz')).toMatchObject({
      status: 503,
      body: expect.stringContaining('the bucket is gone'),
    })
  })

  it('a process whose event loop stood still for too long is not alive', async () => {
    const config = clusterConfig.parse({
      storage: { uri: 's3://corpus' },
      service: { host: '127.0.0.1', port: 0, stuckSeconds: 1 },
    })
    const { service } = await start({ config: config as ServiceOptions['config'] })
    expect((await get(service, '/healthz')).status).toBe(200)
    const until = performance.now() + 1600
    while (performance.now() < until);
    const stuck = await get(service, '/healthz')
    expect(stuck.status).toBe(503)
    expect(stuck.body).toContain('stood still')
    expect((await get(service, '/healthz')).status).toBe(200)
  })

  it('/metrics exposes what the service used, and nothing that is another’s', async () => {
    const { service } = await start()
    service.metrics.shards.inc({ stage: 'extractor', outcome: 'done' })
    service.metrics.shardSeconds.observe({ stage: 'extractor' }, 3)
    const { body } = await get(service, '/metrics')
    expect(body).toContain('winnow_shards_total{stage="extractor",outcome="done"} 1')
    expect(body).toContain('winnow_shard_seconds_bucket{le="5",stage="extractor"} 1')
    expect(body).toContain('winnow_build_info{service="extractor",version="1.2.3"} 1')
    expect(body).toContain('winnow_ready{service="extractor"} 1')
    expect(body).toContain('nodejs_eventloop_lag_seconds')
    expect(body).not.toContain('winnow_index_keys')
  })
})

describe('the end', () => {
  it('stops taking work, waits for the work in hand, closes the last opened first', async () => {
    const { service, signals } = await start()
    const order: string[] = []
    let finish = () => {}
    const work = new Promise<void>((resolve) => {
      finish = resolve
    })
    service.closing('the bus', () => void order.push('bus'))
    service.closing('the work in hand', async () => {
      await work
      order.push('work')
    })
    signals.emit('SIGTERM')
    expect(service.shutdown.aborted).toBe(true)
    const state = await get(service, '/readyz')
    expect(state).toMatchObject({ status: 503, body: expect.stringContaining('stopping') })
    expect(order).toEqual([])
    finish()
    await service.done
    expect(order).toEqual(['work', 'bus'])
    expect(signals.exited).toBeUndefined()
    await expect(get(service, '/healthz')).rejects.toThrow()
    expect(signals.listenerCount('SIGTERM')).toBe(0)
  })

  it('a second signal exits at once', async () => {
    const { service, signals } = await start()
    let finish = () => {}
    service.closing(
      'work',
      () =>
        new Promise<void>((resolve) => {
          finish = resolve
        }),
    )
    signals.emit('SIGTERM')
    signals.emit('SIGINT')
    expect(signals.exited).toBe(130)
    finish()
    await service.done
  })

  it('after the grace period work is handed back', async () => {
    const { service, signals } = await start({ graceSeconds: 1 })
    let handedBack = false
    service.closing(
      'work',
      (graceOver) =>
        new Promise<void>((resolve) => {
          graceOver.addEventListener('abort', () => {
            handedBack = true
            resolve()
          })
        }),
    )
    signals.emit('SIGTERM')
    await service.done
    expect(handedBack).toBe(true)
  })

  it('what cannot be closed does not keep the rest open, and is told', async () => {
    const { service, signals } = await start()
    let closed = false
    service.closing('the bus', () => {
      closed = true
    })
    service.closing('the work', () => {
      throw new Error('no more')
    })
    signals.emit('SIGINT')
    await expect(service.done).rejects.toMatchObject({ code: 'WINNOW_SHUTDOWN' })
    expect(closed).toBe(true)
    expect(parsed()).toContainEqual(
      expect.objectContaining({ level: 'error', message: 'could not close', part: 'the work' }),
    )
  })

  it('a fault closes everything and is what done rejects with', async () => {
    const { service } = await start()
    const fault = new StorageError('no space left', { hint: 'make room' })
    service.fail(fault)
    await expect(service.done).rejects.toBe(fault)
  })
})

describe('logs', () => {
  it('are JSON lines with time, level, service, run, shard and stage', async () => {
    const { service } = await start()
    const log = service.log.child({ run: 'cc-2026-40', shard: '00ff00ff00ff00ff' })
    log.info('extracted', { stage: 'extractor', documents: 3 })
    const line = parsed().at(-1)
    expect(line).toMatchObject({
      level: 'info',
      service: 'extractor',
      run: 'cc-2026-40',
      shard: '00ff00ff00ff00ff',
      stage: 'extractor',
      documents: 3,
      message: 'extracted',
    })
    expect(Date.parse(line?.time as string)).not.toBeNaN()
  })

  it('carry no text of documents: no bytes, no long strings', async () => {
    const { service } = await start()
    const text = 'It was a dark and stormy night. '.repeat(500)
    service.log.warn('odd', { bytes: Buffer.from(text), detail: text, error: new Error(text) })
    expect((lines.at(-1) as string).length).toBeLessThan(8_000)
    expect(parsed().at(-1)).toMatchObject({ bytes: `(${text.length} bytes)` })
  })
})

it('a port that is taken is an error that says which', async () => {
  const { service } = await start()
  const config = clusterConfig.parse({
    storage: { uri: 's3://corpus' },
    service: { host: '127.0.0.1', port: service.port },
  })
  await expect(
    startService({
      name: 'extractor',
      version: '1',
      config: config as ServiceOptions['config'],
      ready: () => true,
      logTo,
      process: new Signals(),
    }),
  ).rejects.toMatchObject({
    code: 'WINNOW_STORAGE',
    hint: expect.stringContaining('WINNOW_HTTP_PORT'),
  })
})

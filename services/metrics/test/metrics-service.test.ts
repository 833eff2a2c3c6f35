import { KafkaBus } from '@winnow/bus/kafka'
import { TOPICS, type Topic } from '@winnow/core'
import { type ClusterConfig, clusterConfig } from '@winnow/runtime/cluster-config'
import { type ClusterStatus, clusterStatus } from '@winnow/runtime/cluster-status'
import { clusterTopics } from '@winnow/runtime/cluster-topics'
import { CANCELLED, cancelRun, RUN_CONFIG, runPrefix } from '@winnow/runtime/run-prefix'
import type { Service } from '@winnow/runtime/service'
import { openStore } from '@winnow/storage'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { missingStack, sharedKafka, sharedS3 } from '../../../test/stack/index.js'
import { startMetricsService } from '../src/index.js'

const missing = await missingStack('kafka', 's3')
const id = (number: number): string => number.toString(16).padStart(16, '0')

const shardMessage = (run: string, shard: string) => ({
  schema: 1,
  run,
  shard,
  sequence: 0,
  source: { uri: 's3://crawl/a.warc.gz', offset: 0, length: 1, format: 'warc' },
  attributes: {},
  timings: {},
})

describe.skipIf(missing)('the metrics service on real Kafka and S3', () => {
  let config: ClusterConfig
  let bus: KafkaBus
  const services: Service[] = []

  beforeAll(async () => {
    const kafka = await sharedKafka()
    const s3 = await sharedS3()
    process.env.AWS_ACCESS_KEY_ID = s3.accessKey
    process.env.AWS_SECRET_ACCESS_KEY = s3.secretKey
    config = clusterConfig.parse({
      kafka: { ...kafka, partitions: 3 },
      storage: { uri: s3.uri, endpoint: s3.endpoint, region: s3.region, forcePathStyle: true },
      service: { host: '127.0.0.1', port: 0, logLevel: 'error' },
      metrics: { intervalSeconds: 1 },
    })
    bus = await KafkaBus.connect(kafka)
    await bus.admin().createTopics(clusterTopics(config.kafka))
  })
  afterAll(async () => {
    await Promise.all(services.map((service) => service.stop('the test is over')))
    const admin = bus?.admin()
    await admin?.deleteTopics(await admin.topics())
    await bus?.close()
  })

  async function start(): Promise<Service> {
    const service = await startMetricsService(config, { version: 'test' })
    services.push(service)
    return service
  }

  const publish = (topic: Topic, run: string, shards: number[]): Promise<void> =>
    bus.publish(
      shards.map((shard) => ({
        topic,
        key: id(shard),
        value: JSON.stringify(
          topic === TOPICS.dedupOrder
            ? { schema: 1, run, shard: id(shard), keyFile: 'k', rows: 1, fingerprint: 'f' }
            : shardMessage(run, id(shard)),
        ),
      })),
    )

  async function statusOf({ port }: Service): Promise<ClusterStatus> {
    const response = await fetch(`http://127.0.0.1:${port}/status`)
    return clusterStatus.parse(await response.json())
  }

  /** Waits for the service to say what is expected of it. */
  async function until(
    service: Service,
    holds: (status: ClusterStatus) => boolean,
  ): Promise<ClusterStatus> {
    for (;;) {
      const status = await statusOf(service)
      if (status.caughtUp && status.kafka.ok && status.storage.ok && holds(status)) return status
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }

  it('counts each shard once, follows what comes, and comes out the same after a restart', async () => {
    const store = await openStore(config.storage.uri, { s3: config.storage })
    await store.put(runPrefix('first') + RUN_CONFIG, Buffer.from('{}'))
    await publish(TOPICS.crawlShards, 'first', [1, 2, 3, 4])
    await publish(TOPICS.crawlShards, 'first', [1, 2])
    await publish(TOPICS.extracted, 'first', [1, 2, 3, 3])
    await publish(TOPICS.filtered, 'first', [1, 2])
    await publish(TOPICS.dedupOrder, 'first', [1, 2, 1])
    await publish(TOPICS.deduplicated, 'first', [1])
    const service = await start()
    const before = await until(service, ({ runs }) => runs[0]?.fed === 4)
    expect(before.runs[0]).toMatchObject({ run: 'first', clean: 0, inFlight: 4, dead: 0 })
    expect(before.runs[0]?.fedAt).toBeDefined()
    expect(before.runs[0]?.stages.map(({ done }) => done)).toEqual([3, 2, 2, 1, 0])
    expect(before.index).toEqual({ logEnd: 3 })
    // No role has committed anything: every message waits.
    expect(before.lag.map(({ stage, lag }) => [stage, lag])).toEqual([
      ['extractor', 6],
      ['quality-filter', 4],
      ['dedup-sign', 2],
      ['decontaminator', 1],
    ])
    await publish(TOPICS.clean, 'first', [1, 1])
    await until(service, ({ runs }) => runs[0]?.clean === 1)
    await service.stop('a restart')
    const again = await start()
    const after = await until(again, ({ runs }) => runs[0]?.clean === 1)
    expect(after.runs[0]).toMatchObject({ fed: 4, clean: 1, inFlight: 3, dead: 0 })
    const metrics = await (await fetch(`http://127.0.0.1:${again.port}/metrics`)).text()
    expect(metrics).toContain('winnow_run_shards{run="first",state="in_flight"} 3')
    expect(metrics).toContain('winnow_run_stage_shards{run="first",stage="extractor"} 3')
    expect(metrics).toMatch(
      /winnow_consumer_lag\{stage="extractor",topic="winnow.crawl-shards",partition="\d"\}/,
    )
    expect(metrics).toContain('winnow_log_end 3')
    expect(metrics).not.toMatch(/^winnow_snapshot_age_seconds \d/m)
    const ready = await fetch(`http://127.0.0.1:${again.port}/readyz`)
    expect(ready.status).toBe(200)
  })

  it('tells of cancelled runs and of the snapshot', async () => {
    const service = services.at(-1) as Service
    const store = await openStore(config.storage.uri, { s3: config.storage })
    expect(await cancelRun(store, 'first')).toBe(true)
    expect(await cancelRun(store, 'first')).toBe(false)
    expect(await store.head(runPrefix('first') + CANCELLED)).toBeDefined()
    for (const key of [
      '000-256/000000000001.wnix',
      '000-128/000000000003.wnix',
      '128-256/000000000002.wnix',
    ])
      await store.put(`index/snapshots/slots/${key}`, Buffer.from('x'))
    const { index } = await until(
      service,
      ({ runs, index }) => runs[0]?.state === 'cancelled' && index.snapshot?.position === 2,
    )
    expect(index.snapshot?.ageSeconds).toBeGreaterThanOrEqual(0)
  })

  it('a message that is none does not stop it', async () => {
    const service = services.at(-1) as Service
    await bus.publish([{ topic: TOPICS.clean, key: 'x', value: 'not JSON' }])
    await publish(TOPICS.clean, 'first', [2])
    const { runs } = await until(service, ({ runs }) => runs[0]?.clean === 2)
    expect(runs).toHaveLength(1)
  })

  it('leaves no group behind', async () => {
    for (const service of services) await service.stop('the end')
    const groups = await bus.admin().groups()
    expect(groups.filter(({ group }) => group.startsWith('winnow.metrics'))).toEqual([])
  })
})

import { KafkaBus } from '@winnow/bus/kafka'
import { TOPICS } from '@winnow/core'
import { startMetricsService } from '@winnow/metrics-service'
import { type ClusterConfig, loadClusterConfig } from '@winnow/runtime/cluster-config'
import { clusterStatus } from '@winnow/runtime/cluster-status'
import { clusterTopics } from '@winnow/runtime/cluster-topics'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type KafkaServer, missingStack, sharedS3, startKafka } from '../../../test/stack/index.js'
import type { Check } from '../src/commands/doctor-check.js'
import { main } from '../src/main.js'

const missing = await missingStack('kafka', 's3')

/** Runs a command in this process; its exit code and what it printed on standard output. */
async function winnow(...argv: string[]): Promise<{ code: number; said: string }> {
  let said = ''
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    said += String(text)
    return true
  })
  try {
    return { code: await main(['node', 'winnow', ...argv]), said }
  } finally {
    spy.mockRestore()
  }
}

/** The findings of doctor that are no good. */
async function complaints(...argv: string[]): Promise<Check[]> {
  const { code, said } = await winnow('doctor', '--json', ...argv)
  const bad = (JSON.parse(said) as Check[]).filter(({ ok }) => !ok)
  expect(code).toBe(bad.length === 0 ? 0 : 1)
  return bad
}

describe.skipIf(missing)('doctor on a broker that wants a log-in', () => {
  let kafka: KafkaServer
  const before = { ...process.env }

  beforeAll(async () => {
    kafka = await startKafka({ sasl: true })
    const s3 = await sharedS3()
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: s3.accessKey,
      AWS_SECRET_ACCESS_KEY: s3.secretKey,
      WINNOW_KAFKA_BROKERS: kafka.brokers.join(','),
      WINNOW_KAFKA_PARTITIONS: '2',
      WINNOW_KAFKA_SASL_MECHANISM: 'scram-sha-256',
      WINNOW_STORAGE_URI: s3.uri,
      WINNOW_S3_ENDPOINT: s3.endpoint,
      WINNOW_S3_REGION: s3.region,
      WINNOW_S3_FORCE_PATH_STYLE: 'true',
    })
    as('admin')
  })
  afterAll(async () => {
    process.env = before
    await kafka?.stop()
  })

  function as(user: 'admin' | 'nobody', password = kafka.users?.[user].password): void {
    process.env.WINNOW_KAFKA_USERNAME = user
    process.env.WINNOW_KAFKA_PASSWORD = password ?? ''
  }

  /** Does something with Kafka as doctor would. */
  async function withBus(use: (bus: KafkaBus, config: ClusterConfig) => Promise<unknown>) {
    const config = await loadClusterConfig({ file: undefined })
    const { partitions: _, replication: __, ...settings } = config.kafka
    const bus = await KafkaBus.connect(settings)
    try {
      await use(bus, config)
    } finally {
      await bus.close()
    }
  }

  it('has nothing against a cluster that is as it must be, and its probe is no dead letter', async () => {
    expect(await complaints('--create-topics')).toEqual([])
    expect(await complaints()).toEqual([])
    const listed = await winnow('dead-letters', 'list', '--json')
    expect(listed.code).toBe(0)
    expect(JSON.parse(listed.said)).toEqual([])
    await withBus(async (bus, config) => {
      const [letters] = await bus.admin().describeTopics([TOPICS.deadLetters])
      expect(letters?.offsets[0]?.end).toBeGreaterThanOrEqual(2)
      const service = await startMetricsService(
        {
          ...config,
          service: { ...config.service, host: '127.0.0.1', port: 0, logLevel: 'error' },
        },
        { version: 'test' },
      )
      try {
        const ask = async (path: string) => fetch(`http://127.0.0.1:${service.port}${path}`)
        await vi.waitUntil(
          async () => clusterStatus.parse(await (await ask('/status')).json()).caughtUp,
          { timeout: 30_000, interval: 100 },
        )
        const status = clusterStatus.parse(await (await ask('/status')).json())
        expect(status.deadLetters).toEqual({ open: 0, byStage: {} })
        expect(status.runs).toEqual([])
        const metrics = await (await ask('/metrics')).text()
        expect(metrics).not.toMatch(/^winnow_dead_letters_(open|total)\{.*\} [1-9]/m)
      } finally {
        await service.stop('the test is over')
      }
    })
  })

  it('says that the password is wrong, and does not print it', async () => {
    as('admin', 'not-the-password')
    const { said } = await winnow('doctor', '--json')
    expect(said).not.toContain('not-the-password')
    const bad = await complaints()
    as('admin')
    expect(bad).toHaveLength(1)
    expect(bad[0]).toMatchObject({
      name: 'Kafka',
      finding: expect.stringContaining('the broker refused the credentials (SASL scram-sha-256'),
      hint: expect.stringContaining('WINNOW_KAFKA_PASSWORD'),
    })
  })

  it('says that credentials are missing where the broker wants some', async () => {
    const mechanism = process.env.WINNOW_KAFKA_SASL_MECHANISM
    for (const name of ['SASL_MECHANISM', 'USERNAME', 'PASSWORD'])
      delete process.env[`WINNOW_KAFKA_${name}`]
    const bad = await complaints()
    process.env.WINNOW_KAFKA_SASL_MECHANISM = mechanism
    as('admin')
    expect(bad).toHaveLength(1)
    expect(bad[0]?.name).toBe('Kafka')
    expect(bad[0]?.hint).toContain('SASL')
  })

  it('names the permissions that a user lacks', async () => {
    as('nobody')
    const bad = await complaints()
    as('admin')
    expect(bad.length).toBeGreaterThan(0)
    for (const check of bad) expect(check, JSON.stringify(check)).not.toMatchObject({ hint: '' })
    expect(JSON.stringify(bad)).toMatch(/permission/)
  })

  it('names the one topic that is missing and the command that makes it', async () => {
    process.env.WINNOW_KAFKA_TOPIC_PREFIX = 'missing.'
    await withBus((bus, { kafka }) =>
      bus
        .admin()
        .createTopics(clusterTopics(kafka).filter(({ topic }) => topic !== TOPICS.dedupMatches)),
    )
    expect(await complaints()).toMatchObject([
      {
        name: TOPICS.dedupMatches,
        finding: 'there is no such topic',
        hint: expect.stringContaining('winnow doctor --create-topics'),
      },
    ])
    expect(await complaints('--create-topics')).toEqual([])
  })

  it('refuses an order log of two partitions, and the way it names mends it', async () => {
    process.env.WINNOW_KAFKA_TOPIC_PREFIX = 'wide.'
    await withBus(async (bus, { kafka }) => {
      await bus
        .admin()
        .createTopics(
          clusterTopics(kafka).map((topic) =>
            topic.topic === TOPICS.dedupOrder ? { ...topic, partitions: 2 } : topic,
          ),
        )
    })
    expect(await complaints('--create-topics')).toMatchObject([
      {
        name: TOPICS.dedupOrder,
        finding: expect.stringMatching(/^2 partitions, .*it must have one partition$/),
        hint: expect.stringMatching(/^delete it .*winnow doctor --create-topics/),
      },
    ])
    await withBus((bus) => bus.admin().deleteTopics([TOPICS.dedupOrder]))
    expect(await complaints('--create-topics')).toEqual([])
  })

  it('says that no broker is reachable, and where it looked', async () => {
    process.env.WINNOW_KAFKA_TOPIC_PREFIX = ''
    await kafka.kill(0)
    const bad = await complaints()
    expect(bad).toHaveLength(1)
    expect(bad[0]).toMatchObject({
      name: 'Kafka',
      finding: expect.stringContaining(`no broker reachable at ${kafka.brokers[0]}`),
      hint: expect.stringContaining('check that Kafka runs, kafka.brokers'),
    })
  })
})

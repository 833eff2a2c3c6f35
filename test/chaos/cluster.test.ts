import { setTimeout as delay } from 'node:timers/promises'
import { TOPICS } from '@winnow/core'
import { afterEach, describe, expect, it } from 'vitest'
import { Scenario } from '../cluster/scenario.js'
import type { Role } from '../cluster/test-cluster.js'
import { type Fault, FaultyProxy } from '../stack/faulty-proxy.js'
import {
  missingStack,
  type S3Server,
  sharedKafka,
  sharedS3,
  startKafka,
  startS3,
} from '../stack/index.js'

const ROLES: readonly Role[] = [
  'extractor',
  'quality-filter',
  'dedup-sign',
  'dedup-index',
  'dedup-resolve',
  'decontaminator',
]
/** Small sessions and snapshots, so that much happens in a short run. */
const SETTINGS = { WINNOW_KAFKA_SESSION_TIMEOUT_MS: '6000', WINNOW_SNAPSHOT_KEYS: '2000' }
const MINUTES = 60_000

const missing = await missingStack('kafka', 's3')
const closing: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

function kept<T extends { close(): Promise<void> }>(thing: T): T {
  closing.push(() => thing.close())
  return thing
}

function stopped<T extends { stop(): Promise<void> }>(thing: T): T {
  closing.push(() => thing.stop())
  return thing
}

const placeOf = ({ endpoint, region, accessKey, secretKey, bucket }: S3Server) => ({
  endpoint,
  region,
  accessKey,
  secretKey,
  uri: `s3://${bucket}/chaos`,
})

/** A crawl of `files` splits and no service yet, on the servers of the test run or on the Kafka given. */
async function openScenario(
  files: number,
  options: { kafka?: { brokers: string[] }; settings?: Readonly<Record<string, string>> } = {},
): Promise<Scenario> {
  const { settings = SETTINGS } = options
  const kafka = options.kafka && { brokers: options.kafka.brokers, topicPrefix: '' }
  const place = { kafka: kafka ?? (await sharedKafka()), s3: await sharedS3() }
  return kept(await Scenario.open({ place, files, settings }))
}

/** Waits for the end, then for the comparison with one machine and for empty dead letters. */
async function expectWhole(scenario: Scenario, seconds = 600): Promise<void> {
  await scenario.finished(seconds)
  await scenario.expectSameAsOneMachine()
  expect(await scenario.dead()).toEqual([])
}

describe.skipIf(missing !== undefined)('nothing is lost and nothing doubled', () => {
  it(
    'when every role is killed at random, five times each',
    async () => {
      const scenario = await openScenario(40)
      const { cluster } = scenario
      await cluster.startAll()
      // In four parts, so that there is work whenever somebody is killed.
      const kills = ROLES.flatMap((role) => Array<Role>(5).fill(role)).sort(
        () => Math.random() - 0.5,
      )
      for (let part = 0; part < 4; part++) {
        await scenario.feed(scenario.files.slice(10 * part, 10 * part + 10))
        for (const role of kills.splice(0, part === 3 ? kills.length : 8)) {
          await delay(500 + Math.random() * 2500)
          const [victim] = cluster.of(role)
          victim?.child.kill('SIGKILL')
          await victim?.ended
          await cluster.start(role)
        }
      }
      await expectWhole(scenario)
    },
    20 * MINUTES,
  )

  it(
    'when every role is told to stop under load, three times each, and ends in order',
    async () => {
      const settings = { ...SETTINGS, WINNOW_GRACE_SECONDS: '5' }
      const scenario = await openScenario(40, { settings })
      const { cluster } = scenario
      await cluster.startAll()
      const stops = ROLES.flatMap((role) => Array<Role>(3).fill(role)).sort(
        () => Math.random() - 0.5,
      )
      for (let part = 0; part < 4; part++) {
        await scenario.feed(scenario.files.slice(10 * part, 10 * part + 10))
        for (const role of stops.splice(0, part === 3 ? stops.length : 5)) {
          await delay(300 + Math.random() * 1200)
          const [service] = cluster.of(role)
          if (service === undefined) throw new Error(`no ${role} runs`)
          await cluster.ready(service)
          service.child.kill('SIGTERM')
          const code = await service.ended
          expect(code, `${role}\n${service.lines.slice(-8).join('\n')}`).toBe(0)
          await cluster.start(role)
        }
      }
      await expectWhole(scenario)
    },
    20 * MINUTES,
  )

  it(
    'when index workers are rescaled from 1 to 3 to 2, two claim the same slots, and a snapshot is spoilt',
    async () => {
      const scenario = await openScenario(30)
      const { cluster, index } = scenario
      await cluster.startAll()
      const rescale = async (replicas: number): Promise<void> => {
        for (const { child, ended } of cluster.of('dedup-index')) {
          child.kill('SIGTERM')
          expect(await ended).toBe(0)
        }
        for (let ordinal = 0; ordinal < replicas; ordinal++)
          await cluster.start('dedup-index', ordinal, replicas)
      }
      await scenario.feed(scenario.files.slice(0, 10))
      await cluster.until('the first clean shards', async () => (await scenario.clean()) >= 4)
      await rescale(3)
      // Another process that believes it is the first of three.
      await cluster.start('dedup-index', 0, 3)
      await scenario.feed(scenario.files.slice(10, 20))
      await cluster.until('more clean shards', async () => (await scenario.clean()) >= 14)
      const snapshots: string[] = []
      for await (const { key } of index.list('snapshots/')) snapshots.push(key)
      const newest = snapshots.sort((a, b) => (a.slice(-17) < b.slice(-17) ? 1 : -1))[0]
      if (newest === undefined) throw new Error('no snapshot was taken')
      await index.put(newest, (await index.get(newest)).subarray(0, 100))
      await rescale(2)
      await scenario.feed(scenario.files.slice(20))
      await expectWhole(scenario)
    },
    20 * MINUTES,
  )

  it(
    'when every message is delivered twice',
    async () => {
      const scenario = await openScenario(20)
      const { cluster } = scenario
      await cluster.startAll()
      const stop = new AbortController()
      const doubling = scenario.withBus(async (bus) => {
        const seen = new Set<string>()
        const topics = [TOPICS.crawlShards, TOPICS.extracted, TOPICS.filtered, TOPICS.deduplicated]
        for (const topic of topics)
          await bus.consume({
            topic,
            group: 'doubler',
            concurrency: 4,
            handle: async ({ key, value }) => {
              if (seen.has(`${topic} ${value}`)) return
              seen.add(`${topic} ${value}`)
              await bus.publish([{ topic, key, value }])
            },
          })
        for (const topic of [TOPICS.dedupOrder, TOPICS.dedupMatches])
          void (async () => {
            const log = await bus.log(topic)
            for await (const { value } of log.follow(0, stop.signal)) {
              if (seen.has(`${topic} ${value}`)) continue
              seen.add(`${topic} ${value}`)
              await log.append(value)
            }
          })()
        await new Promise((resolve) => stop.signal.addEventListener('abort', resolve))
      })
      await scenario.feed()
      await scenario.finished()
      stop.abort()
      await doubling
      await expectWhole(scenario)
    },
    20 * MINUTES,
  )

  it(
    'when a worker is frozen past its session time-out and woken again',
    async () => {
      const scenario = await openScenario(30)
      const { cluster } = scenario
      await cluster.startAll()
      await cluster.start('extractor')
      await cluster.start('decontaminator')
      await scenario.feed()
      for (const role of ['extractor', 'decontaminator', 'dedup-index'] as const) {
        const [frozen] = cluster.of(role)
        await delay(1500)
        frozen?.child.kill('SIGSTOP')
        await delay(9000)
        frozen?.child.kill('SIGCONT')
      }
      await expectWhole(scenario)
    },
    20 * MINUTES,
  )

  it(
    'when the broker is killed and started again',
    async () => {
      const kafka = stopped(await startKafka())
      const scenario = await openScenario(20, { kafka })
      await scenario.cluster.startAll()
      await scenario.feed()
      for (let round = 0; round < 2; round++) {
        await delay(3000)
        await kafka.kill(0)
        await delay(2000)
        await kafka.restart(0)
      }
      await expectWhole(scenario)
    },
    20 * MINUTES,
  )

  it(
    'when one of three brokers is lost for good',
    async () => {
      const kafka = stopped(await startKafka({ brokers: 3 }))
      const scenario = await openScenario(20, {
        kafka,
        settings: { ...SETTINGS, WINNOW_KAFKA_REPLICATION: '3' },
      })
      await scenario.cluster.startAll()
      await scenario.feed(scenario.files.slice(0, 10))
      await delay(4000)
      await kafka.kill(1)
      await scenario.feed(scenario.files.slice(10))
      await expectWhole(scenario)
    },
    20 * MINUTES,
  )

  it(
    'when S3 fails a third of all requests, and is then gone for two minutes',
    async () => {
      const s3 = placeOf(stopped(await startS3()))
      const faults: Fault[] = ['error', 'slow-down', 'reset', 'lost-answer', 'truncate']
      let share = 0
      const proxy = kept(
        await FaultyProxy.start(s3.endpoint, ({ number }) =>
          Math.random() < share ? faults[number % faults.length] : undefined,
        ),
      )
      const scenario = kept(
        await Scenario.open({
          place: { kafka: await sharedKafka(), s3: { ...s3, endpoint: proxy.endpoint } },
          direct: { endpoint: s3.endpoint },
          files: 20,
          settings: SETTINGS,
        }),
      )
      await scenario.cluster.startAll()
      await scenario.feed(scenario.files.slice(0, 10))
      share = 1 / 3
      await scenario.cluster.until('half of it', async () => (await scenario.clean()) >= 5, 600)
      proxy.goAway()
      await delay(120_000)
      proxy.comeBack()
      await scenario.cluster.until(
        'the first half',
        async () => (await scenario.clean()) >= 10,
        600,
      )
      share = 0
      await scenario.feed(scenario.files.slice(10))
      await expectWhole(scenario)
    },
    30 * MINUTES,
  )
})

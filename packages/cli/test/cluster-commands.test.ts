import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { stripVTControlCharacters } from 'node:util'
import { KafkaBus } from '@winnow/bus/kafka'
import { type DeadLetter, TOPICS } from '@winnow/core'
import { clusterStatus } from '@winnow/runtime/cluster-status'
import { RUN_CONFIG, runPrefix } from '@winnow/runtime/run-prefix'
import { openStore, type S3Settings } from '@winnow/storage'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { missingStack, sharedKafka, sharedS3 } from '../../../test/stack/index.js'
import { main } from '../src/main.js'

const missing = await missingStack('kafka', 's3')
const GOOD = '00000000000000aa'
const POISON = '00000000000000bb'

/** Runs a command in this process; what it said and its exit code. */
async function winnow(...argv: string[]) {
  let said = ''
  const take = (text: string | Uint8Array) => {
    said += String(text)
    return true
  }
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(take),
    vi.spyOn(process.stderr, 'write').mockImplementation(take),
  ]
  try {
    return {
      code: await main(['node', 'winnow', ...argv]),
      said: () => stripVTControlCharacters(said),
    }
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}

const message = (shard: string) => ({
  schema: 1 as const,
  run: 'first',
  shard,
  sequence: 0,
  source: { uri: 's3://crawl/a.warc.gz', offset: 0, length: 1, format: 'warc' as const },
  attributes: {},
  timings: {},
})

function letter(shard: string, role: string): DeadLetter {
  const error = { code: 'WINNOW_INPUT', message: 'a.warc.gz is gone', hint: 'put it back' }
  return { schema: 1, run: 'first', shard, role, attempts: 4, error, message: message(shard) }
}

describe.skipIf(missing)('the operator’s commands on real Kafka and S3', () => {
  let bus: KafkaBus
  let uri: string
  let s3: S3Settings
  const before = { ...process.env }

  beforeAll(async () => {
    const kafka = await sharedKafka()
    const shared = await sharedS3()
    uri = shared.uri
    s3 = { endpoint: shared.endpoint, region: shared.region, forcePathStyle: true }
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: shared.accessKey,
      AWS_SECRET_ACCESS_KEY: shared.secretKey,
      WINNOW_KAFKA_BROKERS: kafka.brokers.join(','),
      WINNOW_KAFKA_TOPIC_PREFIX: kafka.topicPrefix,
      WINNOW_KAFKA_PARTITIONS: '3',
      WINNOW_STORAGE_URI: uri,
      WINNOW_S3_ENDPOINT: shared.endpoint,
      WINNOW_S3_REGION: shared.region,
      WINNOW_S3_FORCE_PATH_STYLE: 'true',
    })
    bus = await KafkaBus.connect(kafka)
  })
  afterAll(async () => {
    process.env = before
    const admin = bus?.admin()
    await admin?.deleteTopics(await admin.topics())
    await bus?.close()
  })

  it('doctor names the topics that are missing, makes them, and then finds nothing', async () => {
    const bare = await winnow('doctor')
    expect(bare.code).toBe(1)
    expect(bare.said()).toMatch(/FAIL\s+winnow\.dedup-order\s+there is no such topic/)
    expect(bare.said()).toContain('--create-topics')
    const made = await winnow('doctor', '--create-topics')
    expect(made.said()).not.toContain('FAIL')
    expect(made.code).toBe(0)
    expect(made.said()).toMatch(/winnow\.dedup-order\s+1 partition, kept for ever/)
    expect(made.said()).toMatch(/winnow\.extracted\s+3 partitions/)
    expect((await winnow('doctor')).code).toBe(0)
  })

  it('doctor says what is wrong with an order log, brokers that are away and a bucket that is none', async () => {
    const other = await sharedKafka()
    const prefix = process.env.WINNOW_KAFKA_TOPIC_PREFIX
    const otherBus = await KafkaBus.connect(other)
    const admin = otherBus.admin()
    await admin.createTopics([
      { topic: TOPICS.dedupOrder, partitions: 1, replication: 1, retentionMs: 1000 },
    ])
    process.env.WINNOW_KAFKA_TOPIC_PREFIX = other.topicPrefix
    const expiring = await winnow('doctor')
    expect(expiring.code).toBe(1)
    expect(expiring.said()).toMatch(/FAIL\s+winnow\.dedup-order.*entries would expire/)
    expect(expiring.said()).toContain('retention.ms=-1')
    await admin.deleteTopics([TOPICS.dedupOrder])
    await otherBus.close()
    process.env.WINNOW_KAFKA_BROKERS = 'localhost:1'
    process.env.WINNOW_STORAGE_URI = 's3://no-such-bucket/x'
    try {
      const away = await winnow('doctor')
      expect(away.code).toBe(1)
      expect(away.said()).toMatch(/FAIL\s+Kafka\s+.*localhost:1/)
      expect(away.said()).toMatch(/FAIL\s+bucket, write/)
    } finally {
      process.env.WINNOW_KAFKA_BROKERS = other.brokers.join(',')
      process.env.WINNOW_KAFKA_TOPIC_PREFIX = prefix
      process.env.WINNOW_STORAGE_URI = uri
    }
  })

  it('dead-letters lists, shows and feeds again to the topic of the role', async () => {
    await bus.publish(
      [letter(GOOD, 'extractor'), letter(POISON, 'decontaminator')].map((each) => ({
        topic: TOPICS.deadLetters,
        key: each.shard,
        value: JSON.stringify(each),
      })),
    )
    await bus.publish([{ topic: TOPICS.deadLetters, key: 'x', value: 'none' }])
    const listed = await winnow('dead-letters', 'list')
    expect(listed.said()).toMatch(new RegExp(`${GOOD} .*extractor .*WINNOW_INPUT .*is gone`))
    expect(listed.said()).toMatch(/record \d+ is passed over/)
    expect((await winnow('dead-letters', 'list', '--run', 'other')).said()).toContain('no dead')
    const shown = await winnow('dead-letters', 'show', POISON)
    expect(shown.said()).toContain('what to do put it back')
    expect((await winnow('dead-letters', 'show', 'ffff')).code).toBe(1)
    expect((await winnow('dead-letters', 'retry')).code).toBe(2)
    expect((await winnow('dead-letters', 'retry', POISON)).code).toBe(0)
    const left = await winnow('dead-letters', 'list')
    expect(left.said()).toContain(GOOD)
    expect(left.said()).not.toContain(POISON)
    const ends = async (topic: string) =>
      (await bus.admin().describeTopics([topic]))[0]?.offsets.reduce((sum, { end }) => sum + end, 0)
    expect(await ends(TOPICS.deduplicated)).toBe(1)
    expect(await ends(TOPICS.crawlShards)).toBe(0)
    expect((await winnow('dead-letters', 'retry', '--all')).code).toBe(0)
    expect(await ends(TOPICS.crawlShards)).toBe(1)
    expect((await winnow('dead-letters', 'list')).said()).toContain('no dead letters are open')
  })

  it('dead-letters feeds an unreadable message again only where all of it was kept', async () => {
    const unreadable = (offset: string, bytes: number): string =>
      JSON.stringify({
        schema: 1,
        kind: 'unreadable',
        role: 'quality-filter',
        topic: TOPICS.extracted,
        partition: 0,
        offset,
        key: 'k',
        raw: Buffer.from('{').toString('base64'),
        bytes,
        error: { code: 'WINNOW_CORRUPT', message: 'no JSON', hint: '' },
      })
    await bus.publish(
      [unreadable('7', 90_000), unreadable('8', 1)].map((value) => ({
        topic: TOPICS.deadLetters,
        key: 'k',
        value,
      })),
    )
    const cut = await winnow('dead-letters', 'retry', `${TOPICS.extracted}/0/7`)
    expect(cut.code).toBe(1)
    expect(cut.said()).toContain('only the first 1 of the 90000 bytes')
    expect(cut.said()).toContain('winnow feed --again')
    const all = await winnow('dead-letters', 'retry', '--all')
    expect(all.code).toBe(0)
    expect(all.said()).toContain(`fed again: ${TOPICS.extracted}/0/8`)
    const left = (await winnow('dead-letters', 'list')).said()
    expect(left).toContain(`${TOPICS.extracted}/0/7`)
    expect(left).not.toContain(`${TOPICS.extracted}/0/8`)
  })

  it('runs cancel marks a run that there is, once', async () => {
    const store = await openStore(uri, { s3 })
    await store.put(runPrefix('first') + RUN_CONFIG, Buffer.from('{"stages":["extract"]}'))
    expect((await winnow('runs', 'cancel', 'second')).code).toBe(1)
    expect((await winnow('runs', 'cancel', 'first')).said()).toContain('is cancelled')
    expect((await winnow('runs', 'cancel', 'first')).said()).toContain('was cancelled before')
  })
})

describe('status', () => {
  const answer = clusterStatus.parse({
    schema: 1,
    at: '2026-11-25T00:00:00Z',
    caughtUp: true,
    kafka: { ok: true },
    storage: { ok: false, error: 'the bucket is gone' },
    lag: [{ stage: 'extractor', topic: 'winnow.crawl-shards', lag: 60, partitions: [] }],
    index: { logEnd: 30 },
    deadLetters: { open: 2, byStage: { extractor: 2 } },
    runs: [
      {
        run: 'cc-2026-40',
        state: 'running',
        fed: 100,
        clean: 20,
        inFlight: 78,
        dead: 2,
        stages: [{ stage: 'extractor', done: 38, waiting: 62, dead: 2, perSecond: 1.5 }],
        perSecond: 0.5,
        etaSeconds: 156,
        duplicateRatio: 0.125,
      },
    ],
  })
  const server = createServer((request, response) =>
    request.url === '/status' ? response.end(JSON.stringify(answer)) : response.end('{}'),
  )
  let url: string
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => void server.close())

  it('says how far a run is, stage by stage', async () => {
    const { code, said } = await winnow('status', '--url', url)
    expect(code).toBe(0)
    expect(said()).toMatch(
      /cc-2026-40.*running: 20 of 100 shards clean, 78 in flight, 2 dead, 2 min 36 s to go, 12\.5 % duplicates/,
    )
    expect(said()).toMatch(/extractor +38 +62 +60 +1\.50 +2/)
    expect(said()).toContain('the bucket is gone')
    expect((await winnow('runs', 'list', '--url', url)).said()).toContain('20 of 100')
  })

  it('is JSON for machines', async () => {
    const { said } = await winnow('status', '--url', url, '--json', '--run', 'cc-2026-40')
    expect(clusterStatus.parse(JSON.parse(said()))).toEqual(answer)
  })

  it('names the runs there are when asked for another', async () => {
    const { code, said } = await winnow('status', '--url', url, '--run', 'x')
    expect(code).toBe(1)
    expect(said()).toMatch(/no run x[\s\S]*cc-2026-40/)
  })

  it('says what to do when the metrics service does not answer', async () => {
    const { code, said } = await winnow('status', '--url', 'http://127.0.0.1:1')
    expect(code).toBe(1)
    expect(said()).toMatch(/cannot ask the metrics service at http:\/\/127\.0\.0\.1:1\/status/)
    expect(said()).toContain('winnow serve metrics')
    expect((await winnow('status', '--url', 'nowhere')).code).toBe(2)
  })
})

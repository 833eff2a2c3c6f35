import { setTimeout as delay } from 'node:timers/promises'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type KafkaServer, missingStack, startKafka } from '../../../test/stack/index.js'
import type { LogEntry, OrderedLog } from '../src/index.js'
import { type KafkaAdmin, KafkaBus } from '../src/kafka.js'

const missing = await missingStack('kafka')

describe.skipIf(missing)('the order log on Kafka', () => {
  let server: KafkaServer
  let bus: KafkaBus
  let admin: KafkaAdmin

  beforeAll(async () => {
    server = await startKafka()
    bus = await KafkaBus.connect({ brokers: server.brokers, topicPrefix: 'p.' })
    admin = bus.admin()
  })
  afterAll(async () => {
    await bus?.close()
    await server?.stop()
  })

  async function newLog(topic: string) {
    await admin.createTopics([{ topic, partitions: 1, replication: 1, retentionMs: -1 }])
    return await bus.log(topic)
  }

  it('gives each entry its offset, and reads from any of them to the present end', async () => {
    const log = await newLog('append')
    expect(await all(log.read(0))).toEqual([])
    for (let i = 0; i < 5; i++) expect(await log.append(`e${i}`)).toBe(i)
    expect(await all(log.read(0))).toEqual(entries(0, 5))
    expect(await all(log.read(3))).toEqual(entries(3, 5))
    expect(await all(log.read(5))).toEqual([])
    await log.close()
  })

  it('gives entries that are appended at once one order, that all readers see', async () => {
    const log = await newLog('together')
    const values = Array.from({ length: 2_000 }, (_, i) => `value ${i} ${'x'.repeat(1_000)}`)
    const positions = await Promise.all(values.map((value) => log.append(value)))
    const expected = values.map((value, i) => ({ position: positions[i] as number, value }))
    expected.sort((a, b) => a.position - b.position)
    expect(await all(log.read(0))).toEqual(expected)
    expect((await bus.admin().groups()).filter(({ group }) => group.includes('together'))).toEqual(
      [],
    )
    await log.close()
  })

  it('is followed over a broker that dies and comes back, with nothing lost and nothing twice', async () => {
    const log = await newLog('restart')
    const stop = new AbortController()
    const seen: LogEntry[] = []
    const following = follow(log, 0, stop.signal, seen)
    for (let i = 0; i < 3; i++) await log.append(`e${i}`)
    await until(() => seen.length === 3)
    await server.kill(0)
    const late = log.append('e3')
    await delay(1_000)
    await server.restart(0)
    expect(await late).toBe(3)
    await until(() => seen.length === 4)
    expect(seen).toEqual(entries(0, 4))
    expect(await all(log.read(0))).toEqual(entries(0, 4))
    stop.abort()
    await following
    await log.close()
  })

  it('steps over the control records of transactions', async () => {
    const log = await newLog('control')
    const client = new Kafka({ brokers: server.brokers, logLevel: logLevel.NOTHING })
    const producer = client.producer({
      transactionalId: 't',
      maxInFlightRequests: 1,
      idempotent: true,
    })
    await producer.connect()
    for (const value of ['e0', 'e2']) {
      const transaction = await producer.transaction()
      await transaction.send({ topic: 'p.control', messages: [{ value }] })
      await transaction.commit()
    }
    await producer.disconnect()
    expect(await all(log.read(0))).toEqual([entries(0, 1)[0], entries(2, 3)[0]])
    expect(await log.append('e4')).toBe(4)
    expect(await all(log.read(1))).toEqual([entries(2, 3)[0], entries(4, 5)[0]])
    await log.close()
  })

  it('says so when the entries asked for were deleted, or never were', async () => {
    const log = await newLog('deleted')
    for (let i = 0; i < 5; i++) await log.append(`e${i}`)
    const client = new Kafka({ brokers: server.brokers, logLevel: logLevel.NOTHING }).admin()
    await client.connect()
    // Without it the client does not know the topic's leader.
    await client.fetchTopicOffsets('p.deleted')
    await client.deleteTopicRecords({
      topic: 'p.deleted',
      partitions: [{ partition: 0, offset: '3' }],
    })
    await client.disconnect()
    await expect(all(log.read(1))).rejects.toMatchObject({
      message: 'the log p.deleted begins at 3: entries from 1 on were deleted',
      hint: expect.stringContaining('retention.ms'),
      retryable: false,
    })
    expect(await all(log.read(3))).toEqual(entries(3, 5))
    await expect(all(log.follow(9, new AbortController().signal))).rejects.toThrow(
      /ends at 5, before 9/,
    )
    await log.close()
  })

  it('refuses a topic of several partitions, whose order is none', async () => {
    await admin.createTopics([{ topic: 'wide', partitions: 2, replication: 1 }])
    await expect(bus.log('wide')).rejects.toThrow(/has 2 partitions, not one/)
  })

  it('ends its followers when it is closed', async () => {
    const log = await newLog('closed')
    const following = follow(log, 0, new AbortController().signal, [])
    await delay(200)
    await log.close()
    await following
  })
})

const entries = (from: number, to: number): LogEntry[] =>
  Array.from({ length: to - from }, (_, i) => ({ position: from + i, value: `e${from + i}` }))

async function all(source: AsyncIterable<LogEntry>): Promise<LogEntry[]> {
  const out: LogEntry[] = []
  for await (const entry of source) out.push(entry)
  return out
}

async function follow(log: OrderedLog, from: number, signal: AbortSignal, out: LogEntry[]) {
  for await (const entry of log.follow(from, signal)) out.push(entry)
}

async function until(reached: () => boolean): Promise<void> {
  while (!reached()) await delay(20)
}

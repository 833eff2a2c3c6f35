import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { StorageError, UsageError } from '@winnow/core'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { missingStack, type SharedKafka, sharedKafka } from '../../../test/stack/index.js'
import type { BusMessage, ConsumeOptions } from '../src/index.js'
import { type KafkaAdmin, KafkaBus, type KafkaSettings } from '../src/kafka.js'

const MEMBER = fileURLToPath(new URL('./kafka-member.mjs', import.meta.url))
const missing = await missingStack('kafka')

describe.skipIf(missing)('the bus on Kafka', () => {
  let shared: SharedKafka
  let bus: KafkaBus
  let admin: KafkaAdmin
  const open: KafkaBus[] = []
  const children: ChildProcess[] = []
  const settings = (more: KafkaSettings = {}): KafkaSettings => ({
    ...shared,
    sessionTimeoutMs: 3_000,
    heartbeatIntervalMs: 300,
    redeliveryPauseMs: 100,
    ...more,
  })

  beforeAll(async () => {
    shared = await sharedKafka()
    bus = await KafkaBus.connect(settings())
    admin = bus.admin()
  })
  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL')
    await Promise.all(open.map((other) => other.close()))
    await admin?.deleteTopics(await admin.topics())
    await bus?.close()
  })

  async function newTopic(topic: string, partitions: number): Promise<string> {
    await admin.createTopics([{ topic, partitions, replication: 1 }])
    return topic
  }

  /** Another process's bus, as far as Kafka can tell. */
  async function member(more: KafkaSettings = {}): Promise<KafkaBus> {
    const other = await KafkaBus.connect(settings(more))
    open.push(other)
    return other
  }

  /** A member in a process of its own, with the topic's name for its group. */
  function start(topic: string) {
    const args = [MEMBER, shared.brokers.join(','), shared.topicPrefix, topic, topic]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    children.push(child)
    let output = ''
    child.stdout.on('data', (chunk) => {
      output += chunk
    })
    return { process: child, printed: () => output }
  }

  const messages = (topic: string, count: number, key?: string): BusMessage[] =>
    Array.from({ length: count }, (_, i) => ({ topic, key: key ?? `k${i}`, value: `${i}` }))

  const committed = async (group: string, topic: string) =>
    (await admin.lag(group, topic)).reduce((sum, partition) => sum + partition.committed, 0)

  it('delivers messages of one key in the order of publication, several keys at once', async () => {
    const topic = await newTopic('order', 4)
    const seen = new Map<string, number[]>()
    let running = 0
    let most = 0
    const subscription = await bus.consume({
      topic,
      group: 'order',
      concurrency: 2,
      handle: async ({ key, value }) => {
        most = Math.max(most, ++running)
        await delay(2)
        seen.set(key, [...(seen.get(key) ?? []), Number(value)])
        running--
      },
    })
    const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
    await bus.publish(keys.flatMap((key) => messages(topic, 100, key)))
    await until(() => sum(seen) === 800)
    await subscription.stop()
    for (const key of keys) expect(seen.get(key)).toEqual(Array.from({ length: 100 }, (_, i) => i))
    expect(most).toBe(2)
    expect(await committed('order', topic)).toBe(800)
  })

  it('commits only after the handler, and delivers again what was in work', async () => {
    const topic = await newTopic('commit', 1)
    await bus.publish(messages(topic, 3, 'k'))
    const gate = deferred()
    const seen: string[] = []
    const first = await (await member()).consume({
      topic,
      group: 'commit',
      concurrency: 1,
      handle: async ({ value }) => {
        seen.push(value)
        if (value === '1') await gate.promise
      },
    })
    await until(() => seen.length === 2)
    await delay(500)
    expect(await committed('commit', topic)).toBe(1)
    await first.stop(0)
    gate.resolve()
    await delay(500)
    expect(await committed('commit', topic)).toBe(1)
    const again: string[] = []
    const second = await bus.consume({
      topic,
      group: 'commit',
      concurrency: 1,
      handle: async ({ value }) => void again.push(value),
    })
    await until(() => again.length === 2)
    await second.stop()
    expect(again).toEqual(['1', '2'])
    expect(await committed('commit', topic)).toBe(3)
  })

  it('a handler that rejects gets its message again, in order, while other partitions go on', async () => {
    const topic = await newTopic('again', 2)
    const errors: string[] = []
    const seen: string[] = []
    let tries = 0
    const gate = deferred()
    const subscription = await bus.consume({
      topic,
      group: 'again',
      concurrency: 1,
      onError: ({ message }) => errors.push(message),
      handle: async ({ key, value }) => {
        if (key === 'a' && value === '0') {
          tries++
          if (seen.filter((entry) => entry.startsWith('d')).length < 5) throw new Error('not yet')
          gate.resolve()
        }
        seen.push(key + value)
      },
    })
    // With murmur2 over two partitions, a and d lie apart.
    await bus.publish([...messages(topic, 2, 'a'), ...messages(topic, 5, 'd')])
    await gate.promise
    await until(() => seen.length === 7)
    await subscription.stop()
    expect(seen).toEqual(['d0', 'd1', 'd2', 'd3', 'd4', 'a0', 'a1'])
    expect(tries).toBeGreaterThan(1)
    expect(errors.some((message) => message.includes('not yet'))).toBe(true)
  })

  it('a slow handler keeps its partition over the session time-out and a rebalance', async () => {
    const topic = await newTopic('slow', 4)
    const log: string[] = []
    let aborted = 0
    const join = async (work: ConsumeOptions['handle']) =>
      (await member()).consume({ topic, group: 'slow', concurrency: 4, handle: work })
    const gate = deferred()
    const first = await join(async ({ value }, { signal }) => {
      signal.addEventListener('abort', () => aborted++)
      log.push(value)
      if (value === 'slow') await gate.promise
    })
    await bus.publish([{ topic, key: 'k', value: 'slow' }])
    await until(() => log.includes('slow'))
    const other: string[] = []
    const second = await join(async ({ value }) => void other.push(value))
    await delay(4_500)
    await bus.publish(messages(topic, 40))
    await until(() => other.length > 0)
    gate.resolve()
    await until(() => log.length + other.length === 41)
    await first.stop()
    await second.stop()
    expect(aborted).toBe(0)
    expect(log.filter((value) => value === 'slow')).toHaveLength(1)
    expect(other).not.toContain('slow')
    expect([...log, ...other]).toHaveLength(41)
    expect(await committed('slow', topic)).toBe(41)
  })

  it('a partition that is taken away aborts what is in work, and its offset is not committed', async () => {
    const topic = await newTopic('taken', 2)
    await bus.publish([...messages(topic, 1, 'a'), ...messages(topic, 1, 'd')])
    const gate = deferred()
    const started: string[] = []
    const aborted: string[] = []
    const first = await (await member()).consume({
      topic,
      group: 'taken',
      concurrency: 2,
      handle: async ({ key }, { signal }) => {
        started.push(key)
        signal.addEventListener('abort', () => aborted.push(key))
        await gate.promise
      },
    })
    await until(() => started.length === 2)
    const other: string[] = []
    const second = await bus.consume({
      topic,
      group: 'taken',
      concurrency: 2,
      handle: async ({ key }) => void other.push(key),
    })
    await until(() => other.length === 1)
    expect(aborted).toEqual(other)
    gate.resolve()
    await until(async () => (await committed('taken', topic)) === 2)
    await first.stop()
    await second.stop()
    expect(started).toHaveLength(2)
    expect(other).toHaveLength(1)
  })

  it('a member that is killed loses its message to another one', async () => {
    const topic = await newTopic('killed', 1)
    await bus.publish(messages(topic, 2, 'k'))
    const victim = start(topic)
    await until(() => victim.printed().includes('started 0'))
    const seen: string[] = []
    const other = await bus.consume({
      topic,
      group: topic,
      concurrency: 1,
      handle: async ({ value }) => void seen.push(value),
    })
    expect(seen).toEqual([])
    victim.process.kill('SIGKILL')
    await until(() => seen.length === 2)
    await other.stop()
    expect(seen).toEqual(['0', '1'])
  })

  it('a member that was frozen past its session learns on waking that its message is another one’s', async () => {
    const topic = await newTopic('frozen', 1)
    await bus.publish(messages(topic, 1, 'k'))
    const victim = start(topic)
    await until(() => victim.printed().includes('started 0'))
    victim.process.kill('SIGSTOP')
    const seen: string[] = []
    const other = await bus.consume({
      topic,
      group: topic,
      concurrency: 1,
      handle: async ({ value }) => void seen.push(value),
    })
    await until(() => seen.length === 1)
    victim.process.kill('SIGCONT')
    await until(() => victim.printed().includes('aborted 0'))
    await other.stop()
    expect(seen).toEqual(['0'])
    expect(await committed(topic, topic)).toBe(1)
  })

  it('hands the bytes over as they came, also those that are no text', async () => {
    const topic = await newTopic('raw', 1)
    const bytes = Buffer.from([0xff, 0x00, 0xfe, 0x7b])
    const producer = new Kafka({ brokers: shared.brokers, logLevel: logLevel.NOTHING }).producer()
    await producer.connect()
    await producer.send({
      topic: shared.topicPrefix + topic,
      messages: [{ value: bytes }, { value: null }],
    })
    await producer.disconnect()
    const seen: BusMessage[] = []
    const subscription = await bus.consume({
      topic,
      group: 'raw',
      concurrency: 1,
      handle: async (message) => void seen.push(message),
    })
    await until(() => seen.length === 2)
    await subscription.stop()
    expect(seen[0]?.topic).toBe(topic)
    expect(Buffer.from(seen[0]?.raw ?? [])).toEqual(bytes)
    expect(seen[0]?.place).toEqual({ partition: 0, offset: '0' })
    expect(seen[1]?.value).toBe('')
  })

  it('refuses a message over 64 KB, and says which', async () => {
    const topic = await newTopic('large', 1)
    const publish = bus.publish([{ topic, key: 'shard7', value: 'x'.repeat(65_536) }])
    await expect(publish).rejects.toThrow(UsageError)
    await expect(publish).rejects.toThrow(/shard7 for large is too large: 65542 bytes/)
    await bus.publish([{ topic, key: 'k', value: 'x'.repeat(65_535) }])
  })

  it('says which topic is missing', async () => {
    const error = {
      message: expect.stringMatching(/nowhere.*does not exist/),
      hint: expect.stringContaining('doctor'),
    }
    await expect(bus.publish(messages('nowhere', 1))).rejects.toMatchObject(error)
    await expect(
      bus.consume({ topic: 'nowhere', group: 'g', concurrency: 1, handle: async () => {} }),
    ).rejects.toMatchObject(error)
    await expect(bus.log('nowhere')).rejects.toMatchObject(error)
  })

  it('says that no broker is there', async () => {
    const connect = KafkaBus.connect({ brokers: ['127.0.0.1:1'] })
    await expect(connect).rejects.toThrow(StorageError)
    await expect(connect).rejects.toMatchObject({
      message: expect.stringMatching(/no broker reachable at 127\.0\.0\.1:1/),
      retryable: true,
    })
  })

  it('describes topics, groups and lag', async () => {
    const spec = { topic: 'described', partitions: 3, replication: 1, retentionMs: -1 }
    expect(await admin.createTopics([spec])).toEqual(['described'])
    expect(await admin.createTopics([spec])).toEqual([])
    await bus.publish(messages('described', 5))
    const [topic] = await admin.describeTopics(['described', 'nowhere'])
    expect(topic).toMatchObject({
      topic: 'described',
      partitions: 3,
      replication: 1,
      retentionMs: -1,
      minInSyncReplicas: 1,
    })
    expect(topic?.offsets.reduce((total, { end }) => total + end, 0)).toBe(5)
    const before = await admin.lag('described', 'described')
    expect(before.reduce((total, { lag }) => total + lag, 0)).toBe(5)
    let seen = 0
    const subscription = await bus.consume({
      topic: 'described',
      group: 'described',
      concurrency: 1,
      handle: async () => void seen++,
    })
    await until(() => seen === 5)
    const group = (await admin.groups()).find((entry) => entry.group === 'described')
    expect(group).toMatchObject({ state: 'Stable', members: [{ clientId: 'winnow' }] })
    await subscription.stop()
    const after = await admin.lag('described', 'described')
    expect(after.map(({ lag }) => lag)).toEqual([0, 0, 0])
    expect(await admin.brokers()).toHaveLength(1)
  })
})

function sum(seen: ReadonlyMap<string, readonly number[]>): number {
  return [...seen.values()].reduce((total, values) => total + values.length, 0)
}

function deferred() {
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

/** Waits for a state; the test's own time-out ends the waiting. */
async function until(reached: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await reached())) await delay(20)
}

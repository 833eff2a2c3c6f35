import {
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3'
import { Kafka, logLevel, type SASLOptions } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type KafkaServer,
  missingStack,
  type S3Server,
  s3ClientConfig,
  sharedKafka,
  sharedS3,
  startKafka,
  startS3,
} from './index.js'

const TOPIC = 'stack-test'
const VALUES = ['one', 'two', 'three']

const client = (brokers: string[], sasl?: SASLOptions): Kafka =>
  new Kafka({ brokers, ...(sasl && { sasl }), logLevel: logLevel.NOTHING })

async function produce(kafka: Kafka, topic: string): Promise<void> {
  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic, acks: -1, messages: VALUES.map((value) => ({ value })) })
  await producer.disconnect()
}

/** The first `VALUES.length` messages of a topic with one partition. */
async function read(kafka: Kafka, topic: string, groupId: string): Promise<string[]> {
  const consumer = kafka.consumer({ groupId })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  const values: string[] = []
  await new Promise<void>((resolve) => {
    void consumer.run({
      eachMessage: async ({ message }) => {
        if (values.push(String(message.value)) === VALUES.length) resolve()
      },
    })
  })
  await consumer.disconnect()
  return values
}

async function createTopic(kafka: Kafka, topic: string, replicationFactor: number): Promise<void> {
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: 1, replicationFactor }] })
  await admin.disconnect()
}

const noKafka = await missingStack('kafka')
const noS3 = await missingStack('s3')

describe.skipIf(noKafka)('one Kafka broker', () => {
  let server: KafkaServer
  beforeAll(async () => {
    server = await startKafka()
  })
  afterAll(() => server?.stop())

  it('keeps messages over kill -9 and restart, at the same address', async () => {
    const kafka = client(server.brokers)
    await createTopic(kafka, TOPIC, 1)
    await produce(kafka, TOPIC)
    await server.kill(0)
    await expect(client(server.brokers).admin().connect()).rejects.toThrow()
    await server.restart(0)
    expect(await read(client(server.brokers), TOPIC, 'after')).toEqual(VALUES)
  })

  it('creates no topic by itself', async () => {
    await expect(produce(client(server.brokers), 'never-created')).rejects.toThrow(/topic/i)
  })
})

describe.skipIf(noKafka)('three Kafka brokers', () => {
  let server: KafkaServer
  beforeAll(async () => {
    server = await startKafka({ brokers: 3 })
  })
  afterAll(() => server?.stop())

  it('serve on with one lost', async () => {
    const kafka = client(server.brokers)
    await createTopic(kafka, TOPIC, 3)
    await produce(kafka, TOPIC)
    await server.kill(1)
    expect(await read(kafka, TOPIC, 'with-two')).toEqual(VALUES)
    await produce(kafka, TOPIC)
  })
})

describe.skipIf(noKafka)('a Kafka that asks for credentials', () => {
  let server: KafkaServer
  beforeAll(async () => {
    server = await startKafka({ sasl: true })
  })
  afterAll(() => server?.stop())

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)(
    'takes the right ones by %s and refuses wrong ones',
    async (mechanism) => {
      const { admin, nobody } = server.users!
      const topic = `${TOPIC}-${mechanism}`
      const kafka = client(server.brokers, { mechanism, ...admin })
      await createTopic(kafka, topic, 1)
      await produce(kafka, topic)
      const wrong = client(server.brokers, { mechanism, username: 'admin', password: 'wrong' })
      await expect(wrong.admin().connect()).rejects.toThrow(/auth/i)
      const denied = produce(client(server.brokers, { mechanism, ...nobody }), topic)
      await expect(denied).rejects.toThrow(/authorized/i)
    },
  )
})

async function put(config: S3ClientConfig, Bucket: string, Key: string): Promise<void> {
  await new S3Client(config).send(new PutObjectCommand({ Bucket, Key, Body: `body of ${Key}` }))
}

async function get(config: S3ClientConfig, Bucket: string, Key: string): Promise<string> {
  const { Body } = await new S3Client(config).send(new GetObjectCommand({ Bucket, Key }))
  return Body!.transformToString()
}

describe.skipIf(noS3)('an S3 server', () => {
  let server: S3Server
  beforeAll(async () => {
    server = await startS3()
  })
  afterAll(() => server?.stop())

  it('keeps objects over kill -9 and restart, at the same address', async () => {
    const config = { ...s3ClientConfig(server), maxAttempts: 1 }
    await put(config, server.bucket, 'a/b')
    await server.kill()
    await expect(get(config, server.bucket, 'a/b')).rejects.toThrow()
    await server.restart()
    expect(await get(config, server.bucket, 'a/b')).toBe('body of a/b')
  })

  it('refuses wrong credentials', async () => {
    const config = s3ClientConfig({ ...server, secretKey: 'wrong' })
    await expect(get(config, server.bucket, 'a/b')).rejects.toThrow(/signature/i)
  })
})

describe.skipIf(noKafka ?? noS3)('the servers of a test run', () => {
  it('are the same for all, with a name space for each', async () => {
    const [one, two] = [await sharedKafka(), await sharedKafka()]
    expect(one.brokers).toEqual(two.brokers)
    expect(one.topicPrefix).not.toBe(two.topicPrefix)
    const topic = `${one.topicPrefix}${TOPIC}`
    await createTopic(client(one.brokers), topic, 1)
    await produce(client(two.brokers), topic)
    const [mine, yours] = [await sharedS3(), await sharedS3()]
    expect(mine.endpoint).toBe(yours.endpoint)
    expect(mine.uri).not.toBe(yours.uri)
    await put(s3ClientConfig(mine), mine.bucket, `${mine.prefix}/a`)
    expect(await get(s3ClientConfig(yours), mine.bucket, `${mine.prefix}/a`)).toContain('body')
  })
})

import { StorageError, UsageError } from '@winnow/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type KafkaServer, missingStack, startKafka } from '../../../test/stack/index.js'
import { KafkaBus, type KafkaSettings } from '../src/kafka.js'

const missing = await missingStack('kafka')
const MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const

describe.skipIf(missing)('a Kafka that asks for credentials', () => {
  let server: KafkaServer
  beforeAll(async () => {
    server = await startKafka({ sasl: true })
  })
  afterAll(() => server?.stop())

  const settings = (mechanism: (typeof MECHANISMS)[number], user: object): KafkaSettings => ({
    brokers: server.brokers,
    sasl: { mechanism, username: 'admin', ...user },
  })

  it.each(MECHANISMS)('lets the right ones in by %s', async (mechanism) => {
    const bus = await KafkaBus.connect(settings(mechanism, server.users?.admin ?? {}))
    const topic = `secured-${mechanism}`
    await bus.admin().createTopics([{ topic, partitions: 1, replication: 1 }])
    await bus.publish([{ topic, key: 'k', value: 'v' }])
    await bus.close()
  })

  it.each(MECHANISMS)(
    'says that they are wrong by %s, and does not print them',
    async (mechanism) => {
      const connect = KafkaBus.connect(settings(mechanism, { password: 'wrong-secret' }))
      const error = await connect.then(
        () => undefined,
        (reason: StorageError) => reason,
      )
      expect(error).toBeInstanceOf(StorageError)
      expect(error?.message).toMatch(/refused the credentials \(SASL /)
      expect(error?.retryable).toBe(false)
      expect(`${error?.message} ${error?.hint} ${error?.stack}`).not.toContain('wrong-secret')
    },
  )

  it('names the permission that a user lacks', async () => {
    const admin = await KafkaBus.connect(settings('plain', server.users?.admin ?? {}))
    await admin.admin().createTopics([{ topic: 'closed', partitions: 1, replication: 1 }])
    const bus = await KafkaBus.connect(settings('plain', server.users?.nobody ?? {}))
    const denied = { message: expect.stringContaining('no permission'), retryable: false }
    await expect(bus.publish([{ topic: 'closed', key: 'k', value: 'v' }])).rejects.toMatchObject(
      denied,
    )
    const consume = bus.consume({
      topic: 'closed',
      group: 'g',
      concurrency: 1,
      handle: async () => {},
    })
    await expect(consume).rejects.toMatchObject(denied)
    await bus.close()
    await admin.close()
  })

  it('wants a password before it connects', async () => {
    await expect(KafkaBus.connect(settings('plain', {}))).rejects.toThrow(UsageError)
  })
})

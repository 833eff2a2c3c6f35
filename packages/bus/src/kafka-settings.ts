import { z } from 'zod'

const milliseconds = z.number().int().min(1)
const pemFile = z.string().min(1)

const credentials = {
  username: z.string().min(1),
  /** Better left out here and given in the environment. */
  password: z
    .string()
    .optional()
    .describe('default: the environment variable WINNOW_KAFKA_PASSWORD'),
}

const sasl = z
  .discriminatedUnion('mechanism', [
    z.strictObject({ mechanism: z.literal('plain'), ...credentials }),
    z.strictObject({ mechanism: z.literal('scram-sha-256'), ...credentials }),
    z.strictObject({ mechanism: z.literal('scram-sha-512'), ...credentials }),
    z.strictObject({
      mechanism: z.literal('oauthbearer'),
      tokenCommand: z
        .array(z.string().min(1))
        .min(1)
        .optional()
        .describe('program and arguments; prints a fresh token on its standard output'),
    }),
  ])
  .describe('how to log in')

const ssl = z.union([
  z.boolean(),
  z.strictObject({
    ca: pemFile
      .optional()
      .describe('PEM file of the authority that signed the brokers’ certificates'),
    cert: pemFile.optional().describe('PEM file of the client’s certificate'),
    key: pemFile.optional().describe('PEM file of the client’s key'),
    servername: z.string().min(1).optional().describe('name expected in the certificate'),
    rejectUnauthorized: z.boolean().default(true).describe('false: accept any certificate'),
  }),
])

/** How to reach Kafka, and how patient to be with it. */
export const kafkaSettings = z.strictObject({
  brokers: z
    .array(z.string().regex(/^.+:\d{1,5}$/, 'host:port'))
    .min(1)
    .default(['localhost:9092'])
    .describe('some of the brokers, host:port; the others are found through them'),
  clientId: z.string().min(1).default('winnow').describe('name in the brokers’ logs and quotas'),
  topicPrefix: z
    .string()
    .regex(/^[\w.-]{0,100}$/, 'letters, digits, . _ -')
    .default('')
    .describe('put before every topic and group, so that installations can share brokers'),
  ssl: ssl.default(false).describe('TLS; true: with the authorities that Node.js knows'),
  sasl: sasl.optional(),
  sessionTimeoutMs: milliseconds
    .default(30_000)
    .describe('a consumer not heard of for so long loses its partitions'),
  heartbeatIntervalMs: milliseconds.default(3_000).describe('a third of the session at most'),
  rebalanceTimeoutMs: milliseconds.default(60_000).describe('time for all members to join again'),
  connectionTimeoutMs: milliseconds.default(5_000).describe('time to connect to a broker'),
  requestTimeoutMs: milliseconds.default(30_000).describe('time for a broker to answer'),
  deliveryTimeoutMs: milliseconds
    .default(120_000)
    .describe('a message not stored after so long, all retries counted, is a failure'),
  redeliveryPauseMs: milliseconds
    .default(1_000)
    .describe('pause before a message whose handler failed is delivered again'),
})

/** Settings as given: everything may be left out. */
export type KafkaSettings = z.input<typeof kafkaSettings>
/** Settings with their defaults. */
export type ResolvedKafkaSettings = z.output<typeof kafkaSettings>

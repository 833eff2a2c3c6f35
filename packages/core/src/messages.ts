import { z } from 'zod'
import { STAGES } from './attributes.js'
import { CorruptError } from './errors.js'
import { CRAWL_FORMATS } from './shard.js'

const shard = z.string().regex(/^[0-9a-f]{16}$/, '16 hex digits')
const count = z.number().int().nonnegative()

/** What a stage took, for reports. `seconds` is the time of one worker thread; `bytes` what it read. */
const timing = z.object({ seconds: z.number().nonnegative(), documents: count, bytes: count })

/** A shard on its way through the stages: pointers to objects, never text. */
export const shardMessage = z.object({
  schema: z.literal(1),
  run: z.string().min(1),
  shard,
  /** Place in the order of feeding. */
  sequence: count,
  source: z.object({
    uri: z.string().min(1),
    offset: count,
    length: count,
    format: z.enum(CRAWL_FORMATS),
  }),
  documents: z.string().optional(),
  attributes: z.partialRecord(z.enum(STAGES), z.string()),
  keyFile: z.string().optional(),
  /** Rows of the key file: those that were still kept. */
  signedRows: count.optional(),
  rows: count.optional(),
  timings: z.partialRecord(z.enum([...STAGES, 'sign']), timing),
})
export type ShardMessage = z.infer<typeof shardMessage>

/** A shard that failed for good, with its error and the message to feed again. */
export const deadLetter = z.object({
  schema: z.literal(1),
  run: z.string(),
  shard,
  role: z.string(),
  attempts: z.number().int().positive(),
  error: z.object({ code: z.string(), message: z.string(), hint: z.string() }),
  message: shardMessage,
})
export type DeadLetter = z.infer<typeof deadLetter>

/** Parses and validates a message. Throws CorruptError naming the field that is wrong. */
export function parseMessage<T>(schema: z.ZodType<T>, topic: string, value: string): T {
  let json: unknown
  try {
    json = JSON.parse(value)
  } catch (error) {
    throw new CorruptError(`a message on ${topic} is not JSON`, '', error)
  }
  const result = schema.safeParse(json)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  throw new CorruptError(
    `a message on ${topic} is not valid at ${issue?.path.join('.') || 'its root'}: ${issue?.message ?? ''}`,
  )
}

/** A message that could not be read, as it was received: its dead letter. */
export const unreadableLetter = z.object({
  schema: z.literal(1),
  kind: z.literal('unreadable'),
  role: z.string(),
  topic: z.string(),
  partition: count,
  offset: z.string(),
  key: z.string(),
  /** The bytes of the message, or the first of them, base64. */
  raw: z.base64(),
  /** How many bytes it had. */
  bytes: count,
  error: z.object({ code: z.string(), message: z.string(), hint: z.string() }),
})
export type UnreadableLetter = z.infer<typeof unreadableLetter>

/** Says that a dead letter was fed again and is open no more. It has the letter's key, so it comes after it. */
export const retriedLetter = z.object({
  schema: z.literal(1),
  kind: z.literal('retried'),
  /** `letterId` of the letter. */
  letter: z.string(),
  at: z.string(),
})
export type RetriedLetter = z.infer<typeof retriedLetter>

/** Everything that stands on the topic of dead letters. */
export const deadLetterRecord = z.union([retriedLetter, unreadableLetter, deadLetter])
export type DeadLetterRecord = z.infer<typeof deadLetterRecord>

/** What tells letters apart: a shard fails once for good in a role, whoever gave it up and however often. */
export function letterId(letter: DeadLetter | UnreadableLetter): string {
  return 'topic' in letter
    ? `${letter.topic}/${letter.partition}/${letter.offset}`
    : `${letter.run}/${letter.shard}/${letter.role}`
}

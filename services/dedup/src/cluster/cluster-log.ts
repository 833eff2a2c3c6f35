import type { LogEntry, OrderedLog } from '@winnow/bus'
import { CorruptError, type ShardMessage } from '@winnow/core'
import { parseMessage, shardMessage } from '@winnow/core/messages'
import { type OrderLogEntry, requireLogEntry } from '@winnow/dedup'
import { z } from 'zod'

/** An entry of the cluster's order log: the shard's place in the order, and the message to send on once it is decided. */
export interface ClusterLogEntry {
  readonly entry: OrderLogEntry
  readonly message: ShardMessage
}

/** One line of the log. */
export function encodeClusterEntry({ entry, message }: ClusterLogEntry): string {
  return JSON.stringify({ ...entry, message })
}

/** Throws CorruptError that says what is wrong with it. */
export function decodeClusterEntry(value: string, where: string): ClusterLogEntry {
  let json: unknown
  try {
    json = JSON.parse(value)
  } catch (cause) {
    throw new CorruptError(`${where}: it is no JSON`, '', cause)
  }
  const entry = requireLogEntry(json, where)
  const message = (json as { message?: unknown }).message
  return { entry, message: parseMessage(shardMessage, where, JSON.stringify(message ?? null)) }
}

/** Says that the matches of a log entry in slots [firstSlot, endSlot) are stored. */
const answerMessage = z.object({
  schema: z.literal(1),
  run: z.string(),
  shard: z.string(),
  /** Place of the entry in the order log. */
  entry: z.number().int().nonnegative(),
  firstSlot: z.number().int().min(0).max(255),
  endSlot: z.number().int().min(1).max(256),
  matches: z.number().int().nonnegative(),
  /** Where they are: a key of the index's store. */
  answer: z.string(),
})
export type AnswerMessage = z.infer<typeof answerMessage>

export function decodeAnswer(value: string, where: string): AnswerMessage {
  return parseMessage(answerMessage, where, value)
}

/** The log to its present end, `caughtUp` when that is reached, and then on as it grows. */
export async function* followLog(
  log: OrderedLog,
  from: number,
  signal: AbortSignal,
  caughtUp: () => void,
): AsyncGenerator<LogEntry> {
  let next = from
  for await (const entry of log.read(from)) {
    if (signal.aborted) return
    next = entry.position + 1
    yield entry
  }
  caughtUp()
  yield* log.follow(next, signal)
}

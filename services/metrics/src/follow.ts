import { randomBytes } from 'node:crypto'
import type { KafkaAdmin, KafkaBus } from '@winnow/bus/kafka'
import type { Topic } from '@winnow/core'

/** Messages in hand at once: taking one is no work, so many make the start quick. */
const CONCURRENCY = 256

export interface Follower {
  /** Messages that were there at the start and have not come yet. */
  missing(): number
  /** Stops, and removes what the brokers remember of it. */
  stop(): Promise<void>
}

/**
 * Reads topics from their beginning and goes on with what comes. Each topic by a group of its own that no other process
 * has, so that every start begins at the beginning; the groups are deleted at the end, and expire after a crash.
 */
export async function follow(
  bus: KafkaBus,
  admin: KafkaAdmin,
  topics: readonly Topic[],
  events: {
    take(topic: Topic, value: string, offset: string): void
    onError(error: Error): void
  },
): Promise<Follower> {
  const id = randomBytes(6).toString('hex')
  const started = await admin.describeTopics(topics)
  /** The end at the start, for each partition that is not read that far yet. */
  const ends = new Map<string, number>()
  const next = new Map<string, number>()
  for (const { topic, offsets } of started)
    for (const { partition, start, end } of offsets)
      if (end > start) {
        ends.set(`${topic}/${partition}`, end)
        next.set(`${topic}/${partition}`, start)
      }
  const groups = topics.map((topic) => ({ topic, group: `winnow.metrics.${id}.${topic}` }))
  const opened = await Promise.allSettled(
    groups.map(({ topic, group }) =>
      bus.consume({
        topic,
        group,
        concurrency: CONCURRENCY,
        onError: events.onError,
        handle: async ({ value, place }) => {
          const offset = place?.offset ?? '0'
          const key = `${topic}/${place?.partition ?? 0}`
          const end = ends.get(key)
          if (end !== undefined) {
            next.set(key, Number(offset) + 1)
            if (Number(offset) + 1 >= end) ends.delete(key)
          }
          events.take(topic, value, offset)
        },
      }),
    ),
  )
  const stop = async () => {
    await Promise.allSettled(
      opened.map((each) => (each.status === 'fulfilled' ? each.value.stop(0) : undefined)),
    )
    // What is left behind expires by itself.
    await admin.deleteGroups(groups.map(({ group }) => group)).catch(() => {})
  }
  const failed = opened.find((each) => each.status === 'rejected')
  if (failed !== undefined) {
    await stop()
    throw failed.reason
  }
  return {
    missing: () => {
      let missing = 0
      for (const [key, end] of ends) missing += end - (next.get(key) ?? 0)
      return missing
    },
    stop,
  }
}

import { TOPICS, type Topic } from '@winnow/core'
import type { RunConfig, WorkerRole } from '@winnow/runtime'

/** The roles that consume a topic shard by shard. The others follow the order log. */
export const SHARD_ROLES = ['extractor', 'quality-filter', 'dedup-sign', 'decontaminator'] as const
export type ShardRole = (typeof SHARD_ROLES)[number] & WorkerRole

export const SERVICE_ROLES = [...SHARD_ROLES, 'dedup-index', 'dedup-resolve', 'metrics'] as const
export type ServiceRole = (typeof SERVICE_ROLES)[number]

/** What each role consumes. */
export const CONSUMES: Readonly<Record<ShardRole, Topic>> = {
  extractor: TOPICS.crawlShards,
  'quality-filter': TOPICS.extracted,
  'dedup-sign': TOPICS.filtered,
  decontaminator: TOPICS.deduplicated,
}

/** The topic a run's shard goes to after a role: stages that are not wanted are passed over. */
export function topicAfter(role: ShardRole, { stages }: Pick<RunConfig, 'stages'>): Topic {
  const wanted: Topic[] = [
    TOPICS.crawlShards,
    ...(stages.includes('quality') ? [TOPICS.extracted] : []),
    ...(stages.includes('dedup') ? [TOPICS.filtered] : []),
    TOPICS.deduplicated,
    TOPICS.clean,
  ]
  const order = Object.values(TOPICS)
  const own = order.indexOf(CONSUMES[role])
  return wanted.find((topic) => order.indexOf(topic) > own) ?? TOPICS.clean
}

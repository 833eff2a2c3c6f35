import { TOPICS, type Topic } from '@winnow/core'
import type { RunConfig } from '@winnow/runtime'
import { GROUP_ROLES } from '@winnow/runtime/cluster-topics'

/** The roles that take shards from a topic. The others follow the order log. */
export type ShardRole = (typeof GROUP_ROLES)[number]['role']

export function isShardRole(role: string): role is ShardRole {
  return GROUP_ROLES.some((each) => each.role === role)
}

/** What a role consumes. */
export function consumedBy(role: ShardRole): Topic {
  return GROUP_ROLES.find((each) => each.role === role)?.consumes ?? TOPICS.crawlShards
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
  const own = order.indexOf(consumedBy(role))
  return wanted.find((topic) => order.indexOf(topic) > own) ?? TOPICS.clean
}

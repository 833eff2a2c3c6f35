import { TOPICS, type Topic } from '@winnow/core'
import type { ClusterConfig } from './cluster-config.js'

/** What a topic must be like. */
export interface ClusterTopic {
  readonly topic: Topic
  readonly partitions: number
  readonly replication: number
  /** Milliseconds; -1: for ever. */
  readonly retentionMs: number
  readonly minInSyncReplicas: number
}

/**
 * Topics whose order counts as a whole: the order log, the answers to it, and the letters, which the operator reads from
 * the start.
 */
const ONE_PARTITION: readonly Topic[] = [TOPICS.dedupOrder, TOPICS.dedupMatches, TOPICS.deadLetters]

/**
 * The topics of a cluster. Nothing expires: a message is a few hundred bytes, and one that goes before it is worked
 * is a shard lost.
 */
export function clusterTopics({
  partitions,
  replication,
}: Pick<ClusterConfig['kafka'], 'partitions' | 'replication'>): ClusterTopic[] {
  return Object.values(TOPICS).map((topic) => ({
    topic,
    partitions: ONE_PARTITION.includes(topic) ? 1 : partitions,
    replication,
    retentionMs: -1,
    minInSyncReplicas: replication >= 3 ? 2 : 1,
  }))
}

/** Roles that take shards from a topic as members of a group, in the order of the pipeline. */
export const GROUP_ROLES = [
  { role: 'extractor', consumes: TOPICS.crawlShards },
  { role: 'quality-filter', consumes: TOPICS.extracted },
  { role: 'dedup-sign', consumes: TOPICS.filtered },
  { role: 'decontaminator', consumes: TOPICS.deduplicated },
] as const satisfies readonly { role: string; consumes: Topic }[]

/** The consumer group of a role. */
export const groupOf = (role: string): string => `winnow.${role}`

/**
 * The topic that a role takes shards from, undefined for a role that nobody knows. The roles that follow the order log
 * get a shard again by its being signed again: the log skips what it already has, and what follows is done anew.
 */
export function topicOf(role: string): Topic | undefined {
  if (role === 'dedup-index' || role === 'dedup-resolve') return TOPICS.filtered
  return GROUP_ROLES.find((each) => each.role === role)?.consumes
}

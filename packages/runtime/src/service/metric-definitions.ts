import { STAGES, TOPICS, VERDICT_NAMES } from '@winnow/core'

/** Roles that have metrics of their own. */
export const ROLES = [
  'extractor',
  'quality-filter',
  'dedup-sign',
  'dedup-index',
  'dedup-resolve',
  'decontaminator',
  'metrics',
] as const
export type Role = (typeof ROLES)[number]

/** The values that a label takes: a list, or what keeps them few. */
export type LabelValues = readonly string[] | { readonly bound: string }

export interface MetricDefinition {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly unit:
    | 'documents'
    | 'bytes'
    | 'seconds'
    | 'shards'
    | 'messages'
    | 'requests'
    | 'ratio'
    | 'keys'
    | 'entries'
    | 'runs'
    | 'info'
  readonly labels: Readonly<Record<string, LabelValues>>
  /** Who exposes it: `workers` are the roles that take shards from a topic. */
  readonly from:
    | 'every service'
    | 'workers'
    | 'dedup-index'
    | 'dedup-index and dedup-resolve'
    | 'metrics'
  /** Upper bounds of a histogram's buckets. */
  readonly buckets?: readonly number[]
}

const stage: LabelValues = ROLES.filter((role) => role !== 'metrics')
/** The stage that wrote a verdict, not the role: the dedup roles write one verdict together. */
const verdictStage: LabelValues = STAGES
const verdict: LabelValues = VERDICT_NAMES
const reason: LabelValues = {
  bound: 'the reasons that `winnow rules` lists, or empty for documents that are kept',
}
const run: LabelValues = { bound: 'the newest 50 runs' }
const topic: LabelValues = Object.values(TOPICS)
const code: LabelValues = { bound: 'the codes of errors, WINNOW_* and those of Node.js' }
const partition: LabelValues = { bound: 'the partitions of the topic (kafka.partitions)' }

/** Seconds: a shard of 64 MiB takes from under a second (resolve) to some minutes (extraction on a busy core). */
const SHARD_BUCKETS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000] as const

/**
 * Every metric of every service, once. prom-client's objects, docs/operations/metrics.md and the dashboards follow
 * from it. Names: base units, `_total` for counters (https://prometheus.io/docs/practices/naming/).
 */
export const METRICS = {
  documents: {
    name: 'winnow_documents_total',
    type: 'counter',
    unit: 'documents',
    help: 'Documents judged, by stage, verdict and reason; a shard done again counts again',
    labels: { stage: verdictStage, verdict, reason },
    from: 'workers',
  },
  bytes: {
    name: 'winnow_bytes_total',
    type: 'counter',
    unit: 'bytes',
    help: 'Bytes of text (of HTML for the extractor) that the role read',
    labels: { stage },
    from: 'workers',
  },
  shardSeconds: {
    name: 'winnow_shard_seconds',
    type: 'histogram',
    unit: 'seconds',
    help: 'Time from taking a shard until its effect was stored and the next message acknowledged, retries included',
    labels: { stage },
    from: 'workers',
    buckets: SHARD_BUCKETS,
  },
  shards: {
    name: 'winnow_shards_total',
    type: 'counter',
    unit: 'shards',
    help: 'Shards that the role is done with, by outcome; skipped: of a cancelled run',
    labels: { stage, outcome: ['done', 'dead', 'handed_back', 'skipped'] },
    from: 'workers',
  },
  shardsInFlight: {
    name: 'winnow_shards_in_flight',
    type: 'gauge',
    unit: 'shards',
    help: 'Shards that this process has in work now',
    labels: { stage },
    from: 'workers',
  },
  retries: {
    name: 'winnow_retries_total',
    type: 'counter',
    unit: 'shards',
    help: 'Tries of a shard that failed and were made again',
    labels: { stage },
    from: 'workers',
  },
  deadLetters: {
    name: 'winnow_dead_letters_total',
    type: 'counter',
    unit: 'messages',
    help: 'Shards and messages given up, by the code of the error',
    labels: { stage, code },
    from: 'workers',
  },
  s3Requests: {
    name: 'winnow_s3_requests_total',
    type: 'counter',
    unit: 'requests',
    help: 'Requests sent to S3, tries that failed included, by their S3 names',
    labels: {
      operation: [
        'GetObject',
        'HeadObject',
        'PutObject',
        'ListObjectsV2',
        'DeleteObject',
        'CreateMultipartUpload',
        'UploadPart',
        'CompleteMultipartUpload',
        'AbortMultipartUpload',
      ],
    },
    from: 'every service',
  },
  ready: {
    name: 'winnow_ready',
    type: 'gauge',
    unit: 'info',
    help: '1 when /readyz answers ready, else 0',
    labels: { service: ROLES },
    from: 'every service',
  },
  buildInfo: {
    name: 'winnow_build_info',
    type: 'gauge',
    unit: 'info',
    help: 'Always 1; the labels say which version of which service this is',
    labels: { service: ROLES, version: { bound: 'the versions that run at the same time' } },
    from: 'every service',
  },
  indexKeys: {
    name: 'winnow_index_keys',
    type: 'gauge',
    unit: 'keys',
    help: 'Distinct keys in the slots of the duplicate index that this worker owns',
    labels: {},
    from: 'dedup-index',
  },
  indexBytes: {
    name: 'winnow_index_bytes',
    type: 'gauge',
    unit: 'bytes',
    help: 'Memory of those slots',
    labels: {},
    from: 'dedup-index',
  },
  logPosition: {
    name: 'winnow_log_position',
    type: 'gauge',
    unit: 'entries',
    help: 'Entries of the order log that this process has applied',
    labels: { role: ['dedup-index', 'dedup-resolve'] },
    from: 'dedup-index and dedup-resolve',
  },
  logEnd: {
    name: 'winnow_log_end',
    type: 'gauge',
    unit: 'entries',
    help: 'Entries in the order log',
    labels: {},
    from: 'metrics',
  },
  consumerLag: {
    name: 'winnow_consumer_lag',
    type: 'gauge',
    unit: 'messages',
    help: 'Messages of a topic’s partition that the role has not done yet',
    labels: { stage, topic, partition },
    from: 'metrics',
  },
  snapshotAge: {
    name: 'winnow_snapshot_age_seconds',
    type: 'gauge',
    unit: 'seconds',
    help: 'Time since the newest snapshot of the duplicate index was finished; absent when there is none',
    labels: {},
    from: 'metrics',
  },
  snapshotPosition: {
    name: 'winnow_snapshot_position',
    type: 'gauge',
    unit: 'entries',
    help: 'Entries of the order log that the newest snapshot holds',
    labels: {},
    from: 'metrics',
  },
  runShards: {
    name: 'winnow_run_shards',
    type: 'gauge',
    unit: 'shards',
    help: 'Shards of a run, each counted once however often it was delivered',
    labels: { run, state: ['fed', 'in_flight', 'clean', 'dead'] },
    from: 'metrics',
  },
  runStageShards: {
    name: 'winnow_run_stage_shards',
    type: 'gauge',
    unit: 'shards',
    help: 'Shards of a run that have passed a stage',
    labels: { run, stage },
    from: 'metrics',
  },
  runDuplicates: {
    name: 'winnow_run_duplicate_ratio',
    type: 'gauge',
    unit: 'ratio',
    help: 'Share of the documents that came to deduplication and were dropped by it, over the shards resolved so far',
    labels: { run },
    from: 'metrics',
  },
  runRate: {
    name: 'winnow_run_shards_per_second',
    type: 'gauge',
    unit: 'shards',
    help: 'Clean shards per second over the last ten minutes',
    labels: { run },
    from: 'metrics',
  },
  runEta: {
    name: 'winnow_run_eta_seconds',
    type: 'gauge',
    unit: 'seconds',
    help: 'Time until the shards in flight are clean at the present rate; absent while there is no rate',
    labels: { run },
    from: 'metrics',
  },
  openDeadLetters: {
    name: 'winnow_dead_letters_open',
    type: 'gauge',
    unit: 'messages',
    help: 'Dead letters that nobody has fed again, by stage',
    labels: { stage: [...stage, 'unknown'] },
    from: 'metrics',
  },
  lastLook: {
    name: 'winnow_metrics_last_success_timestamp_seconds',
    type: 'gauge',
    unit: 'seconds',
    help: 'When the metrics service last had an answer, by source, seconds since 1970',
    labels: { source: ['kafka', 'storage'] },
    from: 'metrics',
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>

export type MetricKey = keyof typeof METRICS

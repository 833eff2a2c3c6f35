/** What a worker needs, and nothing that takes long to load: the charts and the page stay out. */
export { emptySummary, mergeSummaries } from './merge.js'
export { type ShardInput, summarizeShard } from './shard-summary.js'
export type * from './summary-schema.js'

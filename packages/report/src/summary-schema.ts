import { STAGES } from '@winnow/core'
import { z } from 'zod'

const count = z.number().int().nonnegative()

export const tallySchema = z.object({ documents: count, bytes: count })
/** Documents and the bytes of their UTF-8 text. */
export type Tally = z.infer<typeof tallySchema>

export const sampleSchema = z.object({
  id: z.string(),
  url: z.string(),
  title: z.string(),
  language: z.string(),
  bytes: count,
  detail: z.string(),
  excerpt: z.string(),
})
/** One document as an example: enough to recognise it, never its whole text. */
export type Sample = z.infer<typeof sampleSchema>

export const reasonSummarySchema = z.object({
  action: z.enum(['drop', 'cut']),
  documents: count,
  /** Text bytes removed: whole documents for drops, spans for cuts. */
  bytes: count,
  samples: z.array(sampleSchema),
})
export type ReasonSummary = z.infer<typeof reasonSummarySchema>

export const stageSummarySchema = z.object({
  seen: tallySchema,
  kept: tallySchema,
  reasons: z.record(z.string(), reasonSummarySchema),
  /** Work done, added over shards and workers. Volatile. */
  work: z.object({ seconds: z.number().nonnegative(), bytes: count, documents: count }),
})
export type StageSummary = z.infer<typeof stageSummarySchema>

/** A bin (its edge next to 0), the rows in it, and those of them that the stage kept. */
const histogramBinSchema = z.tuple([z.number(), count, count])
export type HistogramBin = z.infer<typeof histogramBinSchema>

/** Counts by value. Bins are the numbers of two significant digits, the same for every metric; empty ones are left out. */
export const histogramSchema = z.object({
  /** In the order of their values. */
  bins: z.array(histogramBinSchema),
  min: z.number().nullable(),
  max: z.number().nullable(),
  /** True when every value was a whole number. */
  integers: z.boolean(),
})
export type Histogram = z.infer<typeof histogramSchema>

export const thresholdSchema = z.object({
  reason: z.string(),
  comparison: z.string(),
  value: z.number(),
})
export const metricSummarySchema = z.object({
  histogram: histogramSchema,
  thresholds: z.array(thresholdSchema),
})
export type MetricSummary = z.infer<typeof metricSummarySchema>

export const clusterSchema = z.object({
  /** Copies by reason; the original itself is not counted. */
  copies: z.record(z.string(), count),
  original: sampleSchema.nullable(),
  examples: z.array(sampleSchema),
})
export type Cluster = z.infer<typeof clusterSchema>

export const benchmarkSummarySchema = z.object({
  documents: count,
  bytes: count,
  /** Documents per benchmark example. */
  examples: z.record(z.string(), count),
  samples: z.array(sampleSchema),
})
export type BenchmarkSummary = z.infer<typeof benchmarkSummarySchema>

/** A tokenised chunk: place in the sample (hash), bytes, tokens. */
export const tokenChunkSchema = z.tuple([z.number(), count, count])
export type TokenChunk = z.infer<typeof tokenChunkSchema>

export const summarySchema = z.object({
  schema: z.literal(1),
  shards: count,
  /** Stored (compressed) bytes of the input splits. */
  inputBytes: count,
  /** `pages`, and what was skipped by reason. */
  records: z.record(z.string(), count),
  documents: tallySchema,
  stages: z.partialRecord(z.enum(STAGES), stageSummarySchema),
  clean: tallySchema,
  languages: z.record(z.string(), z.object({ all: tallySchema, clean: tallySchema })),
  /** Text bytes per document; `kept` counts clean documents. */
  lengths: histogramSchema,
  /** Key `stage/metric`. */
  metrics: z.record(z.string(), metricSummarySchema),
  /** Key: id of the document that the copies are copies of. */
  clusters: z.record(z.string(), clusterSchema),
  benchmarks: z.record(z.string(), benchmarkSummarySchema),
  /** The token sample: the chunks of smallest hash, apart for clean and dropped text. */
  tokens: z.object({ clean: z.array(tokenChunkSchema), dropped: z.array(tokenChunkSchema) }),
})

/**
 * What a run is known by, added up over any number of shards. Bounded by LIMITS: tens of kilobytes whatever
 * went in. All but `stages.*.work.seconds` depends on the documents and the settings alone.
 */
export type RunSummary = z.infer<typeof summarySchema>

export const shardSummarySchema = summarySchema.extend({
  shard: z.object({ id: z.string(), uri: z.string(), offset: count, length: count }),
})
/** The summary of one shard. */
export type ShardSummary = z.infer<typeof shardSummarySchema>

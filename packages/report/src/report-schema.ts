import { STAGES } from '@winnow/core'
import { z } from 'zod'
import { budgetSchema } from './budget.js'
import { clustersReportSchema } from './clusters-schema.js'
import {
  benchmarkSummarySchema,
  histogramSchema,
  metricSummarySchema,
  sampleSchema,
  tallySchema,
} from './summary-schema.js'

const count = z.number().int().nonnegative()
const share = z.number().min(0)

export const FUNNEL_STEPS = [
  'records',
  'pages',
  'extracted',
  'quality',
  'unique',
  'decontaminated',
  'clean',
] as const

const funnelStepSchema = z.object({
  step: z.enum(FUNNEL_STEPS),
  /** Records for the first step, pages for the second, documents after. */
  documents: count,
  /** Bytes of text; null before there is text. */
  bytes: count.nullable(),
  /** Estimated tokens; null before there is text. */
  tokens: count.nullable(),
  /** Share of the pages; null for records, of which most are no pages by their nature. */
  share: share.nullable(),
})
export type FunnelStep = z.infer<typeof funnelStepSchema>

const reasonReportSchema = z.object({
  reason: z.string(),
  action: z.enum(['drop', 'cut']),
  documents: count,
  bytes: count,
  tokens: count,
  /** Share of the documents that the stage saw. */
  share,
  samples: z.array(sampleSchema),
})
export type ReasonReport = z.infer<typeof reasonReportSchema>

const stageReportSchema = z.object({
  stage: z.enum(STAGES),
  seen: tallySchema,
  kept: tallySchema,
  dropped: tallySchema,
  /** Most frequent first. */
  reasons: z.array(reasonReportSchema),
})
export type StageReport = z.infer<typeof stageReportSchema>

const clusterReportSchema = z.object({
  /** Id of the document the copies are copies of. */
  id: z.string(),
  /** Copies found, without the original. */
  copies: count,
  reasons: z.record(z.string(), count),
  original: sampleSchema.nullable(),
  examples: z.array(sampleSchema),
})
export type ClusterReport = z.infer<typeof clusterReportSchema>

const tokensReportSchema = z.object({
  tokenizer: z.string(),
  /** Estimated tokens of the clean text. */
  clean: count,
  /** The ends of the 95 % confidence interval; null when the sample is too small to have one. */
  low: count.nullable(),
  high: count.nullable(),
  /** Tokens per byte; null where nothing was sampled. */
  perByte: z.number().nullable(),
  perByteDropped: z.number().nullable(),
  /** Chunks of text and bytes that were tokenised. */
  chunks: count,
  sampledBytes: count,
})
export type TokensReport = z.infer<typeof tokensReportSchema>

const duplicatesReportSchema = z.object({
  documents: count,
  bytes: count,
  tokens: count,
  /** What one would have planned and got with the copies left in; null without tokens. */
  kept: z
    .object({
      /** Clean tokens and copies together, as they would have been counted. */
      tokens: count,
      /** The model that this number suggests. */
      parameters: z.number(),
      flops: z.number(),
      /** The loss the scaling law promises for that many different tokens. */
      lossPromised: z.number(),
      /** The loss for what they are worth, copies being repeats. */
      lossExpected: z.number(),
    })
    .nullable(),
  clusters: z.array(clusterReportSchema),
})

/** `exact`, or else rounded to two significant digits. */
const quantileSchema = z.object({ value: z.number(), exact: z.boolean() })

const timingSchema = z.object({
  wallSeconds: z.number().nonnegative(),
  peakMemoryBytes: count,
  stages: z.array(
    z.object({
      stage: z.enum(STAGES),
      /** Seconds of work, added over workers. */
      seconds: z.number().nonnegative(),
      documents: count,
      bytes: count,
      documentsPerSecond: z.number().nullable(),
      /** Input bytes per second of work: one worker's speed. */
      bytesPerSecond: z.number().nullable(),
    }),
  ),
})

export const runContextSchema = z.object({
  config: z.unknown(),
  versions: z.record(z.string(), z.string()),
  inputs: z.array(z.string()),
  /** The run's output folder as a shell in the reader's place finds it, for commands to paste. */
  out: z.string().optional(),
  wallSeconds: z.number().nonnegative(),
  peakMemoryBytes: count,
})
/** What buildReport cannot know from the documents. */
export type RunContext = z.infer<typeof runContextSchema>

/** report.json. Everything outside `timing` and `run.out` is the same for the same input and settings, so two reports can be compared. */
export const runReportSchema = z.object({
  schema: z.literal(1),
  run: runContextSchema.pick({ config: true, versions: true, inputs: true, out: true }),
  shards: count,
  inputBytes: count,
  /** `pages`, and records skipped by reason. */
  records: z.record(z.string(), count),
  funnel: z.array(funnelStepSchema),
  stages: z.array(stageReportSchema),
  languages: z.array(z.object({ language: z.string(), all: tallySchema, clean: tallySchema })),
  /** Bytes of text per document. */
  lengths: histogramSchema.extend({
    median: quantileSchema.nullable(),
    medianClean: quantileSchema.nullable(),
  }),
  metrics: z.array(
    metricSummarySchema.extend({
      stage: z.string(),
      metric: z.string(),
      median: quantileSchema.nullable(),
    }),
  ),
  duplicates: duplicatesReportSchema,
  /** The largest clusters, once `winnow clusters` has looked; null before. */
  clusters: clustersReportSchema.nullable().default(null),
  benchmarks: z.array(
    benchmarkSummarySchema.omit({ examples: true }).extend({
      benchmark: z.string(),
      examples: z.array(z.object({ example: z.string(), documents: count })),
    }),
  ),
  tokens: tokensReportSchema,
  budget: budgetSchema,
  /** The only part that changes from run to run. */
  timing: timingSchema,
})
export type RunReport = z.infer<typeof runReportSchema>

import { STAGES, type Stage } from '@winnow/core'
import { quantile } from './bins.js'
import { budget } from './budget.js'
import { loss, optimalParameters, trainingFlops, worthOfRepeats } from './chinchilla.js'
import type { ClustersReport } from './clusters-schema.js'
import { clusterCopies } from './limiting.js'
import type {
  FunnelStep,
  ReasonReport,
  RunContext,
  RunReport,
  StageReport,
  TokensReport,
} from './report-schema.js'
import { compareText } from './smallest.js'
import type { RunSummary, Tally } from './summary-schema.js'
import { TOKENIZER, tokenRatio } from './tokens.js'

const STEP_OF: Record<Stage, FunnelStep['step']> = {
  extract: 'extracted',
  quality: 'quality',
  dedup: 'unique',
  decontaminate: 'decontaminated',
}

/**
 * Makes the report of a run from its summary. Pure: equal arguments give equal reports.
 *
 * @param clusters what `winnow clusters` found, if it has looked.
 */
export function buildReport(
  summary: RunSummary,
  context: RunContext,
  clusters: ClustersReport | null = null,
): RunReport {
  const tokens = tokensReport(summary)
  const stages = STAGES.flatMap((stage) => stageReport(summary, stage, tokens))
  const { config, versions, inputs, out, wallSeconds, peakMemoryBytes } = context
  return {
    schema: 1,
    run: { config, versions, inputs, ...(out === undefined ? {} : { out }) },
    shards: summary.shards,
    inputBytes: summary.inputBytes,
    records: summary.records,
    funnel: funnel(summary, tokens),
    stages,
    languages: Object.entries(summary.languages)
      .map(([language, tallies]) => ({ language, ...tallies }))
      .sort((a, b) => b.all.documents - a.all.documents || compareText(a.language, b.language)),
    lengths: {
      ...summary.lengths,
      median: quantile(summary.lengths, 0.5),
      medianClean: quantile(summary.lengths, 0.5, 'kept'),
    },
    metrics: Object.entries(summary.metrics).map(([key, metric]) => {
      const slash = key.indexOf('/')
      return {
        stage: key.slice(0, slash),
        metric: key.slice(slash + 1),
        median: quantile(metric.histogram, 0.5),
        ...metric,
      }
    }),
    duplicates: duplicates(summary, stages, tokens),
    clusters,
    benchmarks: Object.entries(summary.benchmarks)
      .map(([benchmark, { examples, ...found }]) => ({
        benchmark,
        ...found,
        examples: Object.entries(examples)
          .map(([example, documents]) => ({ example, documents }))
          .sort((a, b) => b.documents - a.documents || compareText(a.example, b.example)),
      }))
      .sort((a, b) => b.documents - a.documents || compareText(a.benchmark, b.benchmark)),
    tokens,
    budget: budget(tokens.clean),
    timing: {
      wallSeconds,
      peakMemoryBytes,
      stages: STAGES.flatMap((stage) => timing(summary, stage)),
    },
  }
}

function tokensReport(summary: RunSummary): TokensReport {
  const { clean, dropped } = summary.tokens
  const bytes = summary.clean.bytes
  const ratio = tokenRatio(clean, bytes)
  const other = tokenRatio(dropped, Math.max(0, summary.documents.bytes - bytes))
  const point = ratio?.ratio ?? 0
  const margin = ratio === null ? 0 : ratio.margin
  const sample = [...clean, ...dropped]
  return {
    tokenizer: TOKENIZER,
    clean: Math.round(bytes * point),
    low: margin === null ? null : Math.round(bytes * Math.max(0, point - margin)),
    high: margin === null ? null : Math.round(bytes * (point + margin)),
    perByte: ratio?.ratio ?? null,
    perByteDropped: other?.ratio ?? null,
    chunks: sample.length,
    sampledBytes: sample.reduce((sum, chunk) => sum + chunk[1], 0),
  }
}

/** Tokens of `bytes` of text of which `clean` bytes ended in the clean shards. */
function tokensOf(bytes: number, clean: number, tokens: TokensReport): number {
  const kept = tokens.perByte ?? tokens.perByteDropped ?? 0
  const dropped = tokens.perByteDropped ?? kept
  return Math.round(clean * kept + Math.max(0, bytes - clean) * dropped)
}

function funnel(summary: RunSummary, tokens: TokensReport): FunnelStep[] {
  const pages = summary.records.pages ?? summary.documents.documents
  const records = Object.values(summary.records).reduce((sum, count) => sum + count, 0)
  const whole = Math.max(1, pages)
  const measured = (step: FunnelStep['step'], { documents, bytes }: Tally): FunnelStep => ({
    step,
    documents,
    bytes,
    tokens: tokensOf(bytes, Math.min(bytes, summary.clean.bytes), tokens),
    share: documents / whole,
  })
  return [
    { step: 'records', documents: records, bytes: null, tokens: null, share: null },
    { step: 'pages', documents: pages, bytes: null, tokens: null, share: pages / whole },
    ...STAGES.flatMap((stage) => {
      const own = summary.stages[stage]
      return own === undefined ? [] : [measured(STEP_OF[stage], own.kept)]
    }),
    measured('clean', summary.clean),
  ]
}

function stageReport(summary: RunSummary, stage: Stage, tokens: TokensReport): StageReport[] {
  const own = summary.stages[stage]
  if (own === undefined) return []
  const reasons = Object.entries(own.reasons)
    .map(
      ([reason, { action, documents, bytes, samples }]): ReasonReport => ({
        reason,
        action,
        documents,
        bytes,
        tokens: tokensOf(bytes, 0, tokens),
        share: documents / Math.max(1, own.seen.documents),
        samples,
      }),
    )
    .sort((a, b) => b.documents - a.documents || compareText(a.reason, b.reason))
  const drops = reasons.filter(({ action }) => action === 'drop')
  const dropped = {
    documents: drops.reduce((sum, reason) => sum + reason.documents, 0),
    bytes: drops.reduce((sum, reason) => sum + reason.bytes, 0),
  }
  return [{ stage, seen: own.seen, kept: own.kept, dropped, reasons }]
}

function duplicates(
  summary: RunSummary,
  stages: readonly StageReport[],
  tokens: TokensReport,
): RunReport['duplicates'] {
  const dropped = stages.find(({ stage }) => stage === 'dedup')?.dropped
  const bytes = dropped?.bytes ?? 0
  const copies = tokensOf(bytes, 0, tokens)
  return {
    documents: dropped?.documents ?? 0,
    bytes,
    tokens: copies,
    kept: withCopies(tokens.clean, copies),
    clusters: Object.entries(summary.clusters)
      .map(([id, cluster]) => ({
        id,
        copies: clusterCopies(cluster),
        reasons: cluster.copies,
        original: cluster.original,
        examples: cluster.examples,
      }))
      .sort((a, b) => b.copies - a.copies || compareText(a.id, b.id)),
  }
}

function withCopies(clean: number, copies: number): RunReport['duplicates']['kept'] {
  if (clean === 0) return null
  const tokens = clean + copies
  const parameters = optimalParameters(tokens)
  return {
    tokens,
    parameters,
    flops: trainingFlops(parameters, tokens),
    lossPromised: loss(parameters, tokens),
    lossExpected: loss(parameters, worthOfRepeats(clean, tokens / clean)),
  }
}

function timing(summary: RunSummary, stage: Stage): RunReport['timing']['stages'] {
  const work = summary.stages[stage]?.work
  if (work === undefined) return []
  const { seconds, documents, bytes } = work
  return [
    {
      stage,
      seconds,
      documents,
      bytes,
      documentsPerSecond: seconds > 0 ? documents / seconds : null,
      bytesPerSecond: seconds > 0 ? bytes / seconds : null,
    },
  ]
}

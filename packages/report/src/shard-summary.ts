import {
  type Attributes,
  type CrawlShard,
  type DocumentBatch,
  hash64,
  type RuleDescription,
  rangesOf,
  reasonOf,
  STAGES,
  type Stage,
  Verdict,
  valueBytes,
  valueString,
} from '@winnow/core'
import { emptyHistogram, HistogramBuilder } from './bins.js'
import { benchmarksOf, clustersOf } from './evidence.js'
import { limitLanguages, limitReasons, table } from './limiting.js'
import { LIMITS } from './limits.js'
import { addSample, sampleOf, wantsSample } from './sample.js'
import type {
  MetricSummary,
  ReasonSummary,
  RunSummary,
  ShardSummary,
  StageSummary,
  Tally,
} from './summary-schema.js'
import { ChunkSample } from './tokens.js'

/** What a worker holds when a shard has been through the last stage. */
export interface ShardInput {
  readonly shard: Pick<CrawlShard, 'id' | 'uri' | 'offset' | 'length'>
  /** What was read: `pages`, and every other key the number of records skipped for that reason. */
  readonly records: Readonly<Record<string, number>>
  readonly documents: DocumentBatch
  /** The stages that ran; row for row with `documents`. */
  readonly stages: Partial<Readonly<Record<Stage, Attributes>>>
  /** The clean shard that was written: rows, and bytes of text. */
  readonly clean: { readonly rows: number; readonly bytes: number }
  readonly seconds: Partial<
    Readonly<Record<Stage, { seconds: number; bytes: number; documents: number }>>
  >
  /** The rules that were in force, for the threshold lines of the histograms. */
  readonly rules: readonly RuleDescription[]
}

/**
 * Sums up one shard for the report. Pure: the same input gives the same summary (`seconds` aside, which is passed in).
 * Costs one pass over the metadata and, for the token sample, at most 128 KiB through the tokenizer.
 */
export function summarizeShard(input: ShardInput): ShardSummary {
  const { shard, documents, stages } = input
  const fate = new RowFates(documents)
  const summary: RunSummary = {
    schema: 1,
    shards: 1,
    inputBytes: shard.length,
    records: { pages: documents.rows, ...input.records },
    documents: fate.tally(),
    stages: {},
    clean: { documents: input.clean.rows, bytes: input.clean.bytes },
    languages: {},
    lengths: emptyHistogram(),
    metrics: {},
    clusters: {},
    benchmarks: {},
    tokens: { clean: [], dropped: [] },
  }
  for (const stage of STAGES) {
    const attributes = stages[stage]
    if (attributes === undefined) continue
    const seen = fate.alive.slice()
    summary.stages[stage] = {
      ...fate.pass(attributes),
      work: input.seconds[stage] ?? { seconds: 0, bytes: 0, documents: 0 },
    }
    addMetrics(summary.metrics, stage, attributes, input.rules, seen, fate.alive)
  }
  addPopulation(summary, input, fate.alive)
  if (stages.dedup !== undefined) summary.clusters = clustersOf(documents, stages.dedup)
  if (stages.decontaminate !== undefined)
    summary.benchmarks = benchmarksOf(documents, stages.decontaminate)
  const { id, uri, offset, length } = shard
  return { ...summary, shard: { id, uri, offset, length } }
}

/** Which rows are still in, and how many bytes of their text, as they go through the stages. */
class RowFates {
  readonly alive: Uint8Array
  private readonly bytes: Float64Array
  private readonly passed: Attributes[] = []

  constructor(private readonly documents: DocumentBatch) {
    this.alive = new Uint8Array(documents.rows).fill(1)
    this.bytes = Float64Array.from(
      { length: documents.rows },
      (_, row) => valueBytes(documents.text, row).length,
    )
  }

  tally(): Tally {
    let count = 0
    let bytes = 0
    for (let row = 0; row < this.alive.length; row++) {
      if (this.alive[row] !== 1) continue
      count++
      bytes += this.bytes[row] as number
    }
    return { documents: count, bytes }
  }

  /** Takes one stage's verdicts into account. */
  pass(attributes: Attributes): Omit<StageSummary, 'work'> {
    const seen = this.tally()
    this.passed.push(attributes)
    const reasons = table<ReasonSummary>()
    for (let row = 0; row < this.alive.length; row++) {
      const verdict = attributes.verdict[row]
      if (this.alive[row] !== 1 || verdict === Verdict.keep) continue
      const before = this.bytes[row] as number
      if (verdict === Verdict.cut) this.bytes[row] = this.bytesAfterCuts(row)
      else this.alive[row] = 0
      // A row that a stage never looked at is not in the clean shard: counted, so that the funnel adds up.
      const reason = verdict === Verdict.unseen ? 'unseen' : reasonOf(attributes, row)
      reasons[reason] ??= {
        action: verdict === Verdict.cut ? 'cut' : 'drop',
        documents: 0,
        bytes: 0,
        samples: [],
      }
      const entry = reasons[reason]
      entry.documents++
      entry.bytes += verdict === Verdict.cut ? before - (this.bytes[row] as number) : before
      const id = valueString(this.documents.id, row)
      if (wantsSample(entry.samples, id, LIMITS.samplesPerReason)) {
        const ranges = verdict === Verdict.cut ? rangesOf([attributes], row) : []
        const sample = sampleOf(this.documents, row, attributes.detail[row] ?? '', ranges)
        addSample(entry.samples, sample, LIMITS.samplesPerReason)
      }
    }
    return { seen, kept: this.tally(), reasons: limitReasons(reasons) }
  }

  private bytesAfterCuts(row: number): number {
    const length = valueBytes(this.documents.text, row).length
    const ranges = rangesOf(this.passed, row)
    let left = length
    for (let i = 0; i + 1 < ranges.length; i += 2)
      left -= Math.min(length, ranges[i + 1] as number) - Math.min(length, ranges[i] as number)
    return left
  }
}

function addMetrics(
  metrics: Record<string, MetricSummary>,
  stage: Stage,
  attributes: Attributes,
  rules: readonly RuleDescription[],
  seen: Uint8Array,
  kept: Uint8Array,
): void {
  for (const [name, column] of Object.entries(attributes.metrics)) {
    const own = rules.filter((rule) => rule.stage === stage && rule.metric === name)
    const histogram = new HistogramBuilder()
    for (let row = 0; row < column.length; row++)
      if (seen[row] === 1) histogram.add(column[row] as number, kept[row] === 1)
    const thresholds = own.flatMap(({ reason, comparison = '', threshold }) =>
      threshold === undefined ? [] : [{ reason, comparison, value: threshold }],
    )
    metrics[`${stage}/${name}`] = { histogram: histogram.finish(), thresholds }
  }
}

/** Languages, lengths and the token sample: what the documents are, clean or not. */
function addPopulation(summary: RunSummary, input: ShardInput, alive: Uint8Array): void {
  const { documents } = input
  const identified = input.stages.quality?.labels.language
  const languages = table<RunSummary['languages'][string]>()
  const lengths = new HistogramBuilder()
  const clean = new ChunkSample(documents.text, LIMITS.tokenChunks.clean)
  const dropped = new ChunkSample(documents.text, LIMITS.tokenChunks.dropped)
  for (let row = 0; row < documents.rows; row++) {
    const bytes = valueBytes(documents.text, row).length
    const kept = alive[row] === 1
    const language = identified?.[row] || valueString(documents.language, row) || 'unknown'
    languages[language] ??= { all: { documents: 0, bytes: 0 }, clean: { documents: 0, bytes: 0 } }
    const entry = languages[language]
    addTo(entry.all, bytes)
    if (kept) addTo(entry.clean, bytes)
    lengths.add(bytes, kept)
    const sample = kept ? clean : dropped
    sample.offer(row, hash64(valueBytes(documents.id, row)))
  }
  summary.lengths = lengths.finish()
  summary.languages = limitLanguages(languages)
  summary.tokens = { clean: clean.count(), dropped: dropped.count() }
}

function addTo(tally: Tally, bytes: number): void {
  tally.documents++
  tally.bytes += bytes
}

import { STAGES } from '@winnow/core'
import { addHistogram, emptyHistogram } from './bins.js'
import {
  addReason,
  addTally,
  limitClusters,
  limitExamples,
  limitLanguages,
  limitReasons,
  sorted,
  table,
} from './limiting.js'
import { LIMITS } from './limits.js'
import { addSample } from './sample.js'
import { insertSmallest } from './smallest.js'
import type {
  BenchmarkSummary,
  Cluster,
  RunSummary,
  StageSummary,
  TokenChunk,
} from './summary-schema.js'

/**
 * Adds summaries up: of shards, of runs, or of both. The result does not depend on their order or grouping, except
 * that seconds are floating-point sums, and that tables over their limit (LIMITS) forget the smallest entries.
 */
export function mergeSummaries(summaries: Iterable<RunSummary>): RunSummary {
  const total = emptySummary()
  for (const summary of summaries) add(total, summary)
  for (const stage of STAGES) {
    const own = total.stages[stage]
    if (own !== undefined) own.reasons = limitReasons(own.reasons)
  }
  for (const benchmark of Object.values(total.benchmarks))
    benchmark.examples = limitExamples(benchmark.examples)
  return {
    ...total,
    records: sorted(total.records),
    languages: limitLanguages(total.languages),
    metrics: sorted(total.metrics),
    clusters: limitClusters(total.clusters),
    benchmarks: sorted(total.benchmarks),
  }
}

export function emptySummary(): RunSummary {
  return {
    schema: 1,
    shards: 0,
    inputBytes: 0,
    records: table(),
    documents: { documents: 0, bytes: 0 },
    stages: {},
    clean: { documents: 0, bytes: 0 },
    languages: table(),
    lengths: emptyHistogram(),
    metrics: table(),
    clusters: table(),
    benchmarks: table(),
    tokens: { clean: [], dropped: [] },
  }
}

function add(total: RunSummary, part: RunSummary): void {
  total.shards += part.shards
  total.inputBytes += part.inputBytes
  addCounts(total.records, part.records)
  addTally(total.documents, part.documents)
  addTally(total.clean, part.clean)
  for (const stage of STAGES) {
    const own = part.stages[stage]
    if (own === undefined) continue
    const into = total.stages[stage]
    if (into === undefined) total.stages[stage] = structuredClone(own)
    else addStage(into, own)
  }
  addEach(total.languages, part.languages, (into, from) => {
    addTally(into.all, from.all)
    addTally(into.clean, from.clean)
  })
  addHistogram(total.lengths, part.lengths)
  for (const [name, from] of Object.entries(part.metrics)) {
    const into = total.metrics[name]
    if (into === undefined) total.metrics[name] = structuredClone(from)
    else addHistogram(into.histogram, from.histogram)
  }
  addEach(total.clusters, part.clusters, addCluster)
  addEach(total.benchmarks, part.benchmarks, addBenchmark, (from) => ({
    ...structuredClone(from),
    examples: sorted(from.examples),
  }))
  addChunks(total.tokens.clean, part.tokens.clean, LIMITS.tokenChunks.clean)
  addChunks(total.tokens.dropped, part.tokens.dropped, LIMITS.tokenChunks.dropped)
}

function addStage(into: StageSummary, from: StageSummary): void {
  addTally(into.seen, from.seen)
  addTally(into.kept, from.kept)
  addEach(into.reasons, from.reasons, addReason)
  into.work.seconds += from.work.seconds
  into.work.bytes += from.work.bytes
  into.work.documents += from.work.documents
}

function addCluster(into: Cluster, from: Cluster): void {
  addCounts(into.copies, from.copies)
  into.copies = sorted(into.copies)
  into.original ??= from.original
  for (const sample of from.examples) addSample(into.examples, sample, LIMITS.copiesPerCluster)
}

function addBenchmark(into: BenchmarkSummary, from: BenchmarkSummary): void {
  into.documents += from.documents
  into.bytes += from.bytes
  addCounts(into.examples, from.examples)
  for (const sample of from.samples) addSample(into.samples, sample, LIMITS.samplesPerReason)
}

function addChunks(into: TokenChunk[], from: readonly TokenChunk[], size: number): void {
  for (const chunk of from)
    insertSmallest(into, chunk, size, (a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2])
}

function addCounts(into: Record<string, number>, from: Readonly<Record<string, number>>): void {
  for (const [key, count] of Object.entries(from))
    into[key] = (Object.hasOwn(into, key) ? (into[key] ?? 0) : 0) + count
}

function addEach<T>(
  into: Record<string, T>,
  from: Readonly<Record<string, T>>,
  add: (into: T, from: T) => void,
  copy: (from: T) => T = structuredClone,
): void {
  for (const [key, value] of Object.entries(from)) {
    const own = Object.hasOwn(into, key) ? into[key] : undefined
    if (own === undefined) into[key] = copy(value)
    else add(own, value)
  }
}

import {
  type Attributes,
  type DocumentBatch,
  rangesOf,
  reasonOf,
  Verdict,
  valueBytes,
  valueString,
} from '@winnow/core'
import { limitClusters, limitExamples, sorted, table } from './limiting.js'
import { LIMITS } from './limits.js'
import { addSample, sampleOf, wantsSample } from './sample.js'
import type { BenchmarkSummary, Cluster } from './summary-schema.js'

/** Label of the dedup stage: id of the earlier document. */
const DUPLICATE_OF = 'duplicate_of'
/** Label of the decontaminate stage: the benchmark example that was found. */
const BENCHMARK_EXAMPLE = 'benchmark_example'
const CONTAMINATED = 'contaminated.'

/**
 * The largest groups of duplicates in a shard, by the document they are copies of (which may be in another shard).
 * Counted first: examples are made for the groups that stay only.
 */
export function clustersOf(documents: DocumentBatch, dedup: Attributes): Record<string, Cluster> {
  const originals = dedup.labels[DUPLICATE_OF]
  if (originals === undefined) return table()
  const counted = table<Cluster>()
  for (let row = 0; row < documents.rows; row++) {
    const original = originals[row]
    if (dedup.verdict[row] !== Verdict.drop || original === undefined || original === '') continue
    counted[original] ??= { copies: table<number>(), original: null, examples: [] }
    const { copies } = counted[original]
    const reason = reasonOf(dedup, row)
    copies[reason] = (copies[reason] ?? 0) + 1
  }
  const clusters = limitClusters(counted)
  for (let row = 0; row < documents.rows; row++) {
    const id = valueString(documents.id, row)
    const own = clusters[id]
    if (own !== undefined) own.original = sampleOf(documents, row, '')
    const cluster = clusters[originals[row] ?? '']
    if (cluster === undefined || dedup.verdict[row] !== Verdict.drop) continue
    if (wantsSample(cluster.examples, id, LIMITS.copiesPerCluster)) {
      const sample = sampleOf(documents, row, dedup.detail[row] ?? '')
      addSample(cluster.examples, sample, LIMITS.copiesPerCluster)
    }
  }
  for (const cluster of Object.values(clusters)) cluster.copies = sorted(cluster.copies)
  return clusters
}

/** The documents in which benchmark examples were found, dropped or cut, by benchmark. */
export function benchmarksOf(
  documents: DocumentBatch,
  decontaminate: Attributes,
): Record<string, BenchmarkSummary> {
  const benchmarks = table<BenchmarkSummary>()
  const found = decontaminate.labels[BENCHMARK_EXAMPLE]
  for (let row = 0; row < documents.rows; row++) {
    const verdict = decontaminate.verdict[row]
    const reason = reasonOf(decontaminate, row)
    if (verdict === Verdict.keep || verdict === Verdict.unseen) continue
    if (!reason.startsWith(CONTAMINATED)) continue
    const name = reason.slice(CONTAMINATED.length)
    benchmarks[name] ??= { documents: 0, bytes: 0, examples: table<number>(), samples: [] }
    const benchmark = benchmarks[name]
    benchmark.documents++
    benchmark.bytes += valueBytes(documents.text, row).length
    const example = found?.[row]
    if (example !== undefined && example !== '')
      benchmark.examples[example] = (benchmark.examples[example] ?? 0) + 1
    if (wantsSample(benchmark.samples, valueString(documents.id, row), LIMITS.samplesPerReason)) {
      const ranges = verdict === Verdict.cut ? rangesOf([decontaminate], row) : []
      const sample = sampleOf(documents, row, decontaminate.detail[row] ?? '', ranges)
      addSample(benchmark.samples, sample, LIMITS.samplesPerReason)
    }
  }
  for (const benchmark of Object.values(benchmarks))
    benchmark.examples = limitExamples(benchmark.examples)
  return sorted(benchmarks)
}

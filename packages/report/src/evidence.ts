import { type Attributes, type DocumentBatch, reasonOf, Verdict, valueString } from '@winnow/core'
import { limitExamples, sorted, table } from './limiting.js'
import { LIMITS } from './limits.js'
import { addSample, sampleOf, wantsSample } from './sample.js'
import type { BenchmarkSummary, Cluster } from './summary-schema.js'

/** Label of the dedup stage: id of the earlier document. */
const DUPLICATE_OF = 'duplicate_of'
/** Label of the decontaminate stage: the benchmark example that was found. */
const BENCHMARK_EXAMPLE = 'benchmark_example'
const CONTAMINATED = 'contaminated.'

/** The duplicates of a shard, grouped by the document they are copies of (which may be in another shard). */
export function clustersOf(documents: DocumentBatch, dedup: Attributes): Record<string, Cluster> {
  const clusters = table<Cluster>()
  const originals = dedup.labels[DUPLICATE_OF]
  if (originals === undefined) return clusters
  for (let row = 0; row < documents.rows; row++) {
    const original = originals[row]
    if (dedup.verdict[row] !== Verdict.drop || original === undefined || original === '') continue
    clusters[original] ??= { copies: table<number>(), original: null, examples: [] }
    const cluster = clusters[original]
    const reason = reasonOf(dedup, row)
    cluster.copies[reason] = (cluster.copies[reason] ?? 0) + 1
    const id = valueString(documents.id, row)
    if (wantsSample(cluster.examples, id, LIMITS.copiesPerCluster)) {
      const sample = sampleOf(documents, row, dedup.detail[row] ?? '')
      addSample(cluster.examples, sample, LIMITS.copiesPerCluster)
    }
  }
  for (let row = 0; row < documents.rows; row++) {
    const cluster = clusters[valueString(documents.id, row)]
    if (cluster !== undefined) cluster.original = sampleOf(documents, row, '')
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
    const sample = sampleOf(documents, row, decontaminate.detail[row] ?? '')
    benchmark.documents++
    benchmark.bytes += sample.bytes
    const example = found?.[row]
    if (example !== undefined && example !== '')
      benchmark.examples[example] = (benchmark.examples[example] ?? 0) + 1
    addSample(benchmark.samples, sample, LIMITS.samplesPerReason)
  }
  for (const benchmark of Object.values(benchmarks))
    benchmark.examples = limitExamples(benchmark.examples)
  return sorted(benchmarks)
}

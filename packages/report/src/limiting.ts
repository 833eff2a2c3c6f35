import { hash64Hex } from '@winnow/core'
import { LIMITS } from './limits.js'
import { addSample } from './sample.js'
import { compareText } from './smallest.js'
import type {
  BenchmarkSummary,
  Cluster,
  ReasonSummary,
  RunSummary,
  Tally,
} from './summary-schema.js'

/** The name under which what does not fit in a table is counted together. */
export const OTHER = 'other'

/** At most LIMITS.reasonsPerStage reasons, in the order of their names. */
export function limitReasons(
  reasons: Readonly<Record<string, ReasonSummary>>,
): Record<string, ReasonSummary> {
  return foldRarest(reasons, LIMITS.reasonsPerStage, (entry) => entry.documents, addReason)
}

export function limitLanguages(languages: RunSummary['languages']): RunSummary['languages'] {
  return foldRarest(
    languages,
    LIMITS.languages,
    (entry) => entry.all.documents,
    (into, from) => {
      addTally(into.all, from.all)
      addTally(into.clean, from.clean)
    },
  )
}

/** The largest clusters. Ties go by hash, so that every shard follows the same ones. */
export function limitClusters(
  clusters: Readonly<Record<string, Cluster>>,
): Record<string, Cluster> {
  return largest(clusters, LIMITS.clusters, clusterCopies)
}

export function limitExamples(
  examples: Readonly<Record<string, number>>,
): BenchmarkSummary['examples'] {
  return largest(examples, LIMITS.examplesPerBenchmark, (count) => count)
}

/** Copies in a cluster, without the original. */
export function clusterCopies(cluster: Cluster): number {
  return Object.values(cluster.copies).reduce((sum, count) => sum + count, 0)
}

export function addTally(into: Tally, from: Tally): void {
  into.documents += from.documents
  into.bytes += from.bytes
}

export function addReason(into: ReasonSummary, from: ReasonSummary): void {
  into.documents += from.documents
  into.bytes += from.bytes
  for (const sample of from.samples) addSample(into.samples, sample, LIMITS.samplesPerReason)
}

/** A table whose keys come from the data: without a prototype, so that a document called `__proto__` is just a key. */
export function table<T>(): Record<string, T> {
  return Object.create(null) as Record<string, T>
}

/** `record` with its keys in order, so that equal summaries are equal bytes. */
export function sorted<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  const out = table<T>()
  for (const key of Object.keys(record).sort(compareText)) out[key] = record[key] as T
  return out
}

function largest<T>(
  record: Readonly<Record<string, T>>,
  limit: number,
  size: (value: T) => number,
): Record<string, T> {
  const entries = Object.entries(record)
  if (entries.length <= limit) return sorted(record)
  const ranked = entries
    .map(([key, value]) => ({ key, value, size: size(value), hash: hash64Hex(key) }))
    .sort((a, b) => b.size - a.size || compareText(a.hash, b.hash))
  return sorted(Object.fromEntries(ranked.slice(0, limit).map(({ key, value }) => [key, value])))
}

function foldRarest<T>(
  record: Readonly<Record<string, T>>,
  limit: number,
  size: (value: T) => number,
  add: (into: T, from: T) => void,
): Record<string, T> {
  const entries = Object.entries(record)
  if (entries.length <= limit) return sorted(record)
  const { [OTHER]: earlier, ...named } = record
  const ranked = Object.entries(named).sort(
    ([a, x], [b, y]) => size(y) - size(x) || compareText(a, b),
  )
  const [first, ...more] = ranked.slice(limit - 1).map(([, value]) => value)
  const other = structuredClone(earlier ?? first) as T
  for (const value of earlier === undefined || first === undefined ? more : [first, ...more])
    add(other, value)
  return sorted(Object.fromEntries([...ranked.slice(0, limit - 1), [OTHER, other]]))
}

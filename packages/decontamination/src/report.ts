import {
  type Attributes,
  type DocumentBatch,
  reasonOf,
  rowCount,
  Verdict,
  valueString,
} from '@winnow/core'
import type { BenchmarkIndex, BenchmarkSummary } from './benchmark-index.js'
import { compare, decodeMatches, type ExampleMatch } from './example-match.js'

/** Where an example was found. */
export interface ExamplePlace {
  readonly document: string
  readonly ngrams: number
  readonly coverage: number
  readonly start: number
  readonly end: number
}

/** A compromised example: in how many documents it stands, and the places that hold most of it. */
export interface FoundExample {
  readonly documents: number
  /** The largest share of it that one document holds. */
  readonly coverage: number
  readonly places: readonly ExamplePlace[]
}

/** A touched document: its strongest match in this benchmark, and how many of the benchmark's examples it holds. */
export interface TouchedDocument {
  readonly document: string
  readonly example: string
  readonly examples: number
  readonly coverage: number
}

export interface BenchmarkReport extends BenchmarkSummary {
  /** Examples found in at least one document. */
  readonly found: Readonly<Record<string, FoundExample>>
  /** Documents that hold at least one example. */
  readonly documents: number
  /** The touched documents that hold most, at most 1,000. */
  readonly touched: readonly TouchedDocument[]
}

/** What stands in a corpus of the benchmarks, and where. JSON. Reports of parts of a corpus merge in any order. */
export interface ContaminationReport {
  /** Documents looked at. */
  readonly documents: number
  /** Documents that hold an example of any benchmark. */
  readonly contaminated: number
  readonly dropped: number
  readonly cut: number
  readonly benchmarks: Readonly<Record<string, BenchmarkReport>>
}

const PLACES = 10
const TOUCHED = 1000

/** A report in which nothing was looked at yet. */
export function emptyReport(index: Pick<BenchmarkIndex, 'benchmarks'>): ContaminationReport {
  const benchmarks: Record<string, BenchmarkReport> = {}
  for (const summary of index.benchmarks)
    benchmarks[summary.name] = { ...summary, found: {}, documents: 0, touched: [] }
  return { documents: 0, contaminated: 0, dropped: 0, cut: 0, benchmarks }
}

/**
 * The report of one shard, from what the stage wrote about it: so it can be made again at any time, without text.
 * `id` are the documents' ids, row for row.
 */
export function contaminationReport(
  index: Pick<BenchmarkIndex, 'benchmarks'>,
  id: DocumentBatch['id'],
  attributes: Attributes,
): ContaminationReport {
  if (rowCount(id) !== attributes.rows)
    throw new RangeError(`${rowCount(id)} ids for ${attributes.rows} rows of attributes`)
  const benchmarks = new Map<string, BenchmarkCollector>()
  const totals = { documents: 0, contaminated: 0, dropped: 0, cut: 0 }
  const labels = attributes.labels.benchmark_matches ?? []
  for (let row = 0; row < attributes.rows; row++) {
    if (attributes.verdict[row] === Verdict.unseen) continue
    totals.documents++
    const label = labels[row] ?? ''
    if (label === '') continue
    totals.contaminated++
    if (reasonOf(attributes, row) !== '') {
      if (attributes.verdict[row] === Verdict.drop) totals.dropped++
      else totals.cut++
    }
    collect(benchmarks, valueString(id, row), decodeMatches(label).matches)
  }
  return { ...totals, benchmarks: withFindings(emptyReport(index).benchmarks, benchmarks) }
}

interface BenchmarkCollector {
  readonly found: Map<string, FoundExample>
  readonly touched: TouchedDocument[]
}

function collect(
  benchmarks: Map<string, BenchmarkCollector>,
  document: string,
  matches: readonly ExampleMatch[],
): void {
  const here = new Map<string, TouchedDocument>()
  for (const { benchmark, example, ngrams, coverage, start, end } of matches) {
    let collector = benchmarks.get(benchmark)
    if (collector === undefined) {
      collector = { found: new Map(), touched: [] }
      benchmarks.set(benchmark, collector)
    }
    const place = { document, ngrams, coverage, start, end }
    const one = { documents: 1, coverage, places: [place] }
    const known = collector.found.get(example)
    collector.found.set(example, known === undefined ? one : mergeExample(known, one))
    const touched = here.get(benchmark)
    here.set(
      benchmark,
      touched === undefined
        ? { document, example, examples: 1, coverage }
        : { ...touched, examples: touched.examples + 1 },
    )
  }
  for (const [benchmark, touched] of here) benchmarks.get(benchmark)?.touched.push(touched)
}

function withFindings(
  summaries: Readonly<Record<string, BenchmarkReport>>,
  collectors: ReadonlyMap<string, BenchmarkCollector>,
): Record<string, BenchmarkReport> {
  const out: Record<string, BenchmarkReport> = {}
  for (const [name, summary] of Object.entries(summaries)) {
    const collector = collectors.get(name)
    out[name] =
      collector === undefined
        ? summary
        : {
            ...summary,
            found: Object.fromEntries(sortedByName(collector.found)),
            documents: collector.touched.length,
            touched: collector.touched.sort(mostTouchedFirst).slice(0, TOUCHED),
          }
  }
  return out
}

/** The report of two parts of a corpus together. Merging is associative and commutative. */
export function mergeReports(a: ContaminationReport, b: ContaminationReport): ContaminationReport {
  const benchmarks: Record<string, BenchmarkReport> = { ...a.benchmarks }
  for (const [name, report] of Object.entries(b.benchmarks)) {
    const known = benchmarks[name]
    benchmarks[name] = known === undefined ? report : mergeBenchmark(known, report)
  }
  return {
    documents: a.documents + b.documents,
    contaminated: a.contaminated + b.contaminated,
    dropped: a.dropped + b.dropped,
    cut: a.cut + b.cut,
    benchmarks,
  }
}

function mergeBenchmark(a: BenchmarkReport, b: BenchmarkReport): BenchmarkReport {
  const found = new Map(Object.entries(a.found))
  for (const [example, theirs] of Object.entries(b.found)) {
    const ours = found.get(example)
    found.set(example, ours === undefined ? theirs : mergeExample(ours, theirs))
  }
  return {
    ...a,
    found: Object.fromEntries(sortedByName(found)),
    documents: a.documents + b.documents,
    touched: [...a.touched, ...b.touched].sort(mostTouchedFirst).slice(0, TOUCHED),
  }
}

function mergeExample(a: FoundExample, b: FoundExample): FoundExample {
  return {
    documents: a.documents + b.documents,
    coverage: Math.max(a.coverage, b.coverage),
    places: [...a.places, ...b.places].sort(fullestFirst).slice(0, PLACES),
  }
}

function fullestFirst(a: ExamplePlace, b: ExamplePlace): number {
  return b.coverage - a.coverage || b.ngrams - a.ngrams || compare(a.document, b.document)
}

function mostTouchedFirst(a: TouchedDocument, b: TouchedDocument): number {
  return b.examples - a.examples || b.coverage - a.coverage || compare(a.document, b.document)
}

function sortedByName<T>(entries: ReadonlyMap<string, T>): [string, T][] {
  return [...entries].sort(([a], [b]) => compare(a, b))
}

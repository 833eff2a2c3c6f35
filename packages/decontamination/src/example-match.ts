/** One benchmark example found in one document. */
export interface ExampleMatch {
  readonly benchmark: string
  readonly example: string
  /** Different n-grams of the example in the document. */
  readonly ngrams: number
  /** Share of the tokens of the example's best matched passage that stand in the document. 0 to 1. */
  readonly coverage: number
  /** Only in `jaccard` mode. */
  readonly jaccard?: number
  /** Byte range of the first place in the document's text. */
  readonly start: number
  readonly end: number
}

/** Matches stored for one document; a page that holds a whole benchmark has thousands. */
const STORED = 100

/** Order of strength; equal ones by name, so that the order never depends on anything else. */
export function strongestFirst(a: ExampleMatch, b: ExampleMatch): number {
  return (
    (b.jaccard ?? 0) - (a.jaccard ?? 0) ||
    b.coverage - a.coverage ||
    b.ngrams - a.ngrams ||
    compare(a.benchmark, b.benchmark) ||
    compare(a.example, b.example)
  )
}

/** Plain code unit order, the same on every machine. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** The label `benchmark_matches`: JSON of the strongest 100 matches, and how many there were in all. */
export function encodeMatches(matches: readonly ExampleMatch[]): string {
  const rows = matches
    .slice(0, STORED)
    .map(({ benchmark, example, ngrams, coverage, jaccard, start, end }) => [
      benchmark,
      example,
      ngrams,
      round(coverage),
      jaccard === undefined ? null : round(jaccard),
      start,
      end,
    ])
  return JSON.stringify({ found: matches.length, matches: rows })
}

/** The matches of a `benchmark_matches` label; none for ''. `found` counts those that were not stored as well. */
export function decodeMatches(label: string): { found: number; matches: ExampleMatch[] } {
  if (label === '') return { found: 0, matches: [] }
  const { found, matches } = JSON.parse(label) as { found: number; matches: StoredMatch[] }
  return {
    found,
    matches: matches.map(([benchmark, example, ngrams, coverage, jaccard, start, end]) => ({
      benchmark,
      example,
      ngrams,
      coverage,
      ...(jaccard === null ? {} : { jaccard }),
      start,
      end,
    })),
  }
}

type StoredMatch = [string, string, number, number, number | null, number, number]

function round(value: number): number {
  return Math.round(value * 1e4) / 1e4
}

import {
  type Attributes,
  AttributesBuilder,
  type DocumentBatch,
  takeUtf8,
  type Utf8Column,
  valueBytes,
  valueString,
} from '@winnow/core'
import { type NgramHits, ngramHashes } from '@winnow/kernel'
import { anchorScanner, type BenchmarkIndex, prepareText } from './benchmark-index.js'
import { planCuts } from './cutting.js'
import { type ExampleMatch, encodeMatches, strongestFirst } from './example-match.js'
import { type DocumentMatch, Matcher } from './matcher.js'
import { type MatchOptions, resolveMatchOptions } from './options.js'
import { contaminatedReason } from './rules.js'

export const DECONTAMINATION_METRICS = ['matched_ngrams', 'coverage', 'jaccard'] as const
export const DECONTAMINATION_LABELS = ['benchmark_example', 'benchmark_matches'] as const

export interface StageOptions extends Partial<MatchOptions> {
  /** N-grams that are no evidence: the result of `commonNgrams`. */
  readonly ignoredNgrams?: Iterable<number>
}

export interface DecontaminationStage {
  /**
   * Looks for the index's examples in every row. Reason `contaminated.<benchmark>` of the strongest match; metrics
   * `matched_ngrams` (0 where there is none), `coverage` and `jaccard` of that match; label `benchmark_example` its
   * example's id, `benchmark_matches` all matches (see `decodeMatches`). Text is not changed.
   * Places in details and labels count bytes of the batch's text, which earlier stages may have cut; spans do too, and
   * the runtime maps those back to the uncut text.
   */
  evaluate(batch: DocumentBatch): Attributes
}

/** The stage for one index. Throws UsageError for options out of range. */
export function createDecontaminationStage(
  index: BenchmarkIndex,
  options: StageOptions = {},
): DecontaminationStage {
  const { ignoredNgrams, ...rest } = options
  const resolved = resolveMatchOptions(rest)
  const matcher = new Matcher(index, resolved, new Set(ignoredNgrams))
  const scanner = anchorScanner(index)

  return {
    evaluate(batch) {
      const builder = new AttributesBuilder(
        batch.rows,
        DECONTAMINATION_METRICS,
        DECONTAMINATION_LABELS,
      )
      builder.metric('matched_ngrams').fill(0)
      builder.metric('coverage').fill(0)
      const text = prepareText(batch.text, index.options)
      const hits = scanner.scan(text)
      for (const { row, from, to } of rowsOf(hits)) {
        const match = matcher.match(hits, from, to, () => ngramCount(text, row, index))
        if (match.passages.length > 0) decide(builder, batch.text, row, match, index, resolved)
      }
      return builder.finish()
    },
  }
}

/** The hits of each row that has any. */
export function* rowsOf(hits: NgramHits): Generator<{ row: number; from: number; to: number }> {
  let from = 0
  while (from < hits.rows.length) {
    const row = hits.rows[from] as number
    let to = from + 1
    while (to < hits.rows.length && hits.rows[to] === row) to++
    yield { row, from, to }
    from = to
  }
}

function decide(
  builder: AttributesBuilder,
  text: Utf8Column,
  row: number,
  match: DocumentMatch,
  index: BenchmarkIndex,
  options: MatchOptions,
): void {
  const examples = exampleMatches(match, index)
  const best = examples[0] as ExampleMatch
  builder.metric('matched_ngrams')[row] = best.ngrams
  builder.metric('coverage')[row] = best.coverage
  if (best.jaccard !== undefined) builder.metric('jaccard')[row] = best.jaccard
  builder.label(row, 'benchmark_example', best.example)
  builder.label(row, 'benchmark_matches', encodeMatches(examples))
  const reason = contaminatedReason(best.benchmark)
  const detail = describe(examples, options)
  if (options.action === 'drop') {
    builder.drop(row, reason, detail)
    return
  }
  const plan = planCuts(valueBytes(text, row), match.ranges, options)
  if (plan.drop) builder.drop(row, reason, `${detail}; ${plan.why}`)
  else builder.cut(row, reason, plan.ranges, detail)
}

/** The strongest passage of every example found, strongest example first. */
function exampleMatches({ passages }: DocumentMatch, index: BenchmarkIndex): ExampleMatch[] {
  const byExample = new Map<number, ExampleMatch>()
  for (const { passage, ngrams, coverage, jaccard, start, end } of passages) {
    const example = index.passageExample[passage] as number
    const found: ExampleMatch = {
      benchmark: index.benchmarks[index.exampleBenchmark[example] as number]?.name ?? '',
      example: valueString(index.exampleIds, example),
      ngrams,
      coverage,
      ...(Number.isNaN(jaccard) ? {} : { jaccard }),
      start,
      end,
    }
    const known = byExample.get(example)
    if (known === undefined || strongestFirst(found, known) < 0) byExample.set(example, found)
  }
  return [...byExample.values()].sort(strongestFirst)
}

function describe(examples: readonly ExampleMatch[], { mode }: MatchOptions): string {
  const { example, ngrams, coverage, jaccard, start, end } = examples[0] as ExampleMatch
  const share = `${Math.round(coverage * 100)} % of its tokens`
  const measure = mode === 'jaccard' ? `Jaccard ${jaccard?.toFixed(2)}` : share
  const others = examples.length > 1 ? `, and ${examples.length - 1} more examples` : ''
  const grams = ngrams === 1 ? '1 n-gram' : `${ngrams} n-grams`
  return `example ${example}: ${grams}, ${measure}, from byte ${start} to ${end}${others}`
}

function ngramCount(text: Utf8Column, row: number, { options }: BenchmarkIndex): number {
  return new Set(ngramHashes(takeUtf8(text, Int32Array.of(row)), options.ngram).hashes).size
}

import { type DocumentBatch, valueString } from '@winnow/core'
import { anchorScanner, type BenchmarkIndex, passageAt, prepareText } from './benchmark-index.js'
import { Matcher } from './matcher.js'
import { MATCH_DEFAULTS } from './options.js'
import { rowsOf } from './stage.js'

/** In how many documents an n-gram of the index stands, by the n-gram's name: its first position in the index. */
export type NgramDocuments = Map<number, number>

/** An n-gram that is no evidence, and one example that holds it. */
export interface CommonNgram {
  readonly position: number
  readonly documents: number
  readonly benchmark: string
  readonly example: string
  /** Word of the example's passage at which the n-gram begins. */
  readonly word: number
}

/**
 * Counts the documents that hold each n-gram of an index: the first pass of GPT-3's rule that an n-gram in more than
 * 10 training documents is no evidence. The rule needs the whole corpus, so the count is a pass of its own and its
 * result an input of the second one; the verdicts of a shard then depend on the shard and on that list alone, never on
 * what other workers have seen so far. Counts of parts of a corpus add up: `addNgramDocuments`.
 */
export function createNgramCounter(index: BenchmarkIndex): {
  count(batch: DocumentBatch): void
  documents(): NgramDocuments
} {
  const matcher = new Matcher(index, MATCH_DEFAULTS)
  const scanner = anchorScanner(index)
  const counts: NgramDocuments = new Map()
  return {
    count(batch) {
      const hits = scanner.scan(prepareText(batch.text, index.options))
      for (const { from, to } of rowsOf(hits))
        for (const name of matcher.ngrams(hits, from, to))
          counts.set(name, (counts.get(name) ?? 0) + 1)
    },
    documents: () => counts,
  }
}

/** Adds `part` to `sum`. Both must come from the same index. */
export function addNgramDocuments(sum: NgramDocuments, part: NgramDocuments): void {
  for (const [name, documents] of part) sum.set(name, (sum.get(name) ?? 0) + documents)
}

/**
 * The n-grams that stand in more than `documents` documents (GPT-3: 10), most common first. Their positions are the
 * stage's `ignoredNgrams`; the list itself belongs into the report, since what is ignored should be seen.
 */
export function commonNgrams(
  index: BenchmarkIndex,
  counts: NgramDocuments,
  documents = 10,
): CommonNgram[] {
  return [...counts]
    .filter(([, count]) => count > documents)
    .sort(([a, countA], [b, countB]) => countB - countA || a - b)
    .map(([position, count]) => {
      const passage = passageAt(index, position)
      const example = index.passageExample[passage] as number
      return {
        position,
        documents: count,
        benchmark: index.benchmarks[index.exampleBenchmark[example] as number]?.name ?? '',
        example: valueString(index.exampleIds, example),
        word: position - (index.passageStart[passage] as number),
      }
    })
}

import { SCORED_ROWS, SCORED_WIDTH, TreeScorer } from '@winnow/kernel'
import type { Blocks } from './blocks.js'
import { expectedF1Threshold } from './choose.js'
import { describeBlocks } from './features.js'
import type { PageKind } from './kind.js'
import type { Measures } from './measure.js'
import { MODEL } from './model.js'
import { guessContent, type Prior } from './prior.js'
import type { DataRows } from './rows.js'
import { smooth } from './smooth.js'
import { PREFORMATTED, Tag } from './tags.js'
import type { PageTree } from './tree.js'

/** A page on which no block is likelier than this to be content has none. */
const LEAST_PROBABILITY = 0.05

/**
 * What surrounds an article is less often wanted than what surrounds anything else
 * (docs/decisions/0008-extraction.md).
 */
const STRICTNESS: Record<PageKind, number> = { article: 1.2, forum: 1, product: 0.9, other: 0.85 }

/**
 * Finds the main content of a page.
 *
 * Rules that hold everywhere (element names, hint words, where the prose is) make a first guess;
 * a small tree model weighs that guess with what each block and its surroundings look like.
 *
 * @returns per block: 1 when it belongs to the main content
 */
export function locateContent(
  tree: PageTree,
  measures: Measures,
  blocks: Blocks,
  kind: PageKind,
  rows: DataRows,
): Uint8Array {
  const kept = new Uint8Array(blocks.count)
  if (blocks.count === 0) return kept
  const prior = guessContent(tree, measures, kind)
  const probabilities = smooth(judge(tree, measures, blocks, kind, prior), blocks)
  const threshold = Math.max(
    LEAST_PROBABILITY,
    expectedF1Threshold(probabilities, blocks.words, STRICTNESS[kind]),
  )
  for (let block = 0; block < blocks.count; block++)
    if ((probabilities[block] as number) >= threshold) kept[block] = 1
  keepWhole(tree, blocks, rows, kept)
  return kept
}

const scorer = new TreeScorer(MODEL)
const FEATURE_ROWS = { table: scorer.rows, stride: SCORED_WIDTH, count: SCORED_ROWS }

/** The probability of each block to be content, as the model sees it alone. */
function judge(
  tree: PageTree,
  measures: Measures,
  blocks: Blocks,
  kind: PageKind,
  prior: Prior,
): Float64Array {
  const probabilities = new Float64Array(blocks.count)
  describeBlocks(tree, measures, blocks, kind, prior, FEATURE_ROWS, (block) => {
    const row = block % SCORED_ROWS
    if (row + 1 < SCORED_ROWS && block + 1 < blocks.count) return
    scorer.score()
    for (let back = 0; back <= row; back++)
      probabilities[block - back] = 1 / (1 + Math.exp(-(scorer.sums[row - back] as number)))
  })
  return probabilities
}

/** Rows of a table and preformatted texts are kept or dropped whole, by the share of their words. */
function keepWhole(tree: PageTree, blocks: Blocks, rows: DataRows, kept: Uint8Array): void {
  let block = 0
  while (block < blocks.count) {
    const whole = wholeAround(tree, rows, blocks.holder[block] as number)
    if (whole < 0) {
      block++
      continue
    }
    const end = tree.end[whole] as number
    let stop = block
    let words = 0
    let keptWords = 0
    while (stop < blocks.count && (blocks.first[stop] as number) < end) {
      const size = 1 + (blocks.words[stop] as number)
      words += size
      if (kept[stop] === 1) keptWords += size
      stop++
    }
    kept.fill(2 * keptWords > words ? 1 : 0, block, stop)
    block = stop
  }
}

/** The row or preformatted element that a block stands in, at most a few levels up; -1 for none. */
function wholeAround(tree: PageTree, rows: DataRows, holder: number): number {
  let node = holder
  for (let step = 0; step < 3 && node > 0; step++) {
    const name = tree.tag[node] as number
    if (PREFORMATTED[name] === 1) return node
    if (name === Tag.td || name === Tag.th) {
      const row = tree.parent[node] as number
      return rows.has(row) ? row : -1
    }
    node = tree.parent[node] as number
  }
  return -1
}

import { decodeHTML } from 'entities'
import { type Blocks, findBlocks } from '../blocks.js'
import { describeBlocks, FEATURES } from '../features.js'
import { pageKind } from '../kind.js'
import { measure } from '../measure.js'
import { parsePage } from '../parse.js'
import { guessContent } from '../prior.js'
import { TEXT } from '../tags.js'
import type { PageTree } from '../tree.js'

/** A page as a training set: its blocks' features, whether each is content, and what it weighs. */
export interface LabelledPage {
  readonly table: Float32Array
  readonly labels: Float32Array
  readonly weights: Float32Array
}

const WORD = /[\p{L}\p{N}_]+/gu
/** Blocks of fewer words are judged by lines and neighbours, longer ones by their 4-word shingles. */
const SHINGLE = 4
/** A very long block counts no more than this many words. */
const MAX_WORDS = 200

/** Labels the blocks of a page by the text that a person marked as its main content. */
export function labelPage(html: string, url: string, truth: string): LabelledPage {
  const tree = parsePage(html)
  const measures = measure(tree)
  const kind = pageKind(tree, url)
  const blocks = findBlocks(tree, measures)
  const prior = guessContent(tree, measures, kind)
  const table = new Float32Array(blocks.count * FEATURES.length)
  const rows = { table, stride: FEATURES.length, count: blocks.count }
  describeBlocks(tree, measures, blocks, kind, prior, rows, () => {})
  const words = Array.from({ length: blocks.count }, (_, block) => wordsOf(tree, blocks, block))
  const marked = wordsIn(truth)
  const labels = judge(words, truth, marked)
  // Every page counts about alike, and within it every word.
  const size = Math.max(30, marked.length)
  const weights = Float32Array.from(
    words,
    (block) => Math.min(block.length, MAX_WORDS) / size + 0.0005,
  )
  return { table, labels, weights }
}

const wordsIn = (text: string): string[] => text.toLowerCase().match(WORD) ?? []

function wordsOf(tree: PageTree, blocks: Blocks, block: number): string[] {
  let text = ''
  for (let node = blocks.first[block] as number; node <= (blocks.last[block] as number); node++)
    if (tree.tag[node] === TEXT) text += tree.html.slice(tree.from[node], tree.to[node])
  return wordsIn(decodeHTML(text))
}

function judge(words: string[][], truth: string, marked: string[]): Float32Array {
  const whole = ` ${marked.join(' ')} `
  const lines = new Set(truth.split('\n').map((line) => wordsIn(line).join(' ')))
  const shingles = new Set<string>()
  for (let at = 0; at + SHINGLE <= marked.length; at++)
    shingles.add(marked.slice(at, at + SHINGLE).join(' '))
  const labels = new Float32Array(words.length)
  for (const [block, own] of words.entries()) {
    if (own.length < SHINGLE) continue
    let found = 0
    for (let at = 0; at + SHINGLE <= own.length; at++)
      if (shingles.has(own.slice(at, at + SHINGLE).join(' '))) found++
    labels[block] = 2 * found >= own.length - SHINGLE + 1 ? 1 : 0
  }
  for (const [block, own] of words.entries()) {
    if (own.length === 0 || own.length >= SHINGLE) continue
    const text = own.join(' ')
    const before = nearestLong(words, block, -1)
    const after = nearestLong(words, block, 1)
    const content = (labels[before] ?? 0) + (labels[after] ?? 0)
    if (lines.has(text)) labels[block] = content > 0 || before < 0 || after < 0 ? 1 : 0
    else if (whole.includes(` ${text} `)) labels[block] = content === 2 ? 1 : 0
  }
  return labels
}

/** The nearest block of four words or more on one side, within eight; -1 for none. */
function nearestLong(words: string[][], block: number, step: number): number {
  for (let other = block + step, tries = 0; tries < 8; other += step, tries++) {
    const own = words[other]
    if (own === undefined) return -1
    if (own.length >= SHINGLE) return other
  }
  return -1
}

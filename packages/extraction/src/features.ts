import type { Blocks } from './blocks.js'
import { HINT_GROUPS } from './hints.js'
import type { PageKind } from './kind.js'
import type { Measures } from './measure.js'
import type { Prior } from './prior.js'
import { ABOVE, log, proseAround, share, summarise, surroundings } from './surroundings.js'
import { HEADING, LIST, PREFORMATTED, Tag } from './tags.js'
import { TitleMatch } from './title-match.js'
import type { PageTree } from './tree.js'

/** Levels above the holder whose size and link share are looked at. */
const LEVELS = [1, 2, 3, 5] as const
/** Neighbours before and after that are looked at. */
const NEIGHBOURS = [-2, -1, 1, 2] as const

export const FEATURES: readonly string[] = [
  'chars',
  'words',
  'linkShare',
  'marksPerChar',
  'digitShare',
  'ended',
  'copies',
  'repeated',
  'heading',
  'list',
  'preformatted',
  ...ABOVE.map(([name]) => `in_${name}`),
  ...HINT_GROUPS.map((name) => `hint_${name}`),
  ...HINT_GROUPS.map((name) => `near_${name}`),
  ...NEIGHBOURS.flatMap((step) => [
    `chars@${step}`,
    `links@${step}`,
    `ended@${step}`,
    `sameParent@${step}`,
  ]),
  ...LEVELS.flatMap((level) => [
    `links^${level}`,
    `prose^${level}`,
    `share^${level}`,
    `like^${level}`,
  ]),
  'at',
  'atChars',
  'proseBefore',
  'proseAfter',
  'sinceH1',
  'sinceHeading',
  'headingLevel',
  'proseAround',
  'isArticle',
  'isForum',
  'isProduct',
  'inRoot',
  'skipped',
  'fromRootStart',
  'fromRootEnd',
  'twins',
  'titleLike',
  'concealed',
]

/** Where rows of features go: block `b` at `stride * (b % count)`, overwritten `count` blocks later. */
export interface FeatureRows {
  readonly table: Float32Array
  readonly stride: number
  readonly count: number
}

/**
 * Describes every block of a page by numbers that hold for pages of any site and language.
 *
 * @param described called with each block's number when its `FEATURES.length` numbers stand in `rows`
 */
export function describeBlocks(
  tree: PageTree,
  measures: Measures,
  blocks: Blocks,
  kind: PageKind,
  main: Prior,
  rows: FeatureRows,
  described: (block: number) => void,
): void {
  const { table } = rows
  const { parent, tag } = tree
  const { count } = blocks
  const { root } = main
  const around = surroundings(tree, measures, main)
  const page = summarise(tree, measures, blocks)
  const title = new TitleMatch(tree.head.title)
  const rootEnd = tree.end[root] as number
  let before = 0
  let proseBefore = 0
  let lastH1 = -1
  let lastHeading = -1
  let headingLevel = 0
  for (let block = 0; block < count; block++) {
    const first = blocks.first[block] as number
    const holder = blocks.holder[block] as number
    const chars = blocks.chars[block] as number
    const name = tag[holder] as number
    const level = headingOf(tree, holder)
    if (level === 1 && lastH1 < 0) lastH1 = block
    let at = rows.stride * (block % rows.count)
    table[at++] = page.logChars[block] as number
    table[at++] = log(blocks.words[block] as number)
    table[at++] = page.linkShares[block] as number
    table[at++] = share(blocks.marks[block] as number, chars)
    table[at++] = share(blocks.digits[block] as number, chars)
    table[at++] = blocks.ended[block] as number
    table[at++] = Math.min(5, blocks.copies[block] as number)
    table[at++] = blocks.repeated[block] as number
    table[at++] = level
    table[at++] = holderKind(name)
    table[at++] = PREFORMATTED[name] as number
    at = writeBits(table, at, around.above[first] as number, ABOVE.length)
    at = writeBits(table, at, around.hints[first] as number, HINT_GROUPS.length)
    at = writeBits(table, at, nearHints(tree, measures, first), HINT_GROUPS.length)
    for (let neighbour = 0; neighbour < NEIGHBOURS.length; neighbour++) {
      const other = block + (NEIGHBOURS[neighbour] as number)
      if (other < 0 || other >= count) {
        table[at++] = -1
        table[at++] = -1
        table[at++] = -1
        table[at++] = 0
        continue
      }
      table[at++] = page.logChars[other] as number
      table[at++] = page.linkShares[other] as number
      table[at++] = blocks.ended[other] as number
      table[at++] = parent[blocks.holder[other] as number] === parent[holder] ? 1 : 0
    }
    let node = holder
    let steps = 0
    for (let level = 0; level < LEVELS.length; level++) {
      for (; steps < (LEVELS[level] as number); steps++) {
        const above = parent[node] as number
        if (above >= 0) node = above
      }
      const total = measures.chars[node] as number
      table[at++] = share(measures.linkChars[node] as number, total)
      table[at++] = share(measures.prose[node] as number, total)
      table[at++] = share(total, page.chars)
      table[at++] = Math.min(20, around.twins[node] as number)
    }
    const own = page.isProse[block] === 1 ? chars : 0
    table[at++] = share(block, count)
    table[at++] = share(before, page.chars)
    table[at++] = share(proseBefore, page.prose)
    table[at++] = share(page.prose - proseBefore - own, page.prose)
    table[at++] = lastH1 < 0 ? (page.hasH1 ? -1 : -2) : Math.min(100, block - lastH1)
    table[at++] = lastHeading < 0 ? -1 : Math.min(50, block - lastHeading)
    table[at++] = headingLevel
    table[at++] = proseAround(page.isProse, block)
    table[at++] = kind === 'article' ? 1 : 0
    table[at++] = kind === 'forum' ? 1 : 0
    table[at++] = kind === 'product' ? 1 : 0
    table[at++] = first >= root && first < rootEnd ? 1 : 0
    table[at++] = around.skipped[first] as number
    table[at++] = share(first - root, rootEnd - root)
    table[at++] = share(rootEnd - first, rootEnd - root)
    table[at++] = Math.min(50, around.twins[holder] as number)
    table[at++] = title.holdsStartOf(tree, first) ? 1 : 0
    table[at++] = measures.concealed[first] as number
    before += chars
    proseBefore += own
    if (level > 0) {
      lastHeading = block
      headingLevel = level
    }
    described(block)
  }
}

/** Writes the lowest `count` bits as so many numbers; returns the place after them. */
function writeBits(table: Float32Array, at: number, bits: number, count: number): number {
  for (let bit = 0; bit < count; bit++) table[at + bit] = (bits >> bit) & 1
  return at + count
}

function holderKind(name: number): number {
  if (name === Tag.li) return 1
  if (LIST[name] === 1) return 2
  if (name === Tag.td || name === Tag.th) return 3
  return name === Tag.p ? 4 : 0
}

/** Level of the heading that a holder is or stands in, 0 for none. */
function headingOf(tree: PageTree, holder: number): number {
  const name = tree.tag[holder] as number
  if (HEADING[name] === 1) return name - Tag.h1 + 1
  const above = tree.parent[holder] as number
  if (above >= 0 && HEADING[tree.tag[above] as number] === 1)
    return (tree.tag[above] as number) - Tag.h1 + 1
  return 0
}

/** Hints of the holder and the two elements above the text that are nearest. */
function nearHints(tree: PageTree, measures: Measures, text: number): number {
  let bits = 0
  let node = tree.parent[text] as number
  for (let step = 0; step < 3 && node > 0; step++) {
    bits |= measures.hints[node] as number
    node = tree.parent[node] as number
  }
  return bits
}

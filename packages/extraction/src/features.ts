import type { Blocks } from './blocks.js'
import { HINT_GROUPS } from './hints.js'
import type { PageKind } from './kind.js'
import type { Measures } from './measure.js'
import type { Prior } from './prior.js'
import { FIRST_UNKNOWN_TAG, HEADING, LIST, PREFORMATTED, Tag, TEXT } from './tags.js'
import type { PageTree } from './tree.js'

/** Elements above a block whose presence says something. */
const ABOVE = [
  ['nav', Tag.nav],
  ['header', Tag.header],
  ['footer', Tag.footer],
  ['aside', Tag.aside],
  ['main', Tag.main],
  ['article', Tag.article],
  ['section', Tag.section],
  ['form', Tag.form],
  ['table', Tag.table],
  ['li', Tag.li],
  ['figure', Tag.figure],
  ['button', Tag.button],
  ['a', Tag.a],
  ['p', Tag.p],
  ['dialog', Tag.dialog],
  ['noscript', Tag.noscript],
  ['details', Tag.details],
  ['label', Tag.label],
  ['blockquote', Tag.blockquote],
  ['dd', Tag.dd],
  ['h1', Tag.h1],
  ['figcaption', Tag.figcaption],
  ['ul', Tag.ul],
  ['ol', Tag.ol],
  ['code', Tag.code],
] as const

const bitAbove = new Int32Array(FIRST_UNKNOWN_TAG)
for (const [index, [, tag]] of ABOVE.entries()) bitAbove[tag] = 1 << index

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

/**
 * Describes every block of a page by numbers that hold for pages of any site and language.
 *
 * @param each called per block in order with its row of `FEATURES.length` numbers, which is only
 *   lent: the next block overwrites it
 */
export function describeBlocks(
  tree: PageTree,
  measures: Measures,
  blocks: Blocks,
  kind: PageKind,
  main: Prior,
  each: (block: number, row: Float32Array) => void,
): void {
  const row = new Float32Array(FEATURES.length)
  const inherited = inherit(tree, measures, main)
  const page = summarise(tree, measures, blocks)
  let before = 0
  let proseBefore = 0
  let lastH1 = -1
  let lastHeading = -1
  let headingLevel = 0
  const root = main.root
  const rootEnd = tree.end[root] as number
  let column = 0
  const put = (value: number) => {
    row[column++] = value
  }
  for (let block = 0; block < blocks.count; block++) {
    column = 0
    const first = blocks.first[block] as number
    const holder = blocks.holder[block] as number
    const chars = blocks.chars[block] as number
    const name = tree.tag[holder] as number
    const level = headingOf(tree, holder)
    if (level === 1 && lastH1 < 0) lastH1 = block
    put(log(chars))
    put(log(blocks.words[block] as number))
    put(share(blocks.linkChars[block] as number, chars))
    put(share(blocks.marks[block] as number, chars))
    put(share(blocks.digits[block] as number, chars))
    put(blocks.ended[block] as number)
    put(Math.min(5, blocks.copies[block] as number))
    put(blocks.repeated[block] as number)
    put(level)
    put(
      name === Tag.li
        ? 1
        : LIST[name]
          ? 2
          : name === Tag.td || name === Tag.th
            ? 3
            : name === Tag.p
              ? 4
              : 0,
    )
    put(PREFORMATTED[name] ?? 0)
    const above = inherited.above[first] as number
    for (let bit = 0; bit < ABOVE.length; bit++) put((above >> bit) & 1)
    const hints = inherited.hints[first] as number
    for (let bit = 0; bit < HINT_GROUPS.length; bit++) put((hints >> bit) & 1)
    const near = nearHints(tree, measures, first)
    for (let bit = 0; bit < HINT_GROUPS.length; bit++) put((near >> bit) & 1)
    for (const step of NEIGHBOURS) {
      const other = block + step
      const there = other >= 0 && other < blocks.count
      const otherChars = there ? (blocks.chars[other] as number) : 0
      put(there ? log(otherChars) : -1)
      put(there ? share(blocks.linkChars[other] as number, otherChars) : -1)
      put(there ? (blocks.ended[other] as number) : -1)
      put(there && tree.parent[blocks.holder[other] as number] === tree.parent[holder] ? 1 : 0)
    }
    let node = holder
    let at = 0
    for (const steps of LEVELS) {
      while (at < steps && (tree.parent[node] as number) >= 0) {
        node = tree.parent[node] as number
        at++
      }
      const total = measures.chars[node] as number
      put(share(measures.linkChars[node] as number, total))
      put(share(measures.prose[node] as number, total))
      put(share(total, page.chars))
      put(Math.min(20, inherited.twins[node] as number))
    }
    put(share(block, blocks.count))
    put(share(before, page.chars))
    put(share(proseBefore, page.prose))
    const own = page.isProse[block] === 1 ? chars : 0
    put(share(page.prose - proseBefore - own, page.prose))
    put(lastH1 < 0 ? (page.hasH1 ? -1 : -2) : Math.min(100, block - lastH1))
    put(lastHeading < 0 ? -1 : Math.min(50, block - lastHeading))
    put(headingLevel)
    put(proseAround(blocks, page.isProse, block))
    put(kind === 'article' ? 1 : 0)
    put(kind === 'forum' ? 1 : 0)
    put(kind === 'product' ? 1 : 0)
    put(first >= root && first < rootEnd ? 1 : 0)
    put(inherited.skipped[first] as number)
    put(share(first - root, rootEnd - root))
    put(share(rootEnd - first, rootEnd - root))
    put(Math.min(50, inherited.twins[holder] as number))
    const start = textStart(tree, first)
    put(start.length > 3 && page.title.includes(start) ? 1 : 0)
    put(measures.concealed[first] as number)
    before += chars
    proseBefore += own
    if (level > 0) {
      lastHeading = block
      headingLevel = level
    }
    each(block, row)
  }
}

const log = (value: number): number => Math.log2(1 + value)
const share = (part: number, whole: number): number => (whole > 0 ? part / whole : 0)

/** Level of the heading that a holder is or stands in, 0 for none. */
function headingOf(tree: PageTree, holder: number): number {
  const name = tree.tag[holder] as number
  if (HEADING[name]) return name - Tag.h1 + 1
  const above = tree.parent[holder] as number
  if (above >= 0 && HEADING[tree.tag[above] as number])
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

function textStart(tree: PageTree, node: number): string {
  return tree.html
    .slice(tree.from[node], Math.min(tree.to[node] as number, (tree.from[node] as number) + 60))
    .trim()
    .toLowerCase()
}

/** Of the five blocks before and after, how many are prose. */
function proseAround(blocks: Blocks, isProse: Uint8Array, block: number): number {
  let count = 0
  for (let other = Math.max(0, block - 5); other <= Math.min(blocks.count - 1, block + 5); other++)
    count += isProse[other] as number
  return count
}

interface PageSummary {
  readonly chars: number
  readonly prose: number
  readonly isProse: Uint8Array
  readonly title: string
  readonly hasH1: boolean
}

function summarise(tree: PageTree, measures: Measures, blocks: Blocks): PageSummary {
  const isProse = new Uint8Array(blocks.count)
  let prose = 0
  for (let block = 0; block < blocks.count; block++) {
    const chars = blocks.chars[block] as number
    if (chars < 60 || blocks.marks[block] === 0) continue
    if ((blocks.linkChars[block] as number) >= 0.4 * chars) continue
    isProse[block] = 1
    prose += chars
  }
  let hasH1 = false
  for (let node = 0; node < tree.count && !hasH1; node++) hasH1 = tree.tag[node] === Tag.h1
  return {
    chars: measures.chars[0] as number,
    prose,
    isProse,
    title: tree.head.title.toLowerCase(),
    hasH1,
  }
}

interface Inherited {
  readonly above: Int32Array
  readonly hints: Int32Array
  readonly skipped: Uint8Array
  /** Siblings with the same element name and hint, itself not included. */
  readonly twins: Int32Array
}

function inherit(tree: PageTree, measures: Measures, main: Prior): Inherited {
  const { count, tag, parent } = tree
  const above = new Int32Array(count)
  const hints = new Int32Array(count)
  const skipped = new Uint8Array(count)
  const twins = new Int32Array(count)
  const families = new Map<number, number>()
  const firstOf = new Int32Array(count)
  for (let node = 1; node < count; node++) {
    const up = parent[node] as number
    const name = tag[node] as number
    above[node] =
      (above[up] as number) | (name < FIRST_UNKNOWN_TAG ? (bitAbove[name] as number) : 0)
    hints[node] = (hints[up] as number) | (name === Tag.body ? 0 : (measures.hints[node] as number))
    skipped[node] = (skipped[up] as number) | (main.skip[node] as number)
    if (name === TEXT) continue
    const key = (up * FIRST_UNKNOWN_TAG + name) * 4096 + ((tree.hint[node] as number) % 4096)
    const head = families.get(key)
    if (head === undefined) families.set(key, node)
    firstOf[node] = head ?? node
    const of = firstOf[node] as number
    twins[of] = (twins[of] as number) + 1
  }
  for (let node = count - 1; node > 0; node--) {
    if (tag[node] === TEXT) continue
    const of = firstOf[node] as number
    if (of !== node) {
      twins[node] = (twins[of] as number) - 1
    }
  }
  for (let node = 1; node < count; node++)
    if (tag[node] !== TEXT && firstOf[node] === node) twins[node] = (twins[node] as number) - 1
  return { above, hints, skipped, twins }
}

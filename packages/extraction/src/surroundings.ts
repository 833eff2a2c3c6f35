import type { Blocks } from './blocks.js'
import type { Measures } from './measure.js'
import type { Prior } from './prior.js'
import { TAG_NUMBERS, Tag, TEXT } from './tags.js'
import type { PageTree } from './tree.js'

/** Elements above a block whose presence says something. */
export const ABOVE = [
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

const bitAbove = new Int32Array(TAG_NUMBERS)
for (const [index, [, tag]] of ABOVE.entries()) bitAbove[tag] = 1 << index

export const log = (value: number): number => Math.log2(1 + value)
export const share = (part: number, whole: number): number => (whole > 0 ? part / whole : 0)

/** What the blocks of a page are measured against. */
interface PageSummary {
  readonly chars: number
  readonly prose: number
  readonly isProse: Uint8Array
  readonly logChars: Float64Array
  readonly linkShares: Float64Array
  readonly hasH1: boolean
}

export function summarise(tree: PageTree, measures: Measures, blocks: Blocks): PageSummary {
  const { count } = blocks
  const isProse = new Uint8Array(count)
  const logChars = new Float64Array(count)
  const linkShares = new Float64Array(count)
  let prose = 0
  for (let block = 0; block < count; block++) {
    const chars = blocks.chars[block] as number
    const linkChars = blocks.linkChars[block] as number
    logChars[block] = log(chars)
    linkShares[block] = share(linkChars, chars)
    if (chars < 60 || blocks.marks[block] === 0 || linkChars >= 0.4 * chars) continue
    isProse[block] = 1
    prose += chars
  }
  return {
    chars: measures.chars[0] as number,
    prose,
    isProse,
    logChars,
    linkShares,
    hasH1: tree.tag.includes(Tag.h1),
  }
}

/** Of the block and the five before and after, how many are prose. */
export function proseAround(isProse: Uint8Array, block: number): number {
  const stop = Math.min(isProse.length - 1, block + 5)
  let count = 0
  for (let other = Math.max(0, block - 5); other <= stop; other++) count += isProse[other] as number
  return count
}

/** What each node inherits from the elements above it, and how many there are like it. */
interface Surroundings {
  /** Bits of `ABOVE`. */
  readonly above: Int32Array
  /** Hint bits of the node and all above it, the body's left out. */
  readonly hints: Int32Array
  readonly skipped: Uint8Array
  /** Siblings with the same element name and hint, itself not included. */
  readonly twins: Int32Array
}

export function surroundings(tree: PageTree, measures: Measures, main: Prior): Surroundings {
  const { count, tag, parent } = tree
  const above = new Int32Array(count)
  const hints = new Int32Array(count)
  const skipped = new Uint8Array(count)
  for (let node = 1; node < count; node++) {
    const up = parent[node] as number
    const name = tag[node] as number
    above[node] = (above[up] as number) | (bitAbove[name] as number)
    hints[node] = (hints[up] as number) | (name === Tag.body ? 0 : (measures.hints[node] as number))
    skipped[node] = (skipped[up] as number) | (main.skip[node] as number)
  }
  return { above, hints, skipped, twins: countTwins(tree) }
}

function countTwins(tree: PageTree): Int32Array {
  const { count, tag, parent, hint } = tree
  // Slots hold the first of each family of twins; there are more slots than nodes, so a search ends.
  const bits = 33 - Math.clz32(count)
  const mask = (1 << bits) - 1
  const slots = new Int32Array(1 << bits)
  const twins = new Int32Array(count)
  const firstOf = new Int32Array(count)
  for (let node = 1; node < count; node++) {
    const name = tag[node] as number
    if (name === TEXT) continue
    const up = parent[node] as number
    const own = hint[node] as number
    const hash = Math.imul(
      Math.imul(up, 0x9e3779b1) + Math.imul(name, 0x85ebca6b) + own,
      0x2c1b3c6d,
    )
    let slot = (hash ^ (hash >>> 15)) & mask
    let first = slots[slot] as number
    while (first !== 0 && (parent[first] !== up || tag[first] !== name || hint[first] !== own)) {
      slot = (slot + 1) & mask
      first = slots[slot] as number
    }
    if (first === 0) slots[slot] = first = node
    else twins[first] = (twins[first] as number) + 1
    firstOf[node] = first
  }
  for (let node = 1; node < count; node++) twins[node] = twins[firstOf[node] as number] as number
  return twins
}

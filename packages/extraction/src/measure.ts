import { readHints } from './hints.js'
import { BLOCK, Tag, TEXT, UNREAD } from './tags.js'
import type { PageTree } from './tree.js'

/** Sums over subtrees, and what each node inherits from above. Indexed by node. */
export interface Measures {
  /** Characters that are not white space, ideographs counted as `IDEOGRAPH_WEIGHT`. */
  readonly chars: Float64Array
  /** The part of `chars` that stands in links. */
  readonly linkChars: Float64Array
  /** Sentence and clause marks. */
  readonly marks: Int32Array
  /** Characters of prose: blocks that are long, punctuated and not mostly links. */
  readonly prose: Float64Array
  /** Union of `Hint` bits of the node itself. */
  readonly hints: Int32Array
  /** Nearest block element above. */
  readonly block: Int32Array
  /** 1: text inside is no text of the page (script, hidden, …). */
  readonly unread: Uint8Array
  /** 1: the node is or lies in a link. */
  readonly inLink: Uint8Array
  /** 1: hidden by attribute, style or class; scripts often show it later. */
  readonly concealed: Uint8Array
  /** 1: a block element lies inside. */
  readonly holdsBlock: Uint8Array
}

const AMPERSAND = 38

/** One ideograph says about as much as two and a half letters. */
const IDEOGRAPH_WEIGHT = 2.5
/** A block with this many characters can be prose. */
const PROSE_CHARS = 60
const PROSE_LINK_SHARE = 0.4

export function measure(tree: PageTree): Measures {
  const { count, tag, parent } = tree
  const chars = new Float64Array(count)
  const linkChars = new Float64Array(count)
  const marks = new Int32Array(count)
  const prose = new Float64Array(count)
  const hints = new Int32Array(count)
  const block = new Int32Array(count)
  const unread = new Uint8Array(count)
  const inLink = new Uint8Array(count)
  const concealed = new Uint8Array(count)
  const holdsBlock = new Uint8Array(count)
  const meanings = readHints(tree.hints, tree.hintText)
  for (let node = 0; node < count; node++) {
    const above = parent[node] as number
    const name = tag[node] as number
    hints[node] = meanings.bits[tree.hint[node] as number] as number
    if (above < 0) {
      block[node] = -1
      unread[node] = UNREAD[name] as number
    } else {
      block[node] = BLOCK[tag[above] as number] === 1 ? above : (block[above] as number)
      unread[node] = (unread[above] as number) | (UNREAD[name] as number)
      concealed[node] = (concealed[above] as number) | (tree.hidden[node] as number)
      inLink[node] = inLink[above] as number
    }
    if (meanings.unseen[tree.hint[node] as number] === 1 && name !== Tag.body) concealed[node] = 1
    if (name === Tag.a) inLink[node] = 1
    if (name !== TEXT || unread[node] === 1) continue
    const stats = countText(tree.html, tree.from[node] as number, tree.to[node] as number)
    chars[node] = stats.chars
    marks[node] = stats.marks
    if (inLink[node] === 1) linkChars[node] = stats.chars
  }
  // Children come after their parent, so one pass backwards sums the subtrees.
  sumUp(tree, chars, linkChars, marks, holdsBlock)
  sumProse(tree, { chars, linkChars, marks, block, unread }, prose)
  return { chars, linkChars, marks, prose, hints, block, unread, inLink, concealed, holdsBlock }
}

function sumUp(
  tree: PageTree,
  chars: Float64Array,
  linkChars: Float64Array,
  marks: Int32Array,
  holdsBlock: Uint8Array,
): void {
  const { count, tag, parent } = tree
  for (let node = count - 1; node > 0; node--) {
    const above = parent[node] as number
    if (above < 0) continue
    chars[above] = (chars[above] as number) + (chars[node] as number)
    linkChars[above] = (linkChars[above] as number) + (linkChars[node] as number)
    marks[above] = (marks[above] as number) + (marks[node] as number)
    if (BLOCK[tag[node] as number] === 1 || holdsBlock[node] === 1) holdsBlock[above] = 1
  }
}

/** Walks the runs of text that share a block, and credits the prose among them to all above. */
function sumProse(
  tree: PageTree,
  given: Pick<Measures, 'chars' | 'linkChars' | 'marks' | 'block' | 'unread'>,
  prose: Float64Array,
): void {
  const { count, tag, parent } = tree
  let run = -1
  let runChars = 0
  let runLinks = 0
  let runMarks = 0
  const close = () => {
    if (
      run >= 0 &&
      runChars >= PROSE_CHARS &&
      runMarks > 0 &&
      runLinks < PROSE_LINK_SHARE * runChars
    )
      prose[run] = (prose[run] as number) + runChars - runLinks
    run = -1
    runChars = runLinks = runMarks = 0
  }
  for (let node = 0; node < count; node++) {
    if (tag[node] !== TEXT) {
      if (BLOCK[tag[node] as number] === 1) close()
      continue
    }
    if (given.unread[node] === 1) continue
    const block = given.block[node] as number
    if (block !== run) {
      close()
      run = block
    }
    runChars += given.chars[node] as number
    runLinks += given.linkChars[node] as number
    runMarks += given.marks[node] as number
  }
  close()
  for (let node = count - 1; node > 0; node--) {
    const above = parent[node] as number
    if (above >= 0) prose[above] = (prose[above] as number) + (prose[node] as number)
  }
}

/** Sorts of ASCII characters; the lowest bit says that it is seen. */
const SEEN = 1
const MARK = 3
const REFERENCE = 5

const sorts = new Uint8Array(128).fill(SEEN)
sorts.fill(0, 0, 33)
for (const mark of '.,!?;:') sorts[mark.charCodeAt(0)] = MARK
sorts[AMPERSAND] = REFERENCE

const counted = { chars: 0, marks: 0 }

/** Counts one run of raw text; a character reference counts as one character. */
function countText(html: string, from: number, to: number): { chars: number; marks: number } {
  let chars = 0
  let wide = 0
  let marks = 0
  for (let at = from; at < to; at++) {
    const code = html.charCodeAt(at)
    if (code < 128) {
      const sort = sorts[code] as number
      chars += sort & SEEN
      if (sort === MARK) {
        // A mark ends a word: `3.5` and `a.b` hold none. At the page's end nothing follows.
        const after = at + 1 < html.length ? html.charCodeAt(at + 1) : 0x7f
        if (after <= 34 || after === 39 || after === 60 || after > 0x2000) marks++
      } else if (sort === REFERENCE) {
        if (html.startsWith('nbsp;', at + 1)) chars--
        at = endOfReference(html, at, to)
      }
    } else if (code < 0x2e80) {
      chars++
      if (code === 0x61f || code === 0x60c || code === 0x6d4 || code === 0x964) marks++
    } else if (code >= 0x3000 && code <= 0x303f) {
      chars++
      if (code === 0x3001 || code === 0x3002) marks++
    } else if (code === 0xff0c || code === 0xff01 || code === 0xff1f || code === 0xff1b) {
      chars++
      marks++
    } else wide += code < 0xd800 || (code >= 0xf900 && code <= 0xfaff) ? IDEOGRAPH_WEIGHT : 0.5
  }
  counted.chars = chars + wide
  counted.marks = marks
  return counted
}

/** Position of the `;` of a character reference that begins at `at`; `at` itself if there is none. */
function endOfReference(html: string, at: number, to: number): number {
  const limit = Math.min(to, at + 10)
  for (let end = at + 1; end < limit; end++) if (html.charCodeAt(end) === 59) return end
  return at
}

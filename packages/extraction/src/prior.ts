import { Hint } from './hints.js'
import type { PageKind } from './kind.js'
import type { Measures } from './measure.js'
import { FORMATTING, HEADING, Tag, TEXT } from './tags.js'
import type { PageTree } from './tree.js'

/** Where the main content of a page is: a subtree, less the nodes in `skip` and all they hold. */
export interface Prior {
  readonly root: number
  readonly skip: Uint8Array
}

/** Guesses by rules alone: what is furniture by name, then the element that holds most of the rest. */
export function guessContent(tree: PageTree, measures: Measures, kind: PageKind): Prior {
  const skip = new Uint8Array(tree.count)
  dropFurniture(tree, measures, kind, skip)
  const prose = proseLeft(tree, measures, skip)
  const root =
    kind === 'forum'
      ? lowestHolding(tree, prose, skip, 0.8)
      : chooseRoot(tree, measures, prose, skip, kind)
  if (kind === 'article') dropLinkLists(tree, measures, root, skip)
  return { root, skip }
}

/** Marks what is not content by its element name or the words of its hints, from outside in. */
function dropFurniture(tree: PageTree, measures: Measures, kind: PageKind, skip: Uint8Array): void {
  const { count, tag, end } = tree
  const total = measures.prose[0] as number
  const totalChars = measures.chars[0] as number
  for (let node = 1; node < count; ) {
    const name = tag[node] as number
    if (name === TEXT) {
      node++
      continue
    }
    const share = total > 0 ? (measures.prose[node] as number) / total : 0
    const charShare = totalChars > 0 ? (measures.chars[node] as number) / totalChars : 0
    if (measures.unread[node] === 1 || isFurniture(name, measures, node, share, charShare, kind)) {
      skip[node] = 1
      node = end[node] as number
    } else node++
  }
}

function isFurniture(
  name: number,
  measures: Measures,
  node: number,
  share: number,
  charShare: number,
  kind: PageKind,
): boolean {
  if (name === Tag.body || HEADING[name] || FORMATTING[name]) return false
  const hints = measures.hints[node] as number
  if (measures.concealed[node] === 1) return share < 0.3
  if (name === Tag.nav || name === Tag.footer || name === Tag.dialog) return share < 0.5
  if (name === Tag.aside) return share < 0.3
  if (name === Tag.form) return share < 0.15
  if (hints & Hint.body) return false
  if (hints & FURNITURE) return share < 0.25 && charShare < 0.6
  if (hints & Hint.comments) return kind !== 'forum' && share < 0.8
  if (kind === 'forum' && hints & Hint.post) return false
  if (hints & BESIDE) return share < 0.15 && charShare < 0.4
  return false
}

const FURNITURE =
  Hint.navigation | Hint.footer | Hint.share | Hint.overlay | Hint.signup | Hint.advert | Hint.shop
const BESIDE = Hint.side | Hint.related | Hint.author | Hint.contents | Hint.skip

/** Prose under each node that the marks leave. */
function proseLeft(tree: PageTree, measures: Measures, skip: Uint8Array): Float64Array {
  const prose = measures.prose.slice()
  const { count, parent, end } = tree
  for (let node = 0; node < count; ) {
    if (skip[node] === 1) {
      const lost = measures.prose[node] as number
      if (lost > 0)
        for (let above = parent[node] as number; above >= 0; above = parent[above] as number)
          prose[above] = (prose[above] as number) - lost
      node = end[node] as number
    } else node++
  }
  return prose
}

function chooseRoot(
  tree: PageTree,
  measures: Measures,
  prose: Float64Array,
  skip: Uint8Array,
  kind: PageKind,
): number {
  const total = prose[0] as number
  if (total === 0) return 0
  const { count, tag, end } = tree
  let best = 0
  let bestRank = 0
  for (let node = 1; node < count; ) {
    if (skip[node] === 1) {
      node = end[node] as number
      continue
    }
    const name = tag[node] as number
    if (name !== TEXT) {
      const share = (prose[node] as number) / total
      const hints = measures.hints[node] as number
      let rank = 0
      if (hints & Hint.body && share >= (kind === 'article' ? 0.5 : 0.75)) rank = 3
      else if (name === Tag.article && share >= 0.6) rank = 2
      else if (name === Tag.main && share >= 0.6) rank = 1
      if (rank > 0 && rank >= bestRank) {
        best = node
        bestRank = rank
      }
    }
    node++
  }
  return best
}

/** The innermost node that holds at least `share` of the prose. */
function lowestHolding(
  tree: PageTree,
  prose: Float64Array,
  skip: Uint8Array,
  share: number,
): number {
  const wanted = share * (prose[0] as number)
  if (wanted === 0) return 0
  const { end, tag } = tree
  let root = 0
  for (let node = 1; node < (end[root] as number); ) {
    if (skip[node] === 0 && tag[node] !== TEXT && (prose[node] as number) >= wanted) {
      root = node
      node++
    } else node = end[node] as number
  }
  return root
}

/** Marks blocks inside the root that are little but links. */
function dropLinkLists(tree: PageTree, measures: Measures, root: number, skip: Uint8Array): void {
  const { tag, end } = tree
  const stop = end[root] as number
  for (let node = root + 1; node < stop; ) {
    if (skip[node] === 1) {
      node = end[node] as number
      continue
    }
    const name = tag[node] as number
    if (name === Tag.ul || name === Tag.ol || name === Tag.div || name === Tag.section) {
      const chars = measures.chars[node] as number
      const links = measures.linkChars[node] as number
      if (chars > 0 && (measures.prose[node] as number) === 0 && links > 0.8 * chars) {
        skip[node] = 1
        node = end[node] as number
        continue
      }
    }
    node++
  }
}

import type { Measures } from './measure.js'
import { BLOCK, TEXT } from './tags.js'
import type { PageTree } from './tree.js'

/**
 * The runs of text of a page in document order. A run is the text that stands directly in one
 * block element (through any inline elements) up to where another block begins or ends.
 */
export interface Blocks {
  readonly count: number
  /** First and last text node of the run. */
  readonly first: Int32Array
  readonly last: Int32Array
  /** The block element that holds it. */
  readonly holder: Int32Array
  readonly chars: Float64Array
  readonly linkChars: Float64Array
  readonly marks: Int32Array
  readonly words: Int32Array
  readonly digits: Int32Array
  /** 1: ends with a sentence mark. */
  readonly ended: Uint8Array
  /** How often the page holds this very text, itself included (by a 32-bit hash). */
  readonly copies: Int32Array
  /** 1: the same text stands earlier on the page. */
  readonly repeated: Uint8Array
}

const SENTENCE_END = new Set('.!?…。！？।؟"”»'.split('').map((mark) => mark.charCodeAt(0)))

export function findBlocks(tree: PageTree, measures: Measures): Blocks {
  const first: number[] = []
  const last: number[] = []
  const holder: number[] = []
  let open = -1
  for (let node = 0; node < tree.count; node++) {
    if (tree.tag[node] !== TEXT) {
      if (BLOCK[tree.tag[node] as number] === 1) open = -1
      continue
    }
    if (measures.unread[node] === 1) continue
    const block = measures.block[node] as number
    if (block === open) {
      last[last.length - 1] = node
      continue
    }
    // White space alone begins no run.
    if (measures.chars[node] === 0) continue
    first.push(node)
    last.push(node)
    holder.push(block)
    open = block
  }
  return countBlocks(tree, measures, first, last, holder)
}

function countBlocks(
  tree: PageTree,
  measures: Measures,
  first: number[],
  last: number[],
  holder: number[],
): Blocks {
  const count = first.length
  const chars = new Float64Array(count)
  const linkChars = new Float64Array(count)
  const marks = new Int32Array(count)
  const words = new Int32Array(count)
  const digits = new Int32Array(count)
  const ended = new Uint8Array(count)
  const copies = new Int32Array(count)
  const repeated = new Uint8Array(count)
  const hashes = new Int32Array(count)
  const seen = new Map<number, number>()
  const { html, tag, from, to } = tree
  for (let block = 0; block < count; block++) {
    let hash = 0
    let final = 0
    let inWord = false
    let blockWords = 0
    let blockDigits = 0
    for (let node = first[block] as number; node <= (last[block] as number); node++) {
      if (tag[node] !== TEXT || measures.unread[node] === 1) continue
      chars[block] = (chars[block] as number) + (measures.chars[node] as number)
      linkChars[block] = (linkChars[block] as number) + (measures.linkChars[node] as number)
      marks[block] = (marks[block] as number) + (measures.marks[node] as number)
      const end = to[node] as number
      for (let at = from[node] as number; at < end; at++) {
        const code = html.charCodeAt(at)
        if (code <= 32) {
          inWord = false
          continue
        }
        if (!inWord) blockWords++
        inWord = code < 0x2e80
        if (code >= 48 && code <= 57) blockDigits++
        hash = (Math.imul(hash, 31) + code) | 0
        final = code
      }
    }
    words[block] = blockWords
    digits[block] = blockDigits
    ended[block] = SENTENCE_END.has(final) ? 1 : 0
    hashes[block] = hash
    const before = seen.get(hash) ?? 0
    if (before > 0) repeated[block] = 1
    seen.set(hash, before + 1)
  }
  for (let block = 0; block < count; block++) copies[block] = seen.get(hashes[block] as number) ?? 1
  return {
    count,
    first: Int32Array.from(first),
    last: Int32Array.from(last),
    holder: Int32Array.from(holder),
    chars,
    linkChars,
    marks,
    words,
    digits,
    ended,
    copies,
    repeated,
  }
}

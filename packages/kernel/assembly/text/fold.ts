import {
  ALONE,
  decode,
  foldEntry,
  HANGUL,
  LETTER,
  NOTHING,
  SEPARATOR,
  SEQUENCE,
  sequenceAt,
} from '../shared/unicode'
import { BLOCK, EDGES, FOLDED, ORIGINS } from './layout'

// Folding a row block by block. The words of a block are pairs of edges; between two blocks of a row the last word may
// be open: its begin is edge 0 and what is left of it (see `words.ts`) the first folded bytes.

/** Edges of the block; odd while a word is open. */
export let edgeCount: u32 = 0
/** End of the folded bytes. */
export let foldedEnd: usize = FOLDED
/** The open word is a letter of a script without spaces, which only marks can extend. */
let alone: bool = false
/** Bytes of the row that stand in earlier blocks. */
let rowPosition: u32 = 0

/** Parts of a decomposed Hangul syllable. */
const JAMO = memory.data(12)

export function beginFolding(): void {
  alone = false
  rowPosition = 0
  edgeCount = 0
  foldedEnd = FOLDED
}

/** Begins the next block of a row with `kept` bytes of the open word, or none and `wordOpen` false. */
export function continueFolding(wordOpen: bool, kept: usize): void {
  edgeCount = wordOpen ? 1 : 0
  foldedEnd = FOLDED + kept
}

/** End of the block that begins at `at`: at most BLOCK bytes on, and not inside of a code point. */
export function blockEnd(at: usize, end: usize): usize {
  if (end - at <= BLOCK) return end
  let cut = at + BLOCK
  for (let back = 0; back < 4; back++) {
    if ((load<u8>(cut) & 0xc0) != 0x80) return cut
    cut--
  }
  return at + BLOCK
}

/** Folds the bytes [at, end), one block of a row. */
export function fold(at: usize, end: usize): void {
  const origin = rowPosition - <u32>at
  rowPosition += <u32>(end - at)
  let out = foldedEnd
  let edge = (<usize>edgeCount) << 2
  let open = edgeCount & 1
  while (at < end) {
    const bytes = v128.load(at)
    const high = i8x16.bitmask(bytes)
    if (high & 1) {
      foldedEnd = out
      edgeCount = <u32>(edge >> 2)
      at = foldCodePoints(at, end, origin)
      out = foldedEnd
      edge = (<usize>edgeCount) << 2
      open = edgeCount & 1
      continue
    }
    if (alone) {
      store<u32>(EDGES + edge, <u32>out)
      store<u32>(ORIGINS + edge, <u32>at + origin)
      edge += 4
      open = 0
      alone = false
    }
    const length = min(<u32>(end - at), ctz(high | 0x10000))
    const isUpper = i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(0x41)), i8x16.splat(26))
    const lower = v128.or(bytes, v128.and(isUpper, i8x16.splat(0x20)))
    const isLetter = i8x16.lt_u(i8x16.sub(lower, i8x16.splat(0x61)), i8x16.splat(26))
    const isDigit = i8x16.lt_u(i8x16.sub(lower, i8x16.splat(0x30)), i8x16.splat(10))
    v128.store(out, lower)
    const inWord = <u32>i8x16.bitmask(v128.or(isLetter, isDigit))
    let turns = (inWord ^ ((inWord << 1) | open)) & ((1 << length) - 1)
    open = (inWord >> (length - 1)) & 1
    const here = <u32>at + origin
    // Four edges at a time, whether they are there or not: cheaper than a branch that cannot be foreseen.
    let left = <i32>popcnt(turns)
    let next = edge
    edge += (<usize>left) << 2
    do {
      turns = putEdge(next, turns, <u32>out, here)
      turns = putEdge(next + 4, turns, <u32>out, here)
      turns = putEdge(next + 8, turns, <u32>out, here)
      turns = putEdge(next + 12, turns, <u32>out, here)
      next += 16
      left -= 4
    } while (left > 0)
    at += length
    out += length
  }
  foldedEnd = out
  edgeCount = <u32>(edge >> 2)
}

/** Stores the lowest turn as an edge and returns the others. */
function putEdge(edge: usize, turns: u32, out: u32, here: u32): u32 {
  const by = ctz(turns)
  store<u32>(EDGES + edge, out + by)
  store<u32>(ORIGINS + edge, here + by)
  return turns & (turns - 1)
}

/** Ends the open word at the end of the row. */
export function closeLastWord(): void {
  if ((edgeCount & 1) == 0) return
  store<u32>(EDGES + ((<usize>edgeCount) << 2), <u32>foldedEnd)
  store<u32>(ORIGINS + ((<usize>edgeCount) << 2), rowPosition)
  edgeCount++
  alone = false
}

/** Folds code points one by one until two ASCII bytes follow. Returns where it stopped. */
function foldCodePoints(at: usize, end: usize, origin: u32): usize {
  let out = foldedEnd
  let edge = (<usize>edgeCount) << 2
  do {
    const decoded = decode(at, end)
    let codePoint = decoded >> 3
    let position = <u32>at + origin
    at += decoded & 7
    const entry = foldEntry(codePoint)
    let kind = <u32>entry & 7
    let parts: usize = 0
    let left: u32 = 1
    if (kind < SEQUENCE) {
      codePoint += entry >> 3
    } else if (kind == HANGUL) {
      left = decomposeHangul(codePoint - 0xac00)
      parts = JAMO
    } else {
      parts = sequenceAt(entry >> 3)
      left = load<u32>(parts)
      parts += 4
    }
    do {
      if (parts) {
        const part = load<u32>(parts)
        kind = part & 7
        codePoint = part >> 3
        parts += 4
      }
      if (kind != NOTHING) {
        const wordOpen = (edge & 4) != 0
        const begins = !wordOpen || kind == ALONE || (kind == LETTER && alone)
        if (wordOpen && (kind == SEPARATOR || begins)) {
          store<u32>(EDGES + edge, <u32>out)
          store<u32>(ORIGINS + edge, position)
          edge += 4
        }
        if (kind != SEPARATOR) {
          if (begins) {
            store<u32>(EDGES + edge, <u32>out)
            store<u32>(ORIGINS + edge, <u32>at + origin - (decoded & 7))
            edge += 4
            alone = kind == ALONE
          }
          out = encode(out, codePoint)
        } else {
          alone = false
        }
      }
      position = <u32>at + origin
    } while (--left)
  } while (at < end && (load<u16>(at) & 0x8080) != 0)
  foldedEnd = out
  edgeCount = <u32>(edge >> 2)
  return at
}

/** Splits a Hangul syllable as the Unicode standard does (section 3.12); returns the number of parts at JAMO. */
function decomposeHangul(syllable: u32): u32 {
  store<u32>(JAMO, ((0x1100 + syllable / 588) << 3) | LETTER)
  store<u32>(JAMO + 4, ((0x1161 + (syllable % 588) / 28) << 3) | LETTER)
  const final = syllable % 28
  store<u32>(JAMO + 8, ((0x11a7 + final) << 3) | LETTER)
  return final ? 3 : 2
}

/** Writes a code point as UTF-8; returns the byte after it. */
function encode(out: usize, codePoint: u32): usize {
  if (codePoint < 0x80) {
    store<u8>(out, codePoint)
    return out + 1
  }
  if (codePoint < 0x800) {
    store<u16>(out, 0x80c0 | (codePoint >> 6) | ((codePoint & 0x3f) << 8))
    return out + 2
  }
  if (codePoint < 0x10000) {
    const bytes = 0x8080e0 | (codePoint >> 12) | (((codePoint >> 6) & 0x3f) << 8)
    store<u32>(out, bytes | ((codePoint & 0x3f) << 16))
    return out + 3
  }
  const bytes = 0x808080f0 | (codePoint >> 18) | (((codePoint >> 12) & 0x3f) << 8)
  store<u32>(out, bytes | (((codePoint >> 6) & 0x3f) << 16) | ((codePoint & 0x3f) << 24))
  return out + 4
}

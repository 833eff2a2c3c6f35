import { EXPANSION } from '../shared/unicode'

// Linear memory: fixed regions one after the other, then whatever the caller reserves. All sizes in bytes.

/** Text folded at a time: what it makes fits the second-level cache. */
export const BLOCK: usize = 16_384
/** Most text bytes of one call. */
export const PIECE: usize = 262_144
/** Most rows of one call. */
export const PIECE_ROWS: usize = 8_192
/** Longest n-gram. */
export const HISTORY: usize = 64
/** Characters hashed at a time. */
export const CHUNK: usize = 1_024
/** A power of two. */
export const SEEN_ENTRIES: usize = 1_024

/** A vector load or store may reach this far over an end. */
const SLACK: usize = 64
/** Longest part of a word that stays in the folded text between two blocks. */
const CARRY: usize = 16
/** A block has at most 12 word edges per byte: 18 parts of the 3-byte U+FDFA, each begun and ended. */
const MOST_EDGES: usize = 12 * BLOCK + 16

function aligned(address: usize): usize {
  return (address + 63) & ~63
}

/** Row `i` of a call is `INPUT + offsets[i] .. INPUT + offsets[i + 1]`. */
export const OFFSETS: usize = aligned(__heap_base)
export const INPUT: usize = aligned(OFFSETS + 4 * (PIECE_ROWS + 1))
/** Folded bytes of the words of a block. */
export const FOLDED: usize = aligned(INPUT + PIECE + SLACK)
/** Where words begin and end, in turn: in the folded text, and in the row. The second has a history before it. */
export const EDGES: usize = aligned(FOLDED + CARRY + EXPANSION * BLOCK + SLACK)
export const ORIGINS: usize = aligned(EDGES + 4 * MOST_EDGES + SLACK) + 8 * HISTORY
/** Polynomial hash of all words of the row up to each word, with a history before it. */
export const PREFIXES: usize = aligned(ORIGINS + 4 * MOST_EDGES + SLACK) + 8 * HISTORY
/** N-gram hashes of a block. */
export const HASHES: usize = aligned(PREFIXES + 4 * MOST_EDGES)
/** What a call says of each row. */
export const ROW_HASH: usize = aligned(HASHES + 4 * MOST_EDGES + SLACK)
export const ROW_LENGTH: usize = ROW_HASH + 8 * PIECE_ROWS
export const ROW_COUNT: usize = ROW_LENGTH + 4 * PIECE_ROWS
export const ROW_WORDS: usize = ROW_COUNT + 4 * PIECE_ROWS
/** Polynomial hash of all characters of the row up to each of a chunk, with a history before it. */
export const CHARACTERS: usize = aligned(ROW_WORDS + 4 * PIECE_ROWS) + 8 * HISTORY
/** Hashes of character n-grams met in the row, each at an entry that its low bits name. */
export const SEEN: usize = aligned(CHARACTERS + 8 * CHUNK)
/** First byte after the fixed regions. */
export const FREE: usize = aligned(SEEN + 8 * SEEN_ENTRIES)

/** Makes memory up to `end` usable; traps when it cannot be had. */
export function reserve(end: usize): void {
  const missing = <i32>((end + 0xffff) >> 16) - memory.size()
  if (missing > 0 && memory.grow(missing) < 0) unreachable()
}

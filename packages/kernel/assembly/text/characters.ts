import { decode } from '../shared/unicode'
import { edgeCount, foldedEnd } from './fold'
import { BASE, GOLDEN, mix64, powerOfBase } from './hash'
import { CHARACTERS, CHUNK, EDGES, HASHES, HISTORY, SEEN, SEEN_ENTRIES } from './layout'
import { updateMinimums } from './minhash'

// Character n-grams of a row, block by block, into the minimums: the code points of its folded words with a space between
// two words. CHARACTERS holds after each the same polynomial over all so far as PREFIXES does for words, a chunk at a time.

const SPACE: u64 = 0x20

/** Characters of the row so far, the chunk's among them. */
let characters: u32 = 0
/** Characters of the chunk. */
let chunk: usize = 0
let prefix: u64 = 0
/** A word is open since an earlier block, and its bytes up to `taken` are counted. */
let continued: bool = false
let taken: usize = 0

export function beginCharacters(): void {
  characters = 0
  chunk = 0
  prefix = 0
  continued = false
  store<u64>(CHARACTERS - 8, 0)
  // No hash looks like an empty entry: 0 belongs to entry 0, which holds 1 instead.
  memory.fill(SEEN, 0, 8 * SEEN_ENTRIES)
  store<u64>(SEEN, 1)
}

/** Takes the n-grams that end in the folded block, the open word as far as it goes; returns how many there are. */
export function takeCharacters(n: u32): u32 {
  const before = characters
  const count = edgeCount
  for (let edge: u32 = 0; edge < count; edge += 2) {
    const at = EDGES + ((<usize>edge) << 2)
    const end = edge + 1 < count ? <usize>load<u32>(at, 4) : foldedEnd
    if (edge == 0 && continued) {
      takeBytes(taken, end, n)
    } else {
      if (characters) takeSpace(n)
      takeBytes(<usize>load<u32>(at), end, n)
    }
  }
  flush(n)
  continued = (count & 1) != 0
  return max<u32>(characters, n - 1) - max<u32>(before, n - 1)
}

/** Makes ready for the row's next block. Call after `nextBlock` of the words, which moves the open one. */
export function nextCharacterBlock(): void {
  taken = foldedEnd
}

/** Hash of all characters of the row as one n-gram. */
export function hashAllCharacters(): u64 {
  return mix64(prefix ^ (<u64>characters * GOLDEN))
}

function hashOf(codePoint: u64): u64 {
  return mix64(codePoint + GOLDEN)
}

function takeSpace(n: u32): void {
  if (chunk == CHUNK) flush(n)
  prefix = prefix * BASE + hashOf(SPACE)
  store<u64>(CHARACTERS + (chunk << 3), prefix)
  chunk++
  characters++
}

/** Takes the folded bytes [at, end), whole code points. */
function takeBytes(at: usize, end: usize, n: u32): void {
  while (at < end) {
    if (chunk == CHUNK) flush(n)
    // A code point has at least a byte, so that many bytes fit for certain.
    const cut = min(end, at + CHUNK - chunk)
    const from = CHARACTERS + (chunk << 3)
    let out = from
    let p = prefix
    do {
      let codePoint = <u32>load<u8>(at)
      if (codePoint < 0x80) {
        at++
      } else {
        const decoded = decode(at, end)
        codePoint = decoded >> 3
        at += decoded & 7
      }
      p = p * BASE + hashOf(codePoint)
      store<u64>(out, p)
      out += 8
    } while (at < cut)
    prefix = p
    const count = (out - from) >> 3
    chunk += count
    characters += <u32>count
  }
}

/**
 * Takes the n-grams that end in the chunk into the minimums. Text repeats its short n-grams, and a minimum costs much more
 * than a look: a hash that still stands in its entry of SEEN was taken before.
 */
function flush(n: u32): void {
  const before = characters - <u32>chunk
  const skipped = before + 1 < n ? <usize>(n - 1 - before) : 0
  if (skipped < chunk) {
    const power = powerOfBase(n)
    const sizeMix = <u64>n * GOLDEN
    const back = (<usize>n) << 3
    const end = CHARACTERS + (chunk << 3)
    let out = HASHES
    for (let at = CHARACTERS + (skipped << 3); at < end; at += 8) {
      const hash = mix64((load<u64>(at) - load<u64>(at - back) * power) ^ sizeMix)
      const entry = SEEN + ((<usize>hash & (SEEN_ENTRIES - 1)) << 3)
      const known = load<u64>(entry) == hash
      store<u64>(entry, hash)
      store<u64>(out, hash)
      out += select<usize>(0, 8, known)
    }
    updateMinimums(HASHES, <u32>((out - HASHES) >> 3))
  }
  memory.copy(CHARACTERS - 8 * HISTORY, CHARACTERS + (chunk << 3) - 8 * HISTORY, 8 * HISTORY)
  chunk = 0
}

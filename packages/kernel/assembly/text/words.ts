import { beginFolding, closeLastWord, continueFolding, edgeCount, foldedEnd } from './fold'
import { absorb, BASE, GOLDEN, K1, K2, K3, mix64, powerOfBase } from './hash'
import { EDGES, FOLDED, HASHES, HISTORY, ORIGINS, PREFIXES } from './layout'

// Hashes of the words of a row, block by block. PREFIXES holds after each word the polynomial P = P * BASE + hash over
// all words so far (mod 2^64), so that any run of k words is P[i] - P[i - k] * BASE^k, whatever k is.

/** Words of the row in earlier blocks. */
export let wordsBefore: u32 = 0
/** Words of the block. */
export let blockWords: u32 = 0
/** Normalised bytes of all words so far, without the spaces between them. */
export let wordBytes: u32 = 0
let prefix: u64 = 0
let textState: u64 = 0
/** What a word that began in an earlier block has put into its hash, and how many bytes. */
let headHash: u64 = GOLDEN
let headLength: u32 = 0

export function beginWords(): void {
  beginFolding()
  wordsBefore = 0
  blockWords = 0
  wordBytes = 0
  prefix = 0
  textState = 0
  headHash = GOLDEN
  headLength = 0
  store<u64>(PREFIXES - 8, 0)
}

/** Hashes the words of the folded block that have ended. */
export function hashWords(): void {
  const count = edgeCount >> 1
  let p = prefix
  let text = textState
  let bytes = wordBytes
  let hash = headHash
  let before = headLength
  for (let word: usize = 0; word < <usize>count; word++) {
    let at = <usize>load<u32>(EDGES + (word << 3))
    const end = <usize>load<u32>(EDGES + (word << 3), 4)
    const length = before + <u32>(end - at)
    bytes += length
    while (end - at > 16) {
      hash = absorb(hash, at)
      at += 16
    }
    const left = <u64>(end - at)
    const first = load<u64>(at) & (<u64>-1 >> (64 - (min<u64>(left, 8) << 3)))
    const last = select<u64>(load<u64>(end - 8), 0, left > 8)
    hash = (hash ^ first) * K1
    hash ^= hash >> 32
    hash = (hash ^ (last + <u64>length * K3)) * K2
    hash ^= hash >> 32
    hash *= K3
    hash ^= hash >> 29
    p = p * BASE + hash
    store<u64>(PREFIXES + (word << 3), p)
    text = rotl<u64>(text ^ hash, 27) * K1
    hash = GOLDEN
    before = 0
  }
  blockWords = count
  prefix = p
  textState = text
  wordBytes = bytes
  if (count) {
    headHash = GOLDEN
    headLength = 0
  }
}

/** Makes ready for the row's next block: remembers the last words, and hashes what there is of an open one. */
export function nextBlock(): void {
  const count = (<usize>blockWords) << 3
  memory.copy(PREFIXES - 8 * HISTORY, PREFIXES + count - 8 * HISTORY, 8 * HISTORY)
  memory.copy(ORIGINS - 8 * HISTORY, ORIGINS + count - 8 * HISTORY, 8 * HISTORY)
  wordsBefore += blockWords
  blockWords = 0
  const wordOpen = (edgeCount & 1) != 0
  if (wordOpen) {
    let at = <usize>load<u32>(EDGES + count)
    const origin = load<u32>(ORIGINS + count)
    const end = foldedEnd
    while (end - at > 16) {
      headHash = absorb(headHash, at)
      headLength += 16
      at += 16
    }
    memory.copy(FOLDED, at, end - at)
    store<u32>(EDGES, <u32>FOLDED)
    store<u32>(ORIGINS, origin)
    continueFolding(true, end - at)
  } else {
    continueFolding(false, 0)
  }
}

/** Ends the row: hashes the word that was open. Call after `nextBlock`. */
export function endWords(): void {
  closeLastWord()
  hashWords()
}

/** Words of the row so far. */
export function rowWords(): u32 {
  return wordsBefore + blockWords
}

/** Bytes of the normalised row so far. */
export function rowLength(): u32 {
  const words = rowWords()
  return words ? wordBytes + words - 1 : 0
}

/** Hash of the normalised row so far; 0 when it has no words. */
export function rowHash(): u64 {
  const words = rowWords()
  return words ? mix64(textState ^ <u64>words) : 0
}

/** Writes the hashes of the n-grams that end in the block to `out`; returns how many there are. */
export function hashNgrams(n: u32, out: usize): u32 {
  const words = <usize>blockWords
  const skipped = wordsBefore + 1 < n ? <usize>(n - 1 - wordsBefore) : 0
  if (skipped >= words) return 0
  const power = powerOfBase(n)
  const sizeMix = <u64>n * GOLDEN
  const back = (<usize>n) << 3
  const end = PREFIXES + (words << 3)
  for (let at = PREFIXES + (skipped << 3); at < end; at += 8) {
    store<u64>(out, mix64((load<u64>(at) - load<u64>(at - back) * power) ^ sizeMix))
    out += 8
  }
  return <u32>(words - skipped)
}

/** Hash of all words of the row as one n-gram. */
export function hashAllWords(): u64 {
  return mix64(prefix ^ (<u64>rowWords() * GOLDEN))
}

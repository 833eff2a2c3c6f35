// Repeated word n-grams. Most words of a text begin an n-gram that stands nowhere else; those are sorted out once,
// so that the longer n-grams look at the few that remain.
import {
  countA,
  countB,
  first,
  joined,
  MAX_SEEN,
  seen,
  wordChars,
  wordHash,
  wordStart,
} from './layout'
import { findOrInsert, hashBytes, mix, startTable } from './table'
import { words } from './words'

function at32(base: usize, index: u32): u32 {
  return load<u32>(base + ((<usize>index) << 2))
}

function put32(base: usize, index: u32, value: u32): void {
  store<u32>(base + ((<usize>index) << 2), value)
}

let bestCount: u32 = 0
let bestFirst: u32 = 0

/** Stores the n-gram at `index` under `key` and keeps the most frequent; of equals, the one that stands first. */
function countGram(key: u64, index: u32, counts: usize): void {
  const origin = findOrInsert(key, index)
  put32(first, index, origin)
  const count: u32 = origin == index ? 1 : at32(counts, origin) + 1
  put32(counts, origin, count)
  if (count > bestCount || (count == bestCount && origin < bestFirst)) {
    bestCount = count
    bestFirst = origin
  }
}

/** Code points of the most frequent n-gram, spaces between its words included, times its count. */
function topChars(n: u32): u64 {
  const chars = at32(wordChars, bestFirst + n) - at32(wordChars, bestFirst) + n - 1
  return <u64>chars * bestCount
}

/** `topChars` of the 2-grams; leaves their counts in `countA`. 0 when there are none, here and below. */
export function topPairs(): u64 {
  if (words < 2) return 0
  startTable(words)
  bestCount = 1
  bestFirst = 0
  const last = words - 1
  for (let i: u32 = 0; i < last; i++) {
    const hash = wordHash + ((<usize>i) << 3)
    countGram(load<u64>(hash) * 0x9e3779b97f4a7c15 + load<u64>(hash, 8), i, countA)
  }
  return topChars(2)
}

/**
 * `topChars` of the n-grams, from the (n-1)-grams in `first` and `shorter`: an n-gram is named by its two (n-1)-grams,
 * and stands once when either of them does.
 */
export function topLonger(n: u32, shorter: usize, counts: usize): u64 {
  if (words < n) return 0
  startTable(words)
  bestCount = 1
  bestFirst = 0
  const last = words - n + 1
  let left = at32(first, 0)
  let leftRepeats = at32(shorter, left) > 1
  for (let i: u32 = 0; i < last; i++) {
    const right = at32(first, i + 1)
    const rightRepeats = at32(shorter, right) > 1
    if (leftRepeats && rightRepeats) countGram(((<u64>left) << 32) | right, i, counts)
    else {
      put32(first, i, i)
      put32(counts, i, 1)
    }
    left = right
    leftRepeats = rightRepeats
  }
  return topChars(n)
}

/** Bytes of an n-gram that are looked at to see that it stands once. */
const PREFIX: u32 = 16

/** Empties `seen` for `elements` hashes; its size, a power of two. */
function clearSeen(elements: u32): usize {
  let size: usize = 64
  while (size < (<usize>elements) << 3 && size < MAX_SEEN) size <<= 1
  memory.fill(seen, 0, size)
  return size
}

/** Words that may begin a repeated n-gram, ascending, in `countB`; their number. */
let candidates: u32 = 0

/**
 * Finds the candidates for n-grams of five words and more. N-grams are compared without the white space between their
 * words, so words are no help; but of equal n-grams the first 16 bytes are equal. Shorter ones are always candidates,
 * and so is about one word in ten by chance.
 */
export function findCandidates(): void {
  candidates = 0
  if (words < 5) return
  const size = clearSeen(words)
  const last = words - 4
  for (let i: u32 = 0; i < last; i++) {
    const start = joined + at32(wordStart, i)
    const key = mix(load<u64>(start)) + load<u64>(start, 8)
    const slot = (<usize>mix(key) & (size - 1)) + seen
    store<u8>(slot, load<u8>(slot) == 0 ? 1 : 3)
    put32(first, i, <u32>(slot - seen))
  }
  for (let i: u32 = 0; i < last; i++) {
    const repeated = load<u8>(seen + at32(first, i)) == 3
    // Branch-free: candidates are too evenly spread to be foreseen.
    put32(countB, candidates, i)
    candidates += u32(repeated || at32(wordStart, i + 5) - at32(wordStart, i) < PREFIX)
  }
}

/**
 * Keeps the candidates whose first `prefix` bytes stand twice among them, and those whose n-gram is shorter. Right for
 * n-grams of `n` words and more.
 */
export function narrowCandidates(n: u32, prefix: u32): void {
  const size = clearSeen(candidates)
  for (let c: u32 = 0; c < candidates; c++) {
    const start = joined + at32(wordStart, at32(countB, c))
    const slot = (<usize>hashBytes(start, prefix) & (size - 1)) + seen
    store<u8>(slot, load<u8>(slot) == 0 ? 1 : 3)
    put32(first, c, <u32>(slot - seen))
  }
  let kept: u32 = 0
  for (let c: u32 = 0; c < candidates; c++) {
    const i = at32(countB, c)
    if (i + n > words) break
    const repeated = load<u8>(seen + at32(first, c)) == 3
    put32(countB, kept, i)
    kept += u32(repeated || at32(wordStart, i + n) - at32(wordStart, i) < prefix)
  }
  candidates = kept
}

/**
 * Code points of n-grams that stood before, found left to right: a repeated one is jumped over whole and adds nothing to
 * what is known. Lengths leave out white space. Needs `findCandidates`.
 */
export function duplicateChars(n: u32): u64 {
  if (words < n) return 0
  startTable(candidates)
  let chars: u64 = 0
  let next: u32 = 0
  const last = words - n
  for (let c: u32 = 0; c < candidates; c++) {
    const i = at32(countB, c)
    if (i < next) continue
    if (i > last) break
    const start = at32(wordStart, i)
    const length = at32(wordStart, i + n) - start
    if (findOrInsert(hashBytes(joined + start, length), i) != i) {
      chars += at32(wordChars, i + n) - at32(wordChars, i)
      next = i + n
    }
  }
  return chars
}

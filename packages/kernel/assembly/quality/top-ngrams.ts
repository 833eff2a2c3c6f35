// The most frequent 2-, 3- and 4-grams. A filter says without branches how often each can stand at most; only those that
// can stand as often as the best are then counted one by one.
import { at32, clearSeen, countSeen, MOST, put32, timesSeen } from './filter'
import { counts, gramHash, grams, wordChars, wordHash } from './layout'
import { findOrInsert, startTable } from './table'
import { words } from './words'

/** Positions in `grams`, ascending, of the n-grams that may stand more than once; `gramHash` names them. */
let candidates: u32 = 0

function hashAt(base: usize, index: u32): u64 {
  return load<u64>(base + ((<usize>index) << 3))
}

function putHash(index: u32, hash: u64): void {
  store<u64>(gramHash + ((<usize>index) << 3), hash)
}

/** Hash of an n-gram from that of its first words and its last word. */
function joinHashes(hash: u64, last: u64): u64 {
  return (hash ^ (hash >> 32)) * 0x9e3779b97f4a7c15 + last
}

/** Count in the upper half, and in the lower how far from the end of the numbers the n-gram stands first. */
function rank(count: u32, origin: u32): u64 {
  return ((<u64>count) << 32) | ~origin
}

/** The highest rank among the candidates that may stand `least` times or more. */
function best(least: u32): u64 {
  let top = rank(1, 0)
  const all = candidates
  startTable(all)
  for (let c: u32 = 0; c < all; c++) {
    const hash = hashAt(gramHash, c)
    if (timesSeen(hash) < least) continue
    const i = at32(grams, c)
    put32(counts, i, 0)
    const origin = findOrInsert(hash, i)
    const count = at32(counts, origin) + 1
    put32(counts, origin, count)
    top = max(top, rank(count, origin))
  }
  return top
}

/** Code points of the most frequent n-gram, spaces between its words included, times its count. */
function topChars(n: u32, most: u32): u64 {
  // The n-grams that look most frequent set a bar, which the others must be able to reach.
  let top = best(most)
  const bar = min(<u32>(top >> 32), MOST)
  if (bar < most) top = max(top, best(max(bar, 2)))
  const index = ~(<u32>top)
  return (top >> 32) * (at32(wordChars, index + n) - at32(wordChars, index) + n - 1)
}

/** Counts of the 2-grams. */
export function topPairs(): u64 {
  candidates = 0
  if (words < 2) return 0
  const last = words - 1
  clearSeen(last)
  for (let i: u32 = 0; i < last; i++) {
    const hash = joinHashes(hashAt(wordHash, i), hashAt(wordHash, i + 1))
    putHash(i, hash)
    countSeen(hash)
  }
  let found: u32 = 0
  let most: u32 = 0
  for (let i: u32 = 0; i < last; i++) {
    const hash = hashAt(gramHash, i)
    const times = timesSeen(hash)
    put32(grams, found, i)
    putHash(found, hash)
    found += u32(times > 1)
    most = max(most, times)
  }
  candidates = found
  return topChars(2, most)
}

/** The same for n-grams, to be called for 3 and then 4: both (n-1)-grams in a repeated one are repeated. */
export function topLonger(n: u32): u64 {
  if (words < n) return 0
  const before = candidates
  clearSeen(before)
  let joined: u32 = 0
  for (let c: u32 = 1; c < before; c++) {
    const i = at32(grams, c - 1)
    const hash = joinHashes(hashAt(gramHash, c - 1), hashAt(wordHash, i + n - 1))
    put32(grams, joined, i)
    putHash(joined, hash)
    joined += u32(at32(grams, c) == i + 1)
  }
  for (let c: u32 = 0; c < joined; c++) countSeen(hashAt(gramHash, c))
  let found: u32 = 0
  let most: u32 = 0
  for (let c: u32 = 0; c < joined; c++) {
    const hash = hashAt(gramHash, c)
    const times = timesSeen(hash)
    put32(grams, found, at32(grams, c))
    putHash(found, hash)
    found += u32(times > 1)
    most = max(most, times)
  }
  candidates = found
  return topChars(n, most)
}

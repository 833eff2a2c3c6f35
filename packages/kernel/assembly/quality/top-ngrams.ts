// The most frequent 2-, 3- and 4-grams. Most stand once: a pass without branches sorts those out, and a longer n-gram can
// only repeat where both of the shorter ones in it do.
import { at32, clearSeen, markSeen, put32, seenTwice } from './filter'
import { counts, grams, names, wordChars, wordHash } from './layout'
import { findOrInsert, startTable } from './table'
import { words } from './words'

/** Count of the most frequent n-gram in the upper half, and how far from the end of the numbers it stands first. */
let best: u64 = 0
/** Positions in `grams`, ascending, of n-grams that stand more than once; `names` has the first equal one of each. */
let repeated: u32 = 0

/** Code points of the most frequent n-gram, spaces between its words included, times its count. */
function topChars(n: u32): u64 {
  const index = ~(<u32>best)
  return (best >> 32) * (at32(wordChars, index + n) - at32(wordChars, index) + n - 1)
}

/** Counts the n-gram at `index` under `key` and keeps the most frequent; of equals, the one that stands first. */
function countGram(key: u64, index: u32): u32 {
  put32(counts, index, 0)
  const origin = findOrInsert(key, index)
  const count = at32(counts, origin) + 1
  put32(counts, origin, count)
  best = max(best, rank(count, origin))
  return origin
}

function rank(count: u32, origin: u32): u64 {
  return ((<u64>count) << 32) | ~origin
}

/** Keeps the n-grams that stand more than once, of the first `counted` in `grams`. */
function keepRepeated(counted: u32): void {
  let kept: u32 = 0
  for (let g: u32 = 0; g < counted; g++) {
    const name = at32(names, g)
    put32(grams, kept, at32(grams, g))
    put32(names, kept, name)
    kept += u32(at32(counts, name) > 1)
  }
  repeated = kept
}

function pairKey(index: u32): u64 {
  const hash = wordHash + ((<usize>index) << 3)
  return load<u64>(hash) * 0x9e3779b97f4a7c15 + load<u64>(hash, 8)
}

/** `topChars` of the 2-grams. 0 when there are none, here and below. */
export function topPairs(): u64 {
  best = rank(1, 0)
  repeated = 0
  if (words < 2) return 0
  const last = words - 1
  clearSeen(last)
  for (let i: u32 = 0; i < last; i++) markSeen(pairKey(i))
  let candidates: u32 = 0
  for (let i: u32 = 0; i < last; i++) {
    put32(grams, candidates, i)
    candidates += u32(seenTwice(pairKey(i)))
  }
  startTable(candidates)
  for (let c: u32 = 0; c < candidates; c++) {
    const i = at32(grams, c)
    put32(names, c, countGram(pairKey(i), i))
  }
  keepRepeated(candidates)
  return topChars(2)
}

/** `topChars` of the n-grams, to be called for 3 and then 4: an n-gram is named by its two (n-1)-grams. */
export function topLonger(n: u32): u64 {
  best = rank(1, 0)
  if (words < n) return 0
  startTable(repeated)
  let counted: u32 = 0
  for (let g: u32 = 1, all = repeated; g < all; g++) {
    const i = at32(grams, g - 1)
    if (at32(grams, g) != i + 1) continue
    const key = ((<u64>at32(names, g - 1)) << 32) | at32(names, g)
    put32(grams, counted, i)
    put32(names, counted, countGram(key, i))
    counted++
  }
  keepRepeated(counted)
  return topChars(n)
}

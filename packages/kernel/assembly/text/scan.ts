import { GOLDEN, powerOfBase, unmix64 } from './hash'
import { HASHES, ORIGINS, PREFIXES, reserve } from './layout'
import { blockWords, wordsBefore } from './words'

// A flat open-addressing table of n-grams, at most half full, behind a bitmap that turns most misses away. Keys are n-gram
// hashes before their last mixing step, which can be undone: the sums are spread well enough for a table, and the scan
// saves the step for every n-gram that it looks at. Entry: u64 key, u32 value, u32 1 if taken.

let table: usize = 0
let tableShift: u64 = 0
let filter: usize = 0
let filterShift: u64 = 0
let hits: usize = 0
let hitsEnd: usize = 0

/** n-gram lengths, ascending: u32 n, u32 unused, u64 BASE^n, u64 what mixes n in. */
const LENGTHS = memory.data(24 * 64)
let lengthCount: usize = 0

/** Per word of the block a bit for each length whose n-gram may be in the table. Scans need no room for hashes. */
const CANDIDATES = HASHES

/** Bytes of one hit: row, first word, first byte, end byte, value, words. */
const HIT: usize = 24

/** Makes an empty table for `entries` hashes from `at` on; hits are stored after it. */
export function beginTable(at: usize, entries: u32): void {
  let bits: u64 = 12
  while ((<u64>1) << bits < (<u64>entries) << 1) bits++
  table = at
  tableShift = 64 - bits
  filter = table + ((<usize>16) << (<usize>bits))
  // As many bytes as slots: 16 to 32 bits per entry, two of them set.
  filterShift = 66 - bits
  hits = filter + ((<usize>1) << (<usize>bits))
  reserve(hits)
  memory.fill(table, 0, hits - table)
  lengthCount = 0
}

/** Adds a length that n-grams may have. Must be called in ascending order. */
export function addLength(n: u32): void {
  const entry = LENGTHS + lengthCount * 24
  store<u32>(entry, n)
  store<u64>(entry, powerOfBase(n), 8)
  store<u64>(entry, <u64>n * GOLDEN, 16)
  lengthCount++
}

/** The two bits of a key in its word of the filter. */
function filterBits(key: u64): u32 {
  return (1 << (<u32>key & 31)) | (1 << ((<u32>key >> 5) & 31))
}

/** Stores a hash's value unless it has one. */
export function insert(hash: u64, value: u32): void {
  const key = unmix64(hash)
  const word = filter + ((<usize>(key >> filterShift)) << 2)
  store<u32>(word, load<u32>(word) | filterBits(key))
  let entry = table + ((<usize>(key >> tableShift)) << 4)
  while (load<u32>(entry, 12)) {
    if (load<u64>(entry) == key) return
    entry += 16
    if (entry == filter) entry = table
  }
  store<u64>(entry, key)
  store<u32>(entry, value, 8)
  store<u32>(entry, 1, 12)
}

/** Address of the hash's entry, 0 when there is none. */
function find(key: u64): usize {
  let entry = table + ((<usize>(key >> tableShift)) << 4)
  while (load<u32>(entry, 12)) {
    if (load<u64>(entry) == key) return entry
    entry += 16
    if (entry == filter) entry = table
  }
  return 0
}

export function beginHits(): void {
  hitsEnd = hits
}

export function hitsAt(): usize {
  return hits
}

export function hitCount(): u32 {
  return <u32>((hitsEnd - hits) / HIT)
}

/** Key of the n-gram that ends at the word whose prefix is at `at`. */
function keyAt(at: usize, back: usize, power: u64, sizeMix: u64): u64 {
  return (load<u64>(at) - load<u64>(at - back) * power) ^ sizeMix
}

/** Looks up every n-gram that ends in the block. */
export function scanBlock(row: u32): void {
  const words = <usize>blockWords
  memory.fill(CANDIDATES, 0, words << 3)
  for (let length: usize = 0; length < lengthCount; length++) markCandidates(length)
  for (let word: usize = 0; word < words; word++) {
    let marks = load<u64>(CANDIDATES + (word << 3))
    while (marks) {
      const entry = LENGTHS + <usize>ctz(marks) * 24
      const n = load<u32>(entry)
      const key = keyAt(
        PREFIXES + (word << 3),
        (<usize>n) << 3,
        load<u64>(entry, 8),
        load<u64>(entry, 16),
      )
      const found = find(key)
      if (found) storeHit(row, word, n, load<u32>(found, 8))
      marks &= marks - 1
    }
  }
}

/**
 * Sets bit `length` of every word of the block whose n-gram of that length passes the filter. Without branches: few pass,
 * and at a place that cannot be foreseen.
 */
function markCandidates(length: usize): void {
  const entry = LENGTHS + length * 24
  const n = load<u32>(entry)
  const power = load<u64>(entry, 8)
  const sizeMix = load<u64>(entry, 16)
  const back = (<usize>n) << 3
  const filterWords = filter
  const shift = filterShift
  const first = wordsBefore + 1 < n ? <usize>(n - 1 - wordsBefore) : 0
  const end = (<usize>blockWords) << 3
  for (let at = first << 3; at < end; at += 8) {
    const key = keyAt(PREFIXES + at, back, power, sizeMix)
    const wanted = filterBits(key)
    const passes = (load<u32>(filterWords + ((<usize>(key >> shift)) << 2)) & wanted) == wanted
    const marks = load<u64>(CANDIDATES + at)
    store<u64>(CANDIDATES + at, marks | ((<u64>passes) << (<u64>length)))
  }
}

function storeHit(row: u32, lastWord: usize, n: u32, value: u32): void {
  const firstWord = <i32>lastWord - <i32>n + 1
  reserve(hitsEnd + HIT)
  store<u32>(hitsEnd, row)
  store<u32>(hitsEnd, wordsBefore + firstWord, 4)
  store<u32>(hitsEnd, load<u32>(ORIGINS + (firstWord << 3)), 8)
  store<u32>(hitsEnd, load<u32>(ORIGINS + (lastWord << 3), 4), 12)
  store<u32>(hitsEnd, value, 16)
  store<u32>(hitsEnd, n, 20)
  hitsEnd += HIT
}

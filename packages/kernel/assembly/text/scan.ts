import { GOLDEN, mix64, powerOfBase } from './hash'
import { EDGES, HISTORY, ORIGINS, PREFIXES, reserve } from './layout'
import { blockWords, wordsBefore } from './words'

// A flat open-addressing table of n-gram hashes, at most half full, behind a bitmap with 16 to 32 bits per entry that
// turns most misses away. Entry: u64 hash (0: free), u32 value, u32 unused.

let table: usize = 0
let tableShift: u64 = 0
let filter: usize = 0
let filterMask: u64 = 0
let hits: usize = 0
let hitsEnd: usize = 0

/** n-gram lengths, ascending: u32 n, u32 unused, u64 BASE^n, u64 what mixes n in. */
const LENGTHS = memory.data(24 * 64)
let lengthCount: usize = 0

/** Bytes of one hit: row, first word, first byte, end byte, value, words. */
const HIT: usize = 24

/** Makes an empty table for `entries` hashes from `at` on; hits are stored after it. */
export function beginTable(at: usize, entries: u32): void {
  let bits: u64 = 6
  while ((<u64>1) << bits < (<u64>entries) << 1) bits++
  table = at
  tableShift = 64 - bits
  filter = table + ((<usize>16) << (<usize>bits))
  const filterBytes: usize = max<usize>(4096, (<usize>1) << (<usize>bits))
  filterMask = <u64>filterBytes * 8 - 1
  hits = filter + filterBytes
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

/** 0 marks a free entry. */
function keyOf(hash: u64): u64 {
  return hash ? hash : 1
}

/** Stores a hash's value unless it has one. */
export function insert(hash: u64, value: u32): void {
  const key = keyOf(hash)
  const bit = key & filterMask
  const byte = filter + <usize>(bit >> 3)
  store<u8>(byte, <u32>load<u8>(byte) | (1 << (<u32>bit & 7)))
  let entry = table + ((<usize>(key >> tableShift)) << 4)
  while (load<u64>(entry)) {
    if (load<u64>(entry) == key) return
    entry += 16
    if (entry == filter) entry = table
  }
  store<u64>(entry, key)
  store<u32>(entry, value, 8)
}

/** Address of the hash's entry, 0 when there is none. */
function find(key: u64): usize {
  let entry = table + ((<usize>(key >> tableShift)) << 4)
  while (true) {
    const found = load<u64>(entry)
    if (found == key) return entry
    if (found == 0) return 0
    entry += 16
    if (entry == filter) entry = table
  }
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

/** Looks up every n-gram that ends in the block. */
export function scanBlock(row: u32): void {
  const words = <usize>blockWords
  const before = wordsBefore
  const bits = filter
  const mask = filterMask
  const lengthsEnd = LENGTHS + lengthCount * 24
  for (let word: usize = 0; word < words; word++) {
    const at = PREFIXES + (word << 3)
    const prefix = load<u64>(at)
    const available = before + <u32>word + 1
    for (let entry = LENGTHS; entry < lengthsEnd; entry += 24) {
      const n = load<u32>(entry)
      if (n > available) break
      const sum = prefix - load<u64>(at - ((<usize>n) << 3)) * load<u64>(entry, 8)
      const key = keyOf(mix64(sum ^ load<u64>(entry, 16)))
      const bit = key & mask
      if (((<u32>load<u8>(bits + <usize>(bit >> 3)) >> (<u32>bit & 7)) & 1) == 0) continue
      const found = find(key)
      if (found) storeHit(row, word, n, load<u32>(found, 8))
    }
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

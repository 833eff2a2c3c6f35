// One flat open-addressing table, used anew for every kind of element. An entry counts only when it carries the current
// generation, so that starting over costs nothing. Entry: u64 key, u32 generation, u32 value.
import { reserved, table } from './layout'

let generation: u32 = 0
let mask: usize = 0
let shift: u64 = 0

/** Empties the table and makes it wide enough for `elements` keys. */
export function startTable(elements: u32): void {
  let slots: usize = 64
  // Sparse, so that keys seldom meet, as long as there is room for it.
  while (slots < <usize>elements << 1 && slots < reserved) slots <<= 1
  mask = slots - 1
  shift = clz<u64>(mask)
  generation++
}

/** The value first stored under `key`; stores `value` when there is none. Branches only where keys meet in a slot. */
export function findOrInsert(key: u64, value: u32): u32 {
  const current = generation
  let slot = <usize>((key * 0xd6e8feb86659fd93) >> shift)
  while (true) {
    const entry = table + (slot << 4)
    const taken = load<u32>(entry, 8) == current
    if (i32(taken) & i32(load<u64>(entry) != key)) {
      slot = (slot + 1) & mask
      continue
    }
    const kept = select<u32>(load<u32>(entry, 12), value, taken)
    store<u64>(entry, key)
    store<u32>(entry, current, 8)
    store<u32>(entry, kept, 12)
    return kept
  }
}

const POSITIONS = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
const K1: u64 = 0x9e3779b97f4a7c15
const K2: u64 = 0xbf58476d1ce4e5b9

/** 64-bit hash of bytes, without a branch up to 16. Reads up to 16 bytes past the end. */
export function hashBytes(at: usize, length: u32): u64 {
  let even: u64 = (<u64>length + 1) * K2
  let odd: u64 = K1
  while (length > 16) {
    even = (even ^ load<u64>(at)) * K1
    odd = (odd ^ load<u64>(at, 8)) * K2
    even ^= even >> 32
    odd ^= odd >> 32
    at += 16
    length -= 16
  }
  const last = v128.and(v128.load(at), i8x16.lt_u(POSITIONS, i8x16.splat(<i8>length)))
  even = (even ^ <u64>i64x2.extract_lane(last, 0)) * K1
  odd = (odd ^ <u64>i64x2.extract_lane(last, 1)) * K2
  const hash = (even ^ (even >> 32) ^ rotl(odd, 25)) * K2
  return hash ^ (hash >> 29)
}

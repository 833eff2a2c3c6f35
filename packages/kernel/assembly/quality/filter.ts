// What stands once among many hashes, told without branches: a byte per hash says whether it was seen, and seen again.
import { MAX_SEEN, seen } from './layout'

export const MOST: u32 = 255

let shift: u64 = 0

/** Empties the filter for `elements` hashes: eight bytes for each, so that chance makes one in nine look repeated. */
export function clearSeen(elements: u32): void {
  let bits: u32 = 6
  while ((<usize>1) << bits < (<usize>elements) << 3 && (<usize>1) << bits < MAX_SEEN) bits++
  shift = 64 - bits
  memory.fill(seen, 0, (<usize>1) << bits)
}

function slotOf(hash: u64): usize {
  return seen + <usize>((hash * 0xd6e8feb86659fd93) >> shift)
}

export function markSeen(hash: u64): void {
  const slot = slotOf(hash)
  store<u8>(slot, (load<u8>(slot) << 1) | 1)
}

export function seenTwice(hash: u64): bool {
  return load<u8>(slotOf(hash)) > 1
}

/** Counts a hash, up to MOST. Not to be mixed with `markSeen`. */
export function countSeen(hash: u64): void {
  const slot = slotOf(hash)
  const count = <u32>load<u8>(slot)
  store<u8>(slot, count + u32(count < MOST))
}

/** No less than the number of times that the hash was counted, or MOST. */
export function timesSeen(hash: u64): u32 {
  return load<u8>(slotOf(hash))
}

export function at32(base: usize, index: u32): u32 {
  return load<u32>(base + ((<usize>index) << 2))
}

export function put32(base: usize, index: u32, value: u32): void {
  store<u32>(base + ((<usize>index) << 2), value)
}

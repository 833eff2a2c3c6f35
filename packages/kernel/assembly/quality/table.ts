// One flat open-addressing table, used anew for every kind of element. An entry counts only when it carries the current
// generation, so that starting over costs nothing. Entry: u64 key, u32 generation, u32 value.
import { table, tableSlots } from './layout'

let generation: u32 = 0
let mask: usize = 0

/** Empties the table and makes it wide enough for `elements` keys. */
export function startTable(elements: u32): void {
  mask = tableSlots(elements) - 1
  generation++
}

export function mix(key: u64): u64 {
  key ^= key >> 32
  key *= 0xd6e8feb86659fd93
  key ^= key >> 32
  return key
}

/** The value first stored under `key`; stores `value` when there is none. */
export function findOrInsert(key: u64, value: u32): u32 {
  let slot = <usize>mix(key) & mask
  while (true) {
    const entry = table + (slot << 4)
    if (load<u32>(entry, 8) != generation) {
      store<u64>(entry, key)
      store<u32>(entry, generation, 8)
      store<u32>(entry, value, 12)
      return value
    }
    if (load<u64>(entry) == key) return load<u32>(entry, 12)
    slot = (slot + 1) & mask
  }
}

/** 64-bit hash of bytes. Reads up to 7 bytes past the end. */
export function hashBytes(at: usize, length: u32): u64 {
  let hash: u64 = (<u64>length + 1) * 0x9e3779b97f4a7c15
  while (length >= 8) {
    hash = (hash ^ load<u64>(at)) * 0xbf58476d1ce4e5b9
    hash ^= hash >> 32
    at += 8
    length -= 8
  }
  if (length > 0) {
    hash = (hash ^ (load<u64>(at) & (<u64>-1 >> (64 - (length << 3))))) * 0xbf58476d1ce4e5b9
    hash ^= hash >> 32
  }
  hash *= 0x94d049bb133111eb
  return hash ^ (hash >> 29)
}

import { absorb, GOLDEN, K1, K2, K3 } from '../text/hash'

// A 64-bit hash of bytes that come in parts, without the ASCII white space at either end. The steps are those of a word's
// hash, 16 bytes at a time. Where the text ends is known only at its end, so the state after the last byte that is no
// white space is kept beside the running one.

/** Bytes waiting for a step, then room for a vector store over their end. */
const TAIL = memory.data(48)
const KEPT_TAIL = memory.data(16)

let hash: u64 = GOLDEN
let length: u32 = 0
let keptHash: u64 = GOLDEN
let keptLength: u32 = 0

/** Space, and tab to carriage return. */
export function isWhite(byte: u32): bool {
  return byte == 0x20 || byte - 0x09 < 5
}

export function beginBytes(): void {
  hash = keptHash = GOLDEN
  length = keptLength = 0
}

/** Bytes so far, trimmed. */
export function trimmedLength(): u32 {
  return keptLength
}

/** Adds [at, end); white space at the start of all is left out. */
export function addTrimmed(at: usize, end: usize): void {
  if (keptLength == 0) while (at < end && isWhite(load<u8>(at))) at++
  let last = end
  while (last > at && isWhite(load<u8>(last - 1))) last--
  if (last > at) {
    add(at, last)
    keptHash = hash
    keptLength = length
    v128.store(KEPT_TAIL, v128.load(TAIL))
  }
  if (last < end) add(last, end)
}

function add(at: usize, end: usize): void {
  const waiting = <usize>(length & 15)
  length += <u32>(end - at)
  if (waiting) {
    v128.store(TAIL + waiting, v128.load(at))
    at += 16 - waiting
    if (at > end) return
    hash = absorb(hash, TAIL)
  }
  while (end - at >= 16) {
    hash = absorb(hash, at)
    at += 16
  }
  v128.store(TAIL, v128.load(at))
}

/** Hash of all bytes added, trimmed. */
export function trimmedHash(): u64 {
  v128.store(TAIL, v128.load(KEPT_TAIL))
  v128.store(TAIL + <usize>(keptLength & 15), i64x2.splat(0))
  let h = (keptHash ^ load<u64>(TAIL)) * K1
  h ^= h >> 32
  h = (h ^ (load<u64>(TAIL, 8) + <u64>keptLength * K3)) * K2
  h ^= h >> 32
  h *= K3
  return h ^ (h >> 29)
}

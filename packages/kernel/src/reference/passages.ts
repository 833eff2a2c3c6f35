import { rowCount, type Utf8Column, valueBytes } from '@winnow/core'
import type { PassageHashes, PassageHashOptions } from '../passages.js'
import { GOLDEN, K1, K2, K3, mix64, textHash } from './hash.js'
import { wordsOf } from './words.js'

const LINE_FEED = 0x0a

/** A passage of one text: bytes [start, end) of it, the bytes [start, filledEnd) without the blank lines at its end. */
export interface Passage {
  readonly start: number
  readonly end: number
  readonly filledEnd: number
}

function isWhite(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)
}

/** The passages of one text in their order, however short. */
export function passagesOf(bytes: Uint8Array, unit: 'line' | 'paragraph'): Passage[] {
  const out: Passage[] = []
  // The line before was of the same paragraph, or a blank one after it.
  let ended = true
  for (let start = 0; start < bytes.length; ) {
    const feed = bytes.indexOf(LINE_FEED, start)
    const end = feed < 0 ? bytes.length : feed + 1
    const last = out.at(-1)
    const blank = bytes.subarray(start, end).every(isWhite)
    if (blank) {
      if (unit === 'paragraph' && last !== undefined) out[out.length - 1] = { ...last, end }
      ended = true
    } else if (unit === 'line' || ended || last === undefined) {
      out.push({ start, end, filledEnd: end })
      ended = false
    } else out[out.length - 1] = { ...last, end, filledEnd: end }
    start = end
  }
  return out
}

/** `bytes` without ASCII white space at the ends. */
export function trimmed(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => !isWhite(byte))
  const end = bytes.findLastIndex((byte) => !isWhite(byte)) + 1
  return bytes.subarray(Math.max(0, start), end)
}

/** What `passageHashes` must give. */
export function passageHashes(text: Utf8Column, options: PassageHashOptions = {}): PassageHashes {
  const { unit = 'line', normalise = 'folded', minBytes = 1, seeds } = options
  const offsets = [0]
  const told: { passage: Passage; key: bigint }[] = []
  const passageBytes: number[] = []
  for (let row = 0; row < rowCount(text); row++) {
    const bytes = valueBytes(text, row)
    const passages = passagesOf(bytes, unit)
    for (const passage of passages) {
      const { length, hash } = hashOf(bytes.subarray(passage.start, passage.filledEnd), normalise)
      if (length >= minBytes) told.push({ passage, key: mix64(hash ^ (seeds?.[row] ?? 0n)) })
    }
    offsets.push(told.length)
    passageBytes.push(passages.reduce((sum, { start, end }) => sum + end - start, 0))
  }
  return {
    offsets: Uint32Array.from(offsets),
    starts: Uint32Array.from(told, ({ passage }) => passage.start),
    ends: Uint32Array.from(told, ({ passage }) => passage.end),
    keys: BigUint64Array.from(told, ({ key }) => key),
    passageBytes: Uint32Array.from(passageBytes),
  }
}

function hashOf(
  bytes: Uint8Array,
  normalise: 'folded' | 'exact',
): { length: number; hash: bigint } {
  if (normalise === 'exact') {
    const body = trimmed(bytes)
    return { length: body.length, hash: bytesHash(body) }
  }
  const words = wordsOf(bytes).map((word) => ({ ...word, text: word.text.replace(/[0-9]/g, '0') }))
  const length = new TextEncoder().encode(words.map((word) => word.text).join(' ')).length
  return { length, hash: textHash(words) }
}

const u64 = (value: bigint): bigint => BigInt.asUintN(64, value)
const rotl = (value: bigint, by: bigint): bigint => u64(value << by) | (value >> (64n - by))

/** 64-bit hash of bytes: 16 at a time, then what is left filled up with zeros, and the length. */
function bytesHash(bytes: Uint8Array): bigint {
  const padded = new Uint8Array((Math.floor(bytes.length / 16) + 1) * 16)
  padded.set(bytes)
  const words = new BigUint64Array(padded.buffer)
  const last = words.length - 2
  let h = GOLDEN
  for (let at = 0; at < last; at += 2) {
    h = rotl(u64((h ^ (words[at] as bigint)) * K1), 31n)
    h = rotl(u64((h ^ (words[at + 1] as bigint)) * K2), 29n)
  }
  h = u64((h ^ (words[last] as bigint)) * K1)
  h ^= h >> 32n
  h = u64((h ^ u64((words[last + 1] as bigint) + u64(BigInt(bytes.length) * K3))) * K2)
  h ^= h >> 32n
  h = u64(h * K3)
  return h ^ (h >> 29n)
}

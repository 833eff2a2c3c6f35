import { hash64, UsageError, type Utf8Column, valueString } from '@winnow/core'
import type { Signatures } from '@winnow/kernel'
import { MAX_BANDS } from './parameters.js'
import { canonicalUrl } from './url.js'

/**
 * What a key stands for, as the 9 bits beside the row in an entry: the canonical URL, the normalised text,
 * or band `tag - FIRST_BAND_TAG`.
 */
export const URL_TAG = 0
export const TEXT_TAG = 1
export const FIRST_BAND_TAG = 2

/**
 * An entry is three words: the low and the high word of its key, and `tag << 23 | row`.
 * The slot of a key is the top 8 bits of its high word.
 */
export const ENTRY_WORDS = 3
export const ROW_BITS = 23
export const ROW_MASK = (1 << ROW_BITS) - 1
/** Rows that one shard can have. */
export const MAX_ROWS = 1 << ROW_BITS
export const SLOTS = 256

const encoder = new TextEncoder()

/**
 * The keys of a batch as entries, sorted by the top 24 bits of the key, then row, then tag:
 * slot by slot, and close in a slot's table.
 *
 * @param urls one URL per row as the crawl gave it; '' or no web address means no URL key.
 * @throws UsageError when the shard has more rows or the signature more bands than an entry can name.
 */
export function keyEntries(signatures: Signatures, urls: Utf8Column, bands: number): Uint32Array {
  const { textLength } = signatures
  const rows = textLength.length
  const textWords = wordsOf(signatures.textHash)
  const bandWords = wordsOf(signatures.bandKeys)
  requireCapacity(rows, bands)
  const entries = new Uint32Array(rows * (bands + 2) * ENTRY_WORDS)
  const urlHash = new BigUint64Array(1)
  const urlWords = new Uint32Array(urlHash.buffer)
  let used = 0
  for (let row = 0; row < rows; row++) {
    const url = canonicalUrl(valueString(urls, row))
    if (url !== '') {
      urlHash[0] = hash64(encoder.encode(url))
      writeEntry(entries, used, urlWords[0] as number, urlWords[1] as number, URL_TAG, row)
      used += ENTRY_WORDS
    }
    if (textLength[row] === 0) continue
    const text = 2 * row
    const textLow = textWords[text] as number
    writeEntry(entries, used, textLow, textWords[text + 1] as number, TEXT_TAG, row)
    used += ENTRY_WORDS
    for (let band = 0; band < bands; band++) {
      const at = 2 * (row * bands + band)
      const tag = FIRST_BAND_TAG + band
      writeEntry(entries, used, bandWords[at] as number, bandWords[at + 1] as number, tag, row)
      used += ENTRY_WORDS
    }
  }
  return sortByKey(entries.subarray(0, used))
}

/** 64-bit numbers as (low, high) pairs of words. */
function wordsOf(numbers: BigUint64Array): Uint32Array {
  return new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length * 2)
}

function requireCapacity(rows: number, bands: number): void {
  if (rows > MAX_ROWS)
    throw new UsageError(
      `a document shard has ${rows} rows`,
      `At most ${MAX_ROWS} can be deduplicated as one shard: use smaller input splits.`,
    )
  if (bands > MAX_BANDS)
    throw new UsageError(`${bands} bands`, `At most ${MAX_BANDS} bands fit a key file.`)
}

/**
 * Mixes the tag into the hash with four Feistel rounds. For one tag that is a bijection of 64 bits, so that it adds
 * no collisions, and spreads even poor hashes over the slots.
 */
function writeEntry(
  entries: Uint32Array,
  at: number,
  low: number,
  high: number,
  tag: number,
  row: number,
): void {
  let lo = low ^ scramble(high ^ Math.imul(tag + 1, 0x9e3779b1))
  let hi = high ^ scramble(lo + tag)
  lo ^= scramble(hi)
  hi ^= scramble(lo)
  entries[at] = lo
  entries[at + 1] = hi
  entries[at + 2] = (tag << ROW_BITS) | row
}

/** A 32-bit finaliser found by search (constants of the hash-prospector project, two rounds). */
function scramble(value: number): number {
  let x = value ^ (value >>> 16)
  x = Math.imul(x, 0x21f0aaad)
  x = Math.imul(x ^ (x >>> 15), 0xd35a2d97)
  return x ^ (x >>> 15)
}

/** Stable radix sort by the top 24 bits of the key, one byte at a time from the lowest. */
export function sortByKey(entries: Uint32Array): Uint32Array {
  let from = entries
  let to: Uint32Array = new Uint32Array(entries.length)
  for (const shift of [8, 16, 24]) {
    const starts = new Uint32Array(257)
    for (let at = 1; at < from.length; at += ENTRY_WORDS) {
      const digit = ((from[at] as number) >>> shift) & 255
      starts[digit + 1] = (starts[digit + 1] as number) + ENTRY_WORDS
    }
    for (let digit = 0; digit < 256; digit++)
      starts[digit + 1] = (starts[digit + 1] as number) + (starts[digit] as number)
    for (let at = 0; at < from.length; at += ENTRY_WORDS) {
      const high = from[at + 1] as number
      const digit = (high >>> shift) & 255
      const target = starts[digit] as number
      starts[digit] = target + ENTRY_WORDS
      to[target] = from[at] as number
      to[target + 1] = high
      to[target + 2] = from[at + 2] as number
    }
    const swap = from
    from = to
    to = swap
  }
  return from
}

/** Where each slot's entries start in sorted `entries`, in entries; the last of the 257 numbers is their count. */
export function slotStarts(entries: Uint32Array): Uint32Array {
  const starts = new Uint32Array(SLOTS + 1)
  for (let at = 1; at < entries.length; at += ENTRY_WORDS) {
    const slot = (entries[at] as number) >>> 24
    starts[slot + 1] = (starts[slot + 1] as number) + 1
  }
  for (let slot = 0; slot < SLOTS; slot++)
    starts[slot + 1] = (starts[slot + 1] as number) + (starts[slot] as number)
  return starts
}

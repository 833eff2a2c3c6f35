// Characters of valid UTF-8: decoding, classes, white space, and finding bytes 16 at a time.
import { CLASSED_CODE_POINTS, classes } from './layout'

// Bits of a class byte; the table is filled by the host (src/quality-classes.ts).
export const SPACE: u32 = 1
export const LETTER_BIT: u32 = 1
export const LETTER: u32 = 1 << LETTER_BIT
export const NOT_PUNCTUATION_BIT: u32 = 2
export const NOT_PUNCTUATION: u32 = 1 << NOT_PUNCTUATION_BIT
export const TERMINAL: u32 = 8
export const LINE_BREAK: u32 = 16

/** Length in bytes of the character whose first byte is `lead`. */
export function sequenceLength(lead: u32): u32 {
  return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
}

export function decode(at: usize, lead: u32): u32 {
  if (lead < 0x80) return lead
  const b1 = <u32>load<u8>(at, 1) & 0x3f
  if (lead < 0xe0) return ((lead & 0x1f) << 6) | b1
  const b2 = <u32>load<u8>(at, 2) & 0x3f
  if (lead < 0xf0) return ((lead & 0x0f) << 12) | (b1 << 6) | b2
  return ((lead & 7) << 18) | (b1 << 12) | (b2 << 6) | (<u32>load<u8>(at, 3) & 0x3f)
}

export function classOf(codePoint: u32): u32 {
  return codePoint < CLASSED_CODE_POINTS ? <u32>load<u8>(classes + codePoint) : NOT_PUNCTUATION
}

export function classAt(at: usize): u32 {
  return classOf(decode(at, load<u8>(at)))
}

/** Start of the character that ends at `end`. */
export function previous(end: usize): usize {
  end--
  while ((load<u8>(end) & 0xc0) == 0x80) end--
  return end
}

/** First position from `at` on that is no white space, or `end`. */
export function skipSpace(at: usize, end: usize): usize {
  while (at < end) {
    const lead = <u32>load<u8>(at)
    if ((classOf(decode(at, lead)) & SPACE) == 0) break
    at += sequenceLength(lead)
  }
  return at
}

/** End of [at, end) without the white space at its end. */
export function trimEnd(at: usize, end: usize): usize {
  while (end > at) {
    const start = previous(end)
    if ((classAt(start) & SPACE) == 0) break
    end = start
  }
  return end
}

/** Position of the first byte `byte` in [at, end), or `end`. Reads up to 15 bytes past the end. */
export function findByte(at: usize, end: usize, byte: u8): usize {
  const wanted = i8x16.splat(byte)
  while (at < end) {
    const hits = i8x16.bitmask(i8x16.eq(v128.load(at), wanted))
    if (hits != 0) return min(at + ctz(hits), end)
    at += 16
  }
  return end
}

/** Code points in [at, end). */
export function countCodePoints(at: usize, end: usize): u32 {
  let count: u32 = 0
  const continuation = i8x16.splat(-64)
  // A continuation byte is 0x80 to 0xbf: below -64 as a signed byte.
  for (; at + 16 <= end; at += 16)
    count += 16 - popcnt(i8x16.bitmask(i8x16.lt_s(v128.load(at), continuation)))
  for (; at < end; at++) count += (load<u8>(at) & 0xc0) != 0x80 ? 1 : 0
  return count
}

/** Occurrences of the byte `byte` in [at, end). */
export function countByte(at: usize, end: usize, byte: u8): u32 {
  let count: u32 = 0
  const wanted = i8x16.splat(byte)
  for (; at + 16 <= end; at += 16) count += popcnt(i8x16.bitmask(i8x16.eq(v128.load(at), wanted)))
  for (; at < end; at++) count += load<u8>(at) == byte ? 1 : 0
  return count
}

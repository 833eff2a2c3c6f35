import { UNICODE_BLOCKS, UNICODE_INDEX, UNICODE_SEQUENCES } from '../../wasm/unicode-data'

/** Kinds of code points in the folding table, in the order of its first line. */
export const SEPARATOR: u32 = 0
export const NOTHING: u32 = 1
export const LETTER: u32 = 2
export const ALONE: u32 = 3
export const MARK: u32 = 4
export const SEQUENCE: u32 = 5
export const HANGUL: u32 = 6

/** Most bytes that one byte of text can fold to: U+FDFA, 3 bytes, becomes 33. */
export const EXPANSION: usize = 11

/** Kind in the low 3 bits, above it the distance to the folded code point, or the index of its sequence. */
export function foldEntry(codePoint: u32): i32 {
  const block = <u32>load<u16>(UNICODE_INDEX + ((codePoint >> 6) << 1))
  return load<i32>(UNICODE_BLOCKS + (((block << 6) | (codePoint & 63)) << 2))
}

/** Where a sequence is stored: its length, then its parts as code point << 3 | kind. */
export function sequenceAt(index: i32): usize {
  return UNICODE_SEQUENCES + ((<usize>index) << 2)
}

/**
 * Decodes the code point at `at`: code point << 3 | bytes read. A byte that begins no code point that ends before `end`
 * reads as 1 byte of U+0000, which folds like it: to a separator.
 */
export function decode(at: usize, end: usize): u32 {
  const lead = <u32>load<u8>(at)
  if (lead < 0x80) return (lead << 3) | 1
  // Bytes after `end` are other text or padding, so a sequence cut short is found by its length.
  const second = <u32>load<u8>(at, 1) ^ 0x80
  if (lead < 0xe0) {
    if (lead < 0xc2 || second > 0x3f || at + 2 > end) return 1
    return ((((lead & 0x1f) << 6) | second) << 3) | 2
  }
  const third = <u32>load<u8>(at, 2) ^ 0x80
  if (lead < 0xf0) {
    const codePoint = ((lead & 0x0f) << 12) | (second << 6) | third
    const bad = (second | third) > 0x3f || codePoint < 0x800 || codePoint - 0xd800 < 0x800
    return bad || at + 3 > end ? 1 : (codePoint << 3) | 3
  }
  const fourth = <u32>load<u8>(at, 3) ^ 0x80
  const codePoint = ((lead & 0x07) << 18) | (second << 12) | (third << 6) | fourth
  const bad = lead > 0xf4 || (second | third | fourth) > 0x3f || codePoint - 0x10000 > 0xfffff
  return bad || at + 4 > end ? 1 : (codePoint << 3) | 4
}

// One pass that splits a document at white space, as Python's str.split does, and says what its words are made of.
import {
  classOf,
  countByte,
  decode,
  findByte,
  LETTER,
  NOT_PUNCTUATION,
  SPACE,
  sequenceLength,
  skipSpace,
} from './characters'
import { classes, joined, text, wordChars, wordHash, wordStart } from './layout'
import { startStopWords, stopWordsFound, tryStopWord } from './stop-words'
import { hashBytes } from './table'

export let words: u32 = 0
/** Words with at least one character that is not punctuation, and their code points. */
export let spokenWords: u32 = 0
export let spokenChars: u32 = 0
/** Words with at least one letter. */
export let letterWords: u32 = 0
export let hashes: u32 = 0
export let ellipses: u32 = 0
export { stopWordsFound }

/** Copies a word 16 bytes at a time, writing up to 15 bytes past its end. */
function copyWord(from: usize, to: usize, length: u32): void {
  v128.store(to, v128.load(from))
  for (let at: u32 = 16; at < length; at += 16) v128.store(to + at, v128.load(from + at))
}

/** Runs of dots hold one `...` for every three; as Python's str.count, which does not overlap. */
function countDotEllipses(at: usize, end: usize): u32 {
  let count: u32 = 0
  while (true) {
    at = findByte(at, end, 0x2e)
    if (at >= end) return count
    const start = at
    while (at < end && load<u8>(at) == 0x2e) at++
    count += <u32>(at - start) / 3
  }
}

/** Classes of the characters of the word just read, and its bytes beyond the first of each character. */
let kinds: u32 = 0
let continuations: u32 = 0

/**
 * Reads a word of up to 15 ASCII characters that starts at `at`, all at once; its end, or 0 when the word is another.
 * Of ASCII, only letters and digits are not punctuation.
 */
function readShortWord(at: usize, end: usize): usize {
  const bytes = v128.load(at)
  const beyondAscii = i8x16.bitmask(bytes)
  const space = v128.or(
    i8x16.le_u(i8x16.sub(bytes, i8x16.splat(0x09)), i8x16.splat(4)),
    i8x16.le_u(i8x16.sub(bytes, i8x16.splat(0x1c)), i8x16.splat(4)),
  )
  const stops = i8x16.bitmask(space) | beyondAscii
  if (stops == 0) return 0
  const size = min(<usize>ctz(stops), end - at)
  if (at + size < end && ((beyondAscii >> <i32>size) & 1) == 1) return 0
  const letters = i8x16.le_u(
    i8x16.sub(v128.or(bytes, i8x16.splat(0x20)), i8x16.splat(0x61)),
    i8x16.splat(25),
  )
  const digits = i8x16.le_u(i8x16.sub(bytes, i8x16.splat(0x30)), i8x16.splat(9))
  const inside = (1 << (<i32>size)) - 1
  const letterMask = i8x16.bitmask(letters) & inside
  const digitMask = i8x16.bitmask(digits) & inside
  kinds = (letterMask != 0 ? LETTER : 0) | ((letterMask | digitMask) != 0 ? NOT_PUNCTUATION : 0)
  continuations = 0
  return at + size
}

/** Reads any word that starts at `at`; its end. */
function readLongWord(at: usize, end: usize): usize {
  kinds = continuations = 0
  while (at < end) {
    const lead = <u32>load<u8>(at)
    if (lead < 0x80) {
      const kind = <u32>load<u8>(classes + lead)
      if (kind & SPACE) break
      kinds |= kind
      at++
      continue
    }
    const codePoint = decode(at, lead)
    const kind = classOf(codePoint)
    if (kind & SPACE) break
    kinds |= kind
    const size = sequenceLength(lead)
    at += size
    continuations += size - 1
    if (codePoint == 0x2026) ellipses++
  }
  return at
}

export function readWords(length: u32): void {
  const end = text + length
  words = spokenWords = spokenChars = letterWords = 0
  hashes = countByte(text, end, 0x23)
  ellipses = countDotEllipses(text, end)
  startStopWords()
  let at = text
  let used: u32 = 0
  let chars: u32 = 0
  while (true) {
    at = skipSpace(at, end)
    if (at >= end) break
    const start = at
    at = readShortWord(start, end)
    if (at == 0) at = readLongWord(start, end)

    const size = <u32>(at - start)
    const hash = hashBytes(start, size)
    copyWord(start, joined + used, size)
    const word = <usize>words
    store<u64>(wordHash + (word << 3), hash)
    store<u32>(wordStart + (word << 2), used)
    store<u32>(wordChars + (word << 2), chars)
    words++
    used += size
    chars += size - continuations
    if (kinds & NOT_PUNCTUATION) {
      spokenWords++
      spokenChars += size - continuations
    }
    if (kinds & LETTER) letterWords++
    tryStopWord(hash, size)
  }
  store<u32>(wordStart + ((<usize>words) << 2), used)
  store<u32>(wordChars + ((<usize>words) << 2), chars)
}

// One pass that splits a document at white space, as Python's str.split does, and says what its words are made of.
import {
  classOf,
  countByte,
  decode,
  findByte,
  LETTER,
  LETTER_BIT,
  NOT_PUNCTUATION,
  NOT_PUNCTUATION_BIT,
  SPACE,
  sequenceLength,
  skipSpace,
} from './characters'
import { classes, joined, text, wordChars, wordHash, wordStart } from './layout'
import { startStopWords, stopWordsFound, stopWordsMissing, tryStopWord } from './stop-words'
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
 * Reads a word that starts at `at`, 16 bytes at a time as long as they are ASCII; its end. Of ASCII, only letters and
 * digits are not punctuation.
 */
function readWord(at: usize, end: usize): usize {
  let letterMask: i32 = 0
  let digitMask: i32 = 0
  continuations = 0
  let stops: i32
  do {
    const bytes = v128.load(at)
    const space = v128.or(
      i8x16.le_u(i8x16.sub(bytes, i8x16.splat(0x09)), i8x16.splat(4)),
      i8x16.le_u(i8x16.sub(bytes, i8x16.splat(0x1c)), i8x16.splat(4)),
    )
    const letters = i8x16.le_u(
      i8x16.sub(v128.or(bytes, i8x16.splat(0x20)), i8x16.splat(0x61)),
      i8x16.splat(25),
    )
    const digits = i8x16.le_u(i8x16.sub(bytes, i8x16.splat(0x30)), i8x16.splat(9))
    // A byte beyond ASCII has its highest bit set.
    stops = i8x16.bitmask(v128.or(space, bytes)) | 0x10000
    const before = (stops - 1) & ~stops
    letterMask |= i8x16.bitmask(letters) & before
    digitMask |= i8x16.bitmask(digits) & before
    at += ctz(stops)
  } while (stops == 0x10000)
  kinds = (u32(letterMask != 0) * LETTER) | (u32((letterMask | digitMask) != 0) * NOT_PUNCTUATION)
  return load<u8>(at) >= 0x80 ? readAnyWord(at, end) : at
}

/** Reads the rest of any word from `at` on; its end. */
function readAnyWord(at: usize, end: usize): usize {
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
  hashes = countByte(text, end, 0x23)
  ellipses = countDotEllipses(text, end)
  startStopWords()
  // No word goes on in what an earlier document has left behind.
  v128.store(end, i8x16.splat(0x20))
  let at = text
  let used: u32 = 0
  let chars: u32 = 0
  let word: usize = 0
  let spoken: u32 = 0
  let spokenLength: u32 = 0
  let withLetters: u32 = 0
  while (true) {
    // Mostly one space stands between two words.
    at += usize(load<u8>(at) == 0x20)
    if (<u32>load<u8>(at) - 0x21 > 0x5e) at = skipSpace(at, end)
    if (at >= end) break
    const start = at
    at = readWord(start, end)

    const size = <u32>(at - start)
    const length = size - continuations
    const hash = hashBytes(start, size)
    copyWord(start, joined + used, size)
    store<u64>(wordHash + (word << 3), hash)
    store<u32>(wordStart + (word << 2), used)
    store<u32>(wordChars + (word << 2), chars)
    word++
    used += size
    chars += length
    const speaks = (kinds >> NOT_PUNCTUATION_BIT) & 1
    spoken += speaks
    spokenLength += length & -speaks
    withLetters += (kinds >> LETTER_BIT) & 1
    if (stopWordsMissing()) tryStopWord(hash, size)
  }
  store<u32>(wordStart + (word << 2), used)
  store<u32>(wordChars + (word << 2), chars)
  words = <u32>word
  spokenWords = spoken
  spokenChars = spokenLength
  letterWords = withLetters
}

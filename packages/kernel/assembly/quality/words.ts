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
    let lead: u32 = 0
    let kind: u32 = SPACE
    while (at < end) {
      lead = load<u8>(at)
      kind = lead < 0x80 ? <u32>load<u8>(classes + lead) : classOf(decode(at, lead))
      if ((kind & SPACE) == 0) break
      at += sequenceLength(lead)
    }
    if (at >= end) break

    const start = at
    let seen: u32 = 0
    let continuations: u32 = 0
    while (at < end) {
      lead = load<u8>(at)
      if (lead < 0x80) {
        kind = load<u8>(classes + lead)
        if (kind & SPACE) break
        at++
      } else {
        const codePoint = decode(at, lead)
        kind = classOf(codePoint)
        if (kind & SPACE) break
        const size = sequenceLength(lead)
        at += size
        continuations += size - 1
        if (codePoint == 0x2026) ellipses++
      }
      seen |= kind
    }

    const size = <u32>(at - start)
    const hash = hashBytes(start, size)
    copyWord(start, joined + used, size)
    store<u64>(wordHash + ((<usize>words) << 3), hash)
    store<u32>(wordStart + ((<usize>words) << 2), used)
    store<u32>(wordChars + ((<usize>words) << 2), chars)
    words++
    used += size
    chars += size - continuations
    if (seen & NOT_PUNCTUATION) {
      spokenWords++
      spokenChars += size - continuations
    }
    if (seen & LETTER) letterWords++
    tryStopWord(hash, size)
  }
  store<u32>(wordStart + ((<usize>words) << 2), used)
  store<u32>(wordChars + ((<usize>words) << 2), chars)
}

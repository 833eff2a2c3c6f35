import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/** What was identified for one text: ISO 639-1 label, '' when none, and a score from 0 to 1. */
export interface IdentifiedLanguage {
  readonly language: string
  readonly score: number
}

/** eld's numbers: what its data leaves out of every score, and what an n-gram's mean score is set against. */
const BASE_SCORE = 53
const SCALE = 25
/** eld reads words up to the space after this many bytes, and no character beyond the second number. */
const READ_BYTES = 350
const READ_BYTES_AT_MOST = 380
/** Bytes of a word from which n-grams are taken; the last one is taken from here on to its end. */
const WORD_BYTES = 70

const SPACE = 0x20
/** Slots of the tables, as powers of two: twice the n-grams of the model, and of the longest text. */
const MODEL_BITS = 17
const SEEN_BITS = 10

const hashOf = (start: number, end: number): number =>
  Math.imul(start ^ Math.imul(end + 1, 0x85ebca6b), 0x9e3779b1)

/**
 * Scores texts as eld 2.1.0 does with its extra small data (Nito T.M., Apache-2.0), on bytes and flat tables: the same
 * labels and scores at a tenth of the time. N-grams are of 4 bytes at strides of 3, marked at the ends of a word by a
 * space, and each counts once; a key is 6 bytes, zeros behind a shorter one.
 */
export class LanguageModel {
  /** Labels that the model gives. */
  readonly languages: readonly string[]
  /** Per n-gram: its first four bytes, the two after them, and where its pairs of language and score begin. */
  private readonly starts: Uint32Array
  private readonly ends: Uint16Array
  private readonly pairs: Uint32Array
  private readonly scores: Uint8Array
  /** What stands for each byte. */
  private readonly bytes: Uint8Array
  /** N-gram in each slot, from 1 on. */
  private readonly slots = new Uint16Array(1 << MODEL_BITS)

  private readonly totals: Int32Array
  private readonly text = new Uint8Array(4096)
  private readonly encoder = new TextEncoder()
  // The n-grams of the present text, by generation.
  private readonly seenStart = new Uint32Array(1 << SEEN_BITS)
  private readonly seenEnd = new Uint16Array(1 << SEEN_BITS)
  private readonly seenIn = new Uint32Array(1 << SEEN_BITS)
  private generation = 0
  private ngrams = 0
  private readonly longEnds = new Set<string>()

  constructor() {
    const { buffer } = new Uint8Array(
      readFileSync(createRequire(import.meta.url).resolve('@winnow/quality/language-model.bin')),
    )
    const [ngrams, scores, names] = new Uint32Array(buffer, 0, 3) as unknown as [
      number,
      number,
      number,
    ]
    let at = 12
    const next = (size: number): number => {
      at += size
      return at - size
    }
    this.starts = new Uint32Array(buffer, next(ngrams * 4), ngrams)
    this.ends = new Uint16Array(buffer, next(ngrams * 2), ngrams)
    const counts = new Uint8Array(buffer, next(ngrams), ngrams)
    this.scores = new Uint8Array(buffer, next(scores), scores)
    this.bytes = new Uint8Array(buffer, next(256), 256)
    this.languages = new TextDecoder().decode(new Uint8Array(buffer, at, names)).split(' ')
    this.totals = new Int32Array(this.languages.length)
    this.pairs = new Uint32Array(ngrams + 1)
    for (let i = 0; i < ngrams; i++) {
      this.pairs[i + 1] = (this.pairs[i] as number) + 2 * (counts[i] as number)
      let slot = hashOf(this.starts[i] as number, this.ends[i] as number) >>> (32 - MODEL_BITS)
      while (this.slots[slot] !== 0) slot = (slot + 1) & ((1 << MODEL_BITS) - 1)
      this.slots[slot] = i + 1
    }
  }

  /** The language of at most the first 380 bytes of `words`: letters in lower case, one space between words. */
  identify(words: string): IdentifiedLanguage {
    const { totals } = this
    this.generation++
    this.ngrams = 0
    totals.fill(0)
    this.addText(words)
    let best = 0
    for (let i = 1; i < totals.length; i++)
      if ((totals[i] as number) > (totals[best] as number)) best = i
    const mean = (totals[best] as number) / this.ngrams
    return mean > 0
      ? { language: this.languages[best] as string, score: mean / (mean + SCALE) }
      : { language: '', score: 0 }
  }

  private addText(words: string): void {
    const { text } = this
    // A space before and after, for n-grams that take it in.
    const { written } = this.encoder.encodeInto(words, text.subarray(1, -1))
    const end = 1 + this.readLength(written)
    text[0] = text[end] = SPACE
    for (let start = 1; start < end; ) {
      const stop = text.indexOf(SPACE, start)
      if (stop > start) this.addWord(start, stop)
      start = stop + 1
    }
    if (this.longEnds.size > 0) {
      this.ngrams += this.longEnds.size
      this.longEnds.clear()
    }
  }

  private readLength(length: number): number {
    for (let at = READ_BYTES + 1; at < length; at++) {
      const byte = this.text[at + 1] as number
      if (byte === SPACE || (at > READ_BYTES_AT_MOST && (byte & 0xc0) !== 0x80)) return at
    }
    return length
  }

  private addWord(start: number, stop: number): void {
    const read = Math.min(stop, start + WORD_BYTES)
    let at = start
    for (; at + 4 < read; at += 3) this.add(at === start ? at - 1 : at, at + 4)
    if (stop > read) this.longEnds.add(this.text.subarray(read - 4, stop).join())
    else {
      const last = Math.max(start, stop - 4)
      this.add(at === start ? last - 1 : last, stop + 1)
    }
  }

  /** Adds the n-gram of 3 to 6 bytes at [from, to) of the text, the first time that it stands there. */
  private add(from: number, to: number): void {
    const { text, bytes, seenStart, seenEnd, seenIn, generation } = this
    const length = to - from
    const byte = (i: number): number => bytes[text[from + i] as number] as number
    const start =
      (byte(0) | (byte(1) << 8) | (byte(2) << 16) | (length > 3 ? byte(3) << 24 : 0)) >>> 0
    const end = length < 5 ? 0 : byte(4) | (length > 5 ? byte(5) << 8 : 0)
    const hash = hashOf(start, end)
    let slot = hash >>> (32 - SEEN_BITS)
    while (seenIn[slot] === generation) {
      if (seenStart[slot] === start && seenEnd[slot] === end) return
      slot = (slot + 1) & ((1 << SEEN_BITS) - 1)
    }
    seenStart[slot] = start
    seenEnd[slot] = end
    seenIn[slot] = generation
    this.ngrams++
    this.score(start, end, hash)
  }

  private score(start: number, end: number, hash: number): void {
    const { slots, starts, ends, pairs, scores, totals } = this
    for (let slot = hash >>> (32 - MODEL_BITS); ; slot = (slot + 1) & ((1 << MODEL_BITS) - 1)) {
      const ngram = (slots[slot] as number) - 1
      if (ngram < 0) return
      if (starts[ngram] !== start || ends[ngram] !== end) continue
      const stop = pairs[ngram + 1] as number
      for (let i = pairs[ngram] as number; i < stop; i += 2) {
        const language = scores[i] as number
        totals[language] = (totals[language] as number) + (scores[i + 1] as number) + BASE_SCORE
      }
      return
    }
  }
}

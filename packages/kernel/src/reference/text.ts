import { rowCount, type Utf8Column, utf8Column, valueBytes } from '@winnow/core'
import type { NgramHashes } from '../ngrams.js'
import type { NormalizedText, NormalizeOptions } from '../normalize.js'
import type { NgramHits, NgramSet } from '../scanner.js'
import { type Signatures, type SignOptions, signOptions } from '../sign.js'
import { characterNgramHashesOf, ngramHash, ngramHashesOf, textHash, wordHash } from './hash.js'
import { bandKey, minimums, sketchValue } from './minhash.js'
import { type Word, wordsOf } from './words.js'

const encoder = new TextEncoder()

function rowsOf(text: Utf8Column): Word[][] {
  return Array.from({ length: rowCount(text) }, (_, row) => wordsOf(valueBytes(text, row)))
}

function offsetsOf(counts: readonly number[]): Int32Array {
  const offsets = new Int32Array(counts.length + 1)
  counts.forEach((count, i) => {
    offsets[i + 1] = (offsets[i] as number) + count
  })
  return offsets
}

function joined(words: readonly Word[]): string {
  return words.map((word) => word.text).join(' ')
}

/** What `normalize` must give. */
export function normalize(text: Utf8Column, options: NormalizeOptions = {}): NormalizedText {
  const rows = rowsOf(text)
  const column = utf8Column(rows.map(joined))
  if (options.words !== true) return column
  return {
    ...column,
    words: {
      offsets: offsetsOf(rows.map((words) => words.length)),
      starts: Int32Array.from(rows.flat(), (word) => word.start),
      ends: Int32Array.from(rows.flat(), (word) => word.end),
    },
  }
}

/** What `ngramHashes` must give. */
export function ngramHashes(text: Utf8Column, n: number): NgramHashes {
  const rows = rowsOf(text)
  const hashes = rows.map((words) => ngramHashesOf(words, n))
  return {
    n,
    offsets: offsetsOf(hashes.map((row) => row.length)),
    hashes: BigUint64Array.from(hashes.flat()),
    words: Uint32Array.from(rows, (words) => words.length),
  }
}

/** What `sign` must give. */
export function sign(text: Utf8Column, options: SignOptions = {}): Signatures {
  const { ngram, shingle, bands, rows, sketchBits, sketchSize, seed } = signOptions(options)
  const texts = rowsOf(text)
  const hashesOf = shingle === 'character' ? characterNgramHashesOf : ngramHashesOf
  const shingles = texts.map((words) => hashesOf(words, ngram))
  const sketchBytes = Math.ceil((sketchSize * sketchBits) / 8)
  const bandKeys = new BigUint64Array(texts.length * bands)
  const sketches = new Uint8Array(texts.length * sketchBytes)
  shingles.forEach((hashes, row) => {
    if (hashes.length === 0) return
    const minimum = minimums(hashes, bands * rows, rows, seed)
    for (let band = 0; band < bands; band++) {
      const part = minimum.subarray(band * rows, (band + 1) * rows)
      bandKeys[row * bands + band] = bandKey(part, band, seed)
    }
    for (let p = 0; p < sketchSize; p++) {
      const at = row * sketchBytes + ((p * sketchBits) >> 3)
      const value = sketchValue(minimum[p] as number, sketchBits) << ((p * sketchBits) & 7)
      sketches[at] = (sketches[at] as number) | value
    }
  })
  return {
    textHash: BigUint64Array.from(texts, textHash),
    textLength: Uint32Array.from(texts, (words) => encoder.encode(joined(words)).length),
    shingles: Uint32Array.from(shingles, (hashes) => hashes.length),
    bandKeys,
    sketches,
    sketchBytes,
  }
}

/** What `NgramScanner.scan` must give. */
export function scan(sets: readonly NgramSet[], text: Utf8Column): NgramHits {
  const table = new Map<bigint, number>()
  for (const { hashes, values } of sets)
    hashes.forEach((hash, i) => {
      if (!table.has(hash)) table.set(hash, values[i] as number)
    })
  const lengths = [...new Set(sets.map((set) => set.n))].sort((a, b) => a - b)
  const rows = rowsOf(text)
  const hits: {
    row: number
    word: number
    start: number
    end: number
    value: number
    n: number
  }[] = []
  rows.forEach((words, row) => {
    const hashes = words.map((word) => wordHash(word.text))
    words.forEach(({ end }, last) => {
      for (const n of lengths) {
        const word = last - n + 1
        if (word < 0) continue
        const value = table.get(ngramHash(hashes.slice(word, last + 1)))
        if (value !== undefined)
          hits.push({ row, word, start: (words[word] as Word).start, end, value, n })
      }
    })
  })
  return {
    rows: Uint32Array.from(hits, (hit) => hit.row),
    words: Uint32Array.from(hits, (hit) => hit.word),
    starts: Uint32Array.from(hits, (hit) => hit.start),
    ends: Uint32Array.from(hits, (hit) => hit.end),
    values: Uint32Array.from(hits, (hit) => hit.value),
    lengths: Uint8Array.from(hits, (hit) => hit.n),
    rowWords: Uint32Array.from(rows, (words) => words.length),
  }
}

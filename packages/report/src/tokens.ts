import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Utf8Column, valueBytes } from '@winnow/core'
import { LIMITS } from './limits.js'
import { insertSmallest } from './smallest.js'
import type { TokenChunk } from './summary-schema.js'
import { Vocabulary } from './vocabulary.js'

/** The vocabulary that tokens are counted in (100,277 entries; Llama 3's grew out of it). */
export const TOKENIZER = 'cl100k_base'

/**
 * How cl100k_base cuts text into pieces before it merges bytes: contractions, words with the character before them,
 * numbers of at most three digits, punctuation with the line ends after it, white space.
 */
const PIECES =
  /'(?:[sSdDmMtT]|[lL][lL]|[vV][eE]|[rR][eE])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s+$|\s*[\r\n]|\s+(?!\S)|\s/gu

const encoder = new TextEncoder()
let vocabulary: Vocabulary | undefined

/**
 * Tokens of a text under TOKENIZER, as tiktoken's `encode_ordinary` counts them: text such as "<|endoftext|>" in a page
 * is text, not a control token. The vocabulary (2 MB) is read at the first call.
 */
export function countTokens(text: string): number {
  vocabulary ??= new Vocabulary(
    readFileSync(createRequire(import.meta.url).resolve(`@winnow/report/${TOKENIZER}.bin`)),
  )
  const bytes = encoder.encode(text)
  const oneByteEach = bytes.length === text.length
  let tokens = 0
  let at = 0
  for (const { 0: piece } of text.matchAll(PIECES)) {
    const end = at + (oneByteEach ? piece.length : Buffer.byteLength(piece))
    tokens += vocabulary.count(bytes, at, end)
    at = end
  }
  return tokens
}

interface ChunkPlace {
  readonly hash: number
  readonly row: number
  readonly chunk: number
}

/**
 * A simple random sample of the chunks (of LIMITS.chunkBytes) of many texts: those with the smallest hashes,
 * so that it is the same however documents are spread over shards and in whatever order shards are merged.
 */
export class ChunkSample {
  private readonly places: ChunkPlace[] = []

  constructor(
    private readonly text: Utf8Column,
    private readonly size: number,
  ) {}

  /** Offers all chunks of a row; `hash` is that of the document's id, 64 bits as two numbers. */
  offer(row: number, hash: bigint): void {
    const length = (this.text.offsets[row + 1] as number) - (this.text.offsets[row] as number)
    const low = Number(hash & 0xffffffffn)
    const high = Number(hash >> 32n)
    for (let chunk = 0; chunk * LIMITS.chunkBytes < length; chunk++) {
      const value =
        mix(low ^ Math.imul(chunk + 1, 0x9e3779b1)) * 0x200000 + (mix(high + chunk) >>> 11)
      const last = this.places[this.size - 1]
      if (last !== undefined && value >= last.hash) continue
      insertSmallest(this.places, { hash: value, row, chunk }, this.size, (a, b) => a.hash - b.hash)
    }
  }

  /** Tokenises the sample. */
  count(): TokenChunk[] {
    return this.places.map(({ hash, row, chunk }) => {
      const bytes = wholeWords(valueBytes(this.text, row), chunk * LIMITS.chunkBytes)
      return [hash, bytes.length, countTokens(decoder.decode(bytes))]
    })
  }
}

const decoder = new TextDecoder()

/**
 * The chunk that starts at `from`, moved on at both ends to the next white space within 64 bytes (or the next whole
 * character), so that chunks neither split words nor leave bytes of the text to none of them.
 */
function wholeWords(text: Uint8Array, from: number): Uint8Array {
  return text.subarray(wordEdge(text, from), wordEdge(text, from + LIMITS.chunkBytes))
}

function wordEdge(text: Uint8Array, from: number): number {
  if (from === 0 || from >= text.length) return Math.min(from, text.length)
  for (let i = from; i < Math.min(text.length, from + 64); i++)
    if ((text[i] as number) === 0x20 || (text[i] as number) === 0x0a) return i
  let edge = from
  while (edge < text.length && ((text[edge] as number) & 0xc0) === 0x80) edge++
  return edge
}

/** A 32-bit finaliser (the constants of MurmurHash3's). */
function mix(value: number): number {
  let h = value | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** Chunks below which their spread says nothing of the interval. */
const SMALLEST_SAMPLE = 10

export interface TokenRatio {
  /** Tokens per byte of UTF-8. */
  readonly ratio: number
  /** Half the width of the 95 % confidence interval of `ratio`; null when the sample is too small to tell. */
  readonly margin: number | null
  readonly chunks: number
}

/**
 * Tokens per byte from a sample of chunks: the ratio estimator sum(tokens) / sum(bytes) with its linearised variance
 * (Cochran, Sampling Techniques, 3rd ed., section 6.4). `populationBytes` gives the finite-population correction.
 * Null without a sample.
 */
export function tokenRatio(
  sample: readonly TokenChunk[],
  populationBytes: number,
): TokenRatio | null {
  const bytes = sample.reduce((sum, chunk) => sum + chunk[1], 0)
  if (bytes === 0) return null
  const ratio = sample.reduce((sum, chunk) => sum + chunk[2], 0) / bytes
  const n = sample.length
  const squares = sample.reduce((sum, [, b, t]) => sum + (t - ratio * b) ** 2, 0)
  const unseen = Math.max(0, 1 - bytes / Math.max(bytes, populationBytes))
  if (n < SMALLEST_SAMPLE) return { ratio, margin: null, chunks: n }
  const deviation = Math.sqrt((unseen * squares) / (n - 1) / n) / (bytes / n)
  return { ratio, margin: 1.96 * deviation, chunks: n }
}

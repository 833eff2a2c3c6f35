import { type DocumentBatch, hash64Hex, valueBytes, valueString } from '@winnow/core'
import { LIMITS } from './limits.js'
import { compareText, insertSmallest } from './smallest.js'
import type { Sample } from './summary-schema.js'

const decoder = new TextDecoder()
const BETWEEN_SPANS = new TextEncoder().encode(' … ')

/** A row as an example for people; `ranges` are the spans of its text to show, else its beginning is. */
export function sampleOf(
  documents: DocumentBatch,
  row: number,
  detail: string,
  ranges: readonly number[] = [],
): Sample {
  const text = valueBytes(documents.text, row)
  return {
    id: valueString(documents.id, row),
    url: shorten(valueString(documents.url, row), LIMITS.fieldCharacters),
    title: shorten(valueString(documents.title, row), LIMITS.fieldCharacters),
    language: valueString(documents.language, row),
    bytes: text.length,
    detail: shorten(detail, LIMITS.fieldCharacters),
    excerpt: excerpt(ranges.length === 0 ? text : spansOf(text, ranges)),
  }
}

/** The text of ranges of bytes, an ellipsis between them; no more of it than an excerpt takes. */
function spansOf(text: Uint8Array, ranges: readonly number[]): Uint8Array {
  const pieces: Uint8Array[] = []
  let length = 0
  for (let i = 0; i + 1 < ranges.length && length <= LIMITS.excerptCharacters * 8; i += 2) {
    if (i > 0) pieces.push(BETWEEN_SPANS)
    const piece = text.subarray(ranges[i], ranges[i + 1])
    pieces.push(piece)
    length += piece.length
  }
  return Buffer.concat(pieces)
}

/** The beginning of a text on one line, at most LIMITS.excerptCharacters code points. */
export function excerpt(text: Uint8Array): string {
  // A character has at most 4 bytes; the rest of the look-ahead is for white space that folds away.
  const head = decoder.decode(text.subarray(0, LIMITS.excerptCharacters * 8))
  const folded = head.replace(/[\s\p{Cc}]+/gu, ' ').trim()
  const cut = text.length > LIMITS.excerptCharacters * 8 && folded.length > 0
  const whole = shorten(folded, LIMITS.excerptCharacters)
  return cut && !whole.endsWith('…') ? shorten(`${whole}…`, LIMITS.excerptCharacters) : whole
}

/** At most `limit` code points, the last an ellipsis when something was left out. */
export function shorten(value: string, limit: number): string {
  if (value.length <= limit) return value
  const points = [...value.slice(0, limit * 2)]
  return points.length <= limit ? value : `${points.slice(0, limit - 1).join('')}…`
}

/** Keeps the samples whose ids have the smallest hashes: the same ones in whatever order they are offered. */
export function addSample(list: Sample[], sample: Sample, size: number): void {
  insertSmallest(list, sample, size, bySmallestHash)
}

/** True when a document with this id hash would be kept by addSample. */
export function wantsSample(list: readonly Sample[], id: string, size: number): boolean {
  const last = list[size - 1]
  return last === undefined || compareIds(id, last.id) < 0
}

function bySmallestHash(a: Sample, b: Sample): number {
  return compareIds(a.id, b.id)
}

function compareIds(a: string, b: string): number {
  return compareText(hash64Hex(a), hash64Hex(b)) || compareText(a, b)
}

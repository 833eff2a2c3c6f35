import { InputError, rowCount, type Utf8Column } from '@winnow/core'
import { Growable } from './growable.js'
import { pieces, textKernel } from './text-kernel.js'

const MOST_BYTES = 0x7fffffff

/**
 * Normalised text: words separated by exactly one space, none at either end.
 *
 * A word is a run of letters, digits and the marks that belong to them, case folded and in NFKD, without accents and
 * without invisible format characters. Punctuation, symbols (emoji too), controls, unassigned and private code points,
 * and every byte that is no UTF-8 separate words. In scripts written without spaces (Han, kana, Bopomofo, Thai, Lao,
 * Khmer, Burmese, Yi, Tai) each letter is a word, with the vowel signs that follow it.
 */
export interface NormalizedText extends Utf8Column {
  /** Where each word stood; only with `{ words: true }`. */
  readonly words?: WordRanges
}

/** The words of row `i` are entries `offsets[i] .. offsets[i + 1]`. */
export interface WordRanges {
  readonly offsets: Int32Array
  /** First byte of the word in the row's original text, counted from the row's own start. */
  readonly starts: Int32Array
  /** Byte after the word in the row's original text; a removed accent belongs to the word before it. */
  readonly ends: Int32Array
}

export interface NormalizeOptions {
  /** Also say where each word stood in the original text. */
  readonly words?: boolean
}

/** Normalises every row of `text`. Throws InputError when the result is over 2 GiB. */
export function normalize(text: Utf8Column, options: NormalizeOptions = {}): NormalizedText {
  const kernel = textKernel()
  const rows = rowCount(text)
  const offsets = new Int32Array(rows + 1)
  const bytes = new Growable(Uint8Array, text.bytes.length)
  const wordOffsets = new Int32Array(rows + 1)
  const ranges = new Growable(Uint32Array, options.words === true ? text.bytes.length >> 1 : 0)
  for (const piece of pieces(kernel, text)) {
    kernel.normalize(piece.rows, piece.continues, piece.unfinished)
    const { buffer } = kernel.memory
    const lengths = new Uint32Array(buffer, kernel.rowLengthsAt(), piece.rows)
    const counts = new Uint32Array(buffer, kernel.rowCountsAt(), piece.rows)
    let length = bytes.length
    let words = ranges.length >> 1
    for (let i = 0; i < piece.rows; i++) {
      length += lengths[i] as number
      words += counts[i] as number
      offsets[piece.firstRow + i + 1] = length
      wordOffsets[piece.firstRow + i + 1] = words
    }
    if (length > MOST_BYTES)
      throw new InputError(
        'the normalised batch is over 2 GiB, more than one text column can hold',
        'process the batch in smaller parts',
      )
    bytes.append(new Uint8Array(buffer, kernel.normalizedAt(), length - bytes.length))
    if (options.words === true)
      ranges.append(new Uint32Array(buffer, kernel.rangesAt(), 2 * words - ranges.length))
  }
  const column = { offsets, bytes: bytes.finish() }
  if (options.words !== true) return column
  return { ...column, words: { offsets: wordOffsets, ...splitPairs(ranges.finish()) } }
}

function splitPairs(pairs: Uint32Array): { starts: Int32Array; ends: Int32Array } {
  const count = pairs.length >> 1
  const starts = new Int32Array(count)
  const ends = new Int32Array(count)
  for (let i = 0; i < count; i++) {
    starts[i] = pairs[2 * i] as number
    ends[i] = pairs[2 * i + 1] as number
  }
  return { starts, ends }
}

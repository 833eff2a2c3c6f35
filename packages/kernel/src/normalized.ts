import type { Utf8Column } from '@winnow/core'

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

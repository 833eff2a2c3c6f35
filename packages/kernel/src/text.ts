import type { Utf8Column } from '@winnow/core'
import type { NgramHashes, NgramHits, NgramSet } from './ngrams.js'
import type { NormalizedText, NormalizeOptions } from './normalized.js'
import * as reference from './reference/index.js'
import type { Signatures, SignOptions } from './signatures.js'

/** Normalises every row of `text`. Throws InputError when the result is over 2 GiB. */
export function normalize(text: Utf8Column, options: NormalizeOptions = {}): NormalizedText {
  return reference.normalize(text, options)
}

/** MinHash band keys, sketches and text hashes of every row. Throws UsageError for options out of range. */
export function sign(text: Utf8Column, options: SignOptions = {}): Signatures {
  return reference.sign(text, options)
}

/** 64-bit hashes of the word n-grams of every row. Throws UsageError unless `n` is 1 to 64. */
export function ngramHashes(text: Utf8Column, n: number): NgramHashes {
  return reference.ngramHashes(text, n)
}

/** Finds known n-grams in texts. Of a hash given twice with the same n, the first value stands. */
export class NgramScanner {
  constructor(private readonly sets: readonly NgramSet[]) {}

  /** All places in `text` where an n-gram of the sets stands. */
  scan(text: Utf8Column): NgramHits {
    return reference.scan(this.sets, text)
  }
}

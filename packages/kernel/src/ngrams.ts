/**
 * N-gram hashes of a batch: those of row `i` are entries `offsets[i] .. offsets[i + 1]`, the n-gram that begins at
 * word `w` at `offsets[i] + w`. A row of 1 to n - 1 words has one hash, of all its words; a row without words none.
 */
export interface NgramHashes {
  readonly n: number
  readonly offsets: Int32Array
  readonly hashes: BigUint64Array
  /** Words of each row. */
  readonly words: Uint32Array
}

/** N-grams of one length to look for; `values[i]` is reported where `hashes[i]` stands. */
export interface NgramSet {
  /** Words per n-gram, 1 to 64. */
  readonly n: number
  readonly hashes: BigUint64Array
  readonly values: Uint32Array
}

/** Where n-grams of a scanner's sets stand, ordered by row, then by last word, then by n. Entry `i` of every array is one hit. */
export interface NgramHits {
  readonly rows: Uint32Array
  /** Index of the n-gram's first word in the row. */
  readonly words: Uint32Array
  /** Bytes [start, end) of the n-gram in the row's original text, counted from the row's own start. */
  readonly starts: Uint32Array
  readonly ends: Uint32Array
  readonly values: Uint32Array
  /** Words of the n-gram. */
  readonly lengths: Uint8Array
  /** Words of each row of the scanned text (one entry per row, not per hit). */
  readonly rowWords: Uint32Array
}

export const MAX_NGRAM = 64

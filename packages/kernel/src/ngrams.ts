import { rowCount, type Utf8Column } from '@winnow/core'
import { Growable } from './growable.js'
import { requireRange } from './sign.js'
import { pieces, textKernel } from './text-kernel.js'

/** Most words of an n-gram. */
export const MAX_NGRAM = 64
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

/** 64-bit hashes of the word n-grams of every row. Throws UsageError unless `n` is 1 to 64. */
export function ngramHashes(text: Utf8Column, n: number): NgramHashes {
  requireRange('n', n, 1, MAX_NGRAM)
  const kernel = textKernel()
  const rows = rowCount(text)
  const offsets = new Int32Array(rows + 1)
  const words = new Uint32Array(rows)
  const hashes = new Growable(BigUint64Array, text.bytes.length >> 2)
  for (const piece of pieces(kernel, text)) {
    kernel.ngrams(piece.rows, n, piece.continues, piece.unfinished)
    const { buffer } = kernel.memory
    const counts = new Uint32Array(buffer, kernel.rowCountsAt(), piece.rows)
    let count = hashes.length
    for (let i = 0; i < piece.rows; i++) {
      count += counts[i] as number
      offsets[piece.firstRow + i + 1] = count
    }
    const ended = piece.rows - piece.unfinished
    words.set(new Uint32Array(buffer, kernel.rowWordsAt(), ended), piece.firstRow)
    hashes.append(new BigUint64Array(buffer, kernel.ngramsAt(), count - hashes.length))
  }
  return { n, offsets, hashes: hashes.finish(), words }
}

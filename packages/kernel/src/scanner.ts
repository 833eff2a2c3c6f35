import { rowCount, UsageError, type Utf8Column } from '@winnow/core'
import { Growable } from './growable.js'
import { MAX_NGRAM } from './ngrams.js'
import { requireRange } from './sign.js'
import { newTextKernel, pieces, type TextKernel } from './text-kernel.js'

/**
 * N-grams of one length to look for; `values[i]` is reported where `hashes[i]` stands. All must have exactly `n` words:
 * the hash that `ngramHashes` gives of a shorter row belongs into the set of that row's length.
 */
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

/** Fields of a hit in the kernel's memory, each a u32. */
const HIT_FIELDS = 6
/** Table and filter take 16 bytes per slot and up to 4 slots per n-gram, within 4 GiB of memory. */
const MOST_NGRAMS = 60_000_000

/**
 * Finds known n-grams, as `ngramHashes` makes them, in texts. The table is loaded once into a memory of the scanner's own,
 * 36 to 72 bytes per n-gram. Of a hash given twice the first value stands.
 */
export class NgramScanner {
  private readonly kernel: TextKernel

  /** Throws UsageError when a set's `n` is not 1 to 64, its arrays differ in length, or there are over 60 million n-grams. */
  constructor(sets: readonly NgramSet[]) {
    const total = sets.reduce((sum, set) => sum + set.hashes.length, 0)
    requireRange('the number of n-grams', total, 0, MOST_NGRAMS)
    this.kernel = newTextKernel()
    this.kernel.beginTable(total)
    for (const n of lengthsOf(sets)) this.kernel.addLength(n)
    for (const set of sets) this.insert(set)
  }

  /** All places in `text` where an n-gram of the sets stands, overlapping ones too. */
  scan(text: Utf8Column): NgramHits {
    const rowWords = new Uint32Array(rowCount(text))
    const hits = new Growable(Uint32Array, 0)
    const { kernel } = this
    for (const piece of pieces(kernel, text)) {
      const count = kernel.scan(piece.rows, piece.continues, piece.unfinished)
      const { buffer } = kernel.memory
      const ended = piece.rows - piece.unfinished
      rowWords.set(new Uint32Array(buffer, kernel.rowWordsAt(), ended), piece.firstRow)
      if (count === 0) continue
      const found = new Uint32Array(buffer, kernel.hitsAt(), count * HIT_FIELDS)
      for (let at = 0; at < found.length; at += HIT_FIELDS)
        found[at] = (found[at] as number) + piece.firstRow
      hits.append(found)
    }
    return { ...columnsOf(hits.finish()), rowWords }
  }

  private insert({ hashes, values }: NgramSet): void {
    const { kernel } = this
    const half = kernel.pieceBytes() / 2
    const most = half / BigUint64Array.BYTES_PER_ELEMENT
    for (let from = 0; from < hashes.length; from += most) {
      const part = hashes.subarray(from, from + most)
      const { buffer } = kernel.memory
      new BigUint64Array(buffer, kernel.inputAt(), part.length).set(part)
      const partValues = new Uint32Array(buffer, kernel.inputAt() + half, part.length)
      partValues.set(values.subarray(from, from + most))
      kernel.insert(part.length)
    }
  }
}

/** The lengths that have n-grams, ascending. */
function lengthsOf(sets: readonly NgramSet[]): number[] {
  const lengths = new Set<number>()
  for (const { n, hashes, values } of sets) {
    requireRange('n', n, 1, MAX_NGRAM)
    if (hashes.length !== values.length)
      throw new UsageError(`${hashes.length} ${n}-grams have ${values.length} values`)
    if (hashes.length > 0) lengths.add(n)
  }
  return [...lengths].sort((a, b) => a - b)
}

function columnsOf(hits: Uint32Array): Omit<NgramHits, 'rowWords'> {
  const column = (field: number): Uint32Array => {
    const out = new Uint32Array(hits.length / HIT_FIELDS)
    for (let i = 0; i < out.length; i++) out[i] = hits[i * HIT_FIELDS + field] as number
    return out
  }
  return {
    rows: column(0),
    words: column(1),
    starts: column(2),
    ends: column(3),
    values: column(4),
    lengths: Uint8Array.from(column(5)),
  }
}

import { rowCount, UsageError, type Utf8Column } from '@winnow/core'
import { pieces, textKernel } from './text-kernel.js'

/** Bytes that the keys and sketches of one call may take in the kernel's memory. */
const CALL_RESULT_BYTES = 4 << 20

export interface SignOptions {
  /** Words or characters per shingle, 1 to 64; 5 by default. */
  readonly ngram?: number
  /** What a shingle is a run of; words by default. */
  readonly shingle?: ShingleUnit
  /** LSH bands; 14 by default. */
  readonly bands?: number
  /** Minimums per band; 8 by default. `bands * rows` permutations, 65,536 at most. */
  readonly rows?: number
  /** Bits kept of each minimum in the sketch, 4 or 8; 8 by default. */
  readonly sketchBits?: SketchBits
  /** Permutations in the sketch, the first of all; all by default. */
  readonly sketchSize?: number
  /** Chooses the permutations and the key space, 32 bits; 0 by default. */
  readonly seed?: number
}

export const SHINGLE_UNITS = ['word', 'character'] as const

/**
 * `word`: a shingle is a run of words. `character`: one of code points of the normalised text, the single spaces between
 * its words among them (Broder, "On the resemblance and containment of documents", 1997, has both).
 */
export type ShingleUnit = (typeof SHINGLE_UNITS)[number]

export type SketchBits = 4 | 8

/** Hashes of a batch of texts, row by row. A row without words has 0 everywhere and must not be compared. */
export interface Signatures {
  /** 64-bit hash of the normalised text. */
  readonly textHash: BigUint64Array
  /** Bytes of the normalised text (modulo 2^32). */
  readonly textLength: Uint32Array
  /** Shingles, repeated ones counted each time; 1 for a text of at most `ngram` words (characters); 0: the row has no words. */
  readonly shingles: Uint32Array
  /**
   * LSH keys, `bands` per row, mixed with the family, the band number and the seed.
   * `new Uint32Array(bandKeys.buffer)` views them as (low, high) pairs.
   */
  readonly bandKeys: BigUint64Array
  /**
   * `sketchBytes` per row: the low `sketchBits` of each minimum after mixing, in the order of the permutations
   * (band by band). With 4 bits the even permutation is the low nibble.
   */
  readonly sketches: Uint8Array
  readonly sketchBytes: number
}

/** The options with their defaults. Throws UsageError when one is out of range. */
export function signOptions(options: SignOptions): Required<SignOptions> {
  const { ngram = 5, shingle = 'word', bands = 14, rows = 8, sketchBits = 8, seed = 0 } = options
  const { sketchSize = bands * rows } = options
  requireRange('ngram', ngram, 1, 64)
  requireRange('bands', bands, 1, 65_536)
  requireRange('rows', rows, 1, 65_536)
  requireRange('bands x rows', bands * rows, 1, 65_536)
  requireRange('sketchSize', sketchSize, 0, bands * rows)
  requireRange('seed', seed, 0, 0xffffffff)
  if (sketchBits !== 4 && sketchBits !== 8)
    throw new UsageError(`sketchBits is ${sketchBits}, but must be 4 or 8`)
  if (!SHINGLE_UNITS.includes(shingle))
    throw new UsageError(`shingle is ${shingle}, but must be word or character`)
  return { ngram, shingle, bands, rows, sketchBits, sketchSize, seed }
}

/** Throws UsageError unless `value` is a whole number from `low` to `high`. */
export function requireRange(name: string, value: number, low: number, high: number): void {
  if (!Number.isInteger(value) || value < low || value > high)
    throw new UsageError(`${name} is ${value}, but must be a whole number from ${low} to ${high}`)
}

/**
 * MinHash band keys, sketches and text hashes of every row. Keys of different `ngram`, `shingle`, `bands` x `rows` or
 * `seed` must not be mixed. Throws UsageError for options out of range.
 */
export function sign(text: Utf8Column, options: SignOptions = {}): Signatures {
  const all = signOptions(options)
  const { ngram, shingle, bands, rows: bandRows, sketchBits, sketchSize, seed } = all
  const kernel = textKernel()
  const rows = rowCount(text)
  const sketchBytes = Math.ceil((sketchSize * sketchBits) / 8)
  const signatures = {
    textHash: new BigUint64Array(rows),
    textLength: new Uint32Array(rows),
    shingles: new Uint32Array(rows),
    bandKeys: new BigUint64Array(rows * bands),
    sketches: new Uint8Array(rows * sketchBytes),
    sketchBytes,
  }
  const fitting = Math.ceil(CALL_RESULT_BYTES / (bands * 8 + sketchBytes))
  const mostRows = Math.min(kernel.pieceRows(), fitting)
  const ofCharacters = shingle === 'character' ? 1 : 0
  kernel.configureSign(ngram, bands, bandRows, sketchBits, sketchSize, seed, mostRows, ofCharacters)
  for (const piece of pieces(kernel, text, mostRows)) {
    kernel.sign(piece.rows, piece.continues, piece.unfinished)
    const { buffer } = kernel.memory
    const { firstRow } = piece
    const ended = piece.rows - piece.unfinished
    const { textHash, textLength, shingles, bandKeys, sketches } = signatures
    textHash.set(new BigUint64Array(buffer, kernel.rowHashesAt(), ended), firstRow)
    textLength.set(new Uint32Array(buffer, kernel.rowLengthsAt(), ended), firstRow)
    shingles.set(new Uint32Array(buffer, kernel.rowCountsAt(), ended), firstRow)
    const keys = new BigUint64Array(buffer, kernel.bandKeysAt(), ended * bands)
    bandKeys.set(keys, firstRow * bands)
    const sketch = new Uint8Array(buffer, kernel.sketchesAt(), ended * sketchBytes)
    sketches.set(sketch, firstRow * sketchBytes)
  }
  return signatures
}

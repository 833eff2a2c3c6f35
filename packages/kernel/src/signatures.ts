import { UsageError } from '@winnow/core'

export interface SignOptions {
  /** Words per shingle, 1 to 64; 5 by default. */
  readonly ngram?: number
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

export type SketchBits = 4 | 8

/** Hashes of a batch of texts, row by row. A row without words has 0 everywhere and must not be compared. */
export interface Signatures {
  /** 64-bit hash of the normalised text. */
  readonly textHash: BigUint64Array
  /** Bytes of the normalised text (modulo 2^32). */
  readonly textLength: Uint32Array
  /** Shingles, repeated ones counted each time; 1 for a text of 1 to `ngram` words; 0: the row has no words. */
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
  const { ngram = 5, bands = 14, rows = 8, sketchBits = 8, seed = 0 } = options
  const { sketchSize = bands * rows } = options
  requireRange('ngram', ngram, 1, 64)
  requireRange('bands', bands, 1, 65_536)
  requireRange('rows', rows, 1, 65_536)
  requireRange('bands x rows', bands * rows, 1, 65_536)
  requireRange('sketchSize', sketchSize, 0, bands * rows)
  requireRange('seed', seed, 0, 0xffffffff)
  if (sketchBits !== 4 && sketchBits !== 8)
    throw new UsageError(`sketchBits is ${sketchBits}, but must be 4 or 8`)
  return { ngram, bands, rows, sketchBits, sketchSize, seed }
}

/** Throws UsageError unless `value` is a whole number from `low` to `high`. */
export function requireRange(name: string, value: number, low: number, high: number): void {
  if (!Number.isInteger(value) || value < low || value > high)
    throw new UsageError(`${name} is ${value}, but must be a whole number from ${low} to ${high}`)
}

/** Bounds on hostile input. */
export interface ReadLimits {
  /** Largest record, and largest HTTP body after decoding, in bytes. Default 64 MiB. */
  readonly maxRecordBytes: number
  /**
   * How many times larger than its compressed form a body may grow, once it is over 16 MiB. Default 200:
   * real pages stay below 50, DEFLATE itself can reach 1032.
   */
  readonly maxCompressionRatio: number
}

export const DEFAULT_LIMITS: ReadLimits = {
  maxRecordBytes: 64 << 20,
  maxCompressionRatio: 200,
}

/** Growth below this size is never called a bomb. */
const RATIO_FLOOR_BYTES = 16 << 20

/** The most bytes that `compressed` bytes may become. */
export function inflatedLimit(compressed: number, limits: ReadLimits): number {
  return Math.min(
    limits.maxRecordBytes,
    Math.max(RATIO_FLOOR_BYTES, compressed * limits.maxCompressionRatio),
  )
}

import type { SketchBits } from './sign.js'

/**
 * Jaccard similarity of two shingle sets, estimated from their sketches (b-bit minwise hashing, Li and König 2010):
 * `(m / k - 2^-b) / (1 - 2^-b)` for `m` equal values of `k`, which takes out what agrees by chance.
 *
 * Not cut off at 0: sets without a common shingle have a mean of 0 and come out a little below it half of the time.
 * Both sketches must have the same length; throws RangeError when they do not or are empty.
 */
export function estimateJaccard(a: Uint8Array, b: Uint8Array, bits: SketchBits): number {
  if (a.length !== b.length || a.length === 0)
    throw new RangeError(`sketches of ${a.length} and ${b.length} bytes cannot be compared`)
  const count = bits === 8 ? a.length : a.length * 2
  const matches = bits === 8 ? equalBytes(a, b) : equalNibbles(a, b)
  const chance = 2 ** -bits
  return (matches / count - chance) / (1 - chance)
}

function equalBytes(a: Uint8Array, b: Uint8Array): number {
  let matches = 0
  for (let i = 0; i < a.length; i++) if (a[i] === b[i]) matches++
  return matches
}

function equalNibbles(a: Uint8Array, b: Uint8Array): number {
  let matches = 0
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] as number) ^ (b[i] as number)
    if ((difference & 0x0f) === 0) matches++
    if ((difference & 0xf0) === 0) matches++
  }
  return matches
}

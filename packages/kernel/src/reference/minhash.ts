import { GOLDEN, K1, mix64 } from './hash.js'

const MASK = (1n << 64n) - 1n
const BAND_FAMILY = 0x62616e64n

interface Stream {
  readonly add: number
  readonly first: number
  readonly second: number
  readonly third: number
}

/** Streams of a signature: the rows of one band, rounded up to whole vectors of 4, at least 8. */
export function streamCount(rows: number): number {
  return Math.max(8, Math.ceil(rows / 4) * 4)
}

function streams(count: number, seed: number): Stream[] {
  let state = BigInt(seed >>> 0)
  const next = (): number => {
    state = (state + GOLDEN) & MASK
    return Number(mix64(state) & 0xffffffffn)
  }
  return Array.from({ length: count }, () => ({
    add: next(),
    first: next() | 1,
    second: next() | 1,
    third: next() | 1,
  }))
}

/**
 * MinHash minimums of a set of 64-bit hashes under `permutations` functions to 32 bits.
 *
 * Function `p` is `a + step * b` (mod 2^32) with stream `p % streams` and step `floor(p / streams)`; each stream maps
 * the 64 bits one to one to its own (a, b), so any two functions are independent, and the functions of one band, which
 * all come from different streams, are so together.
 */
export function minimums(
  hashes: readonly bigint[],
  permutations: number,
  rows: number,
  seed: number,
): Uint32Array {
  const out = new Uint32Array(permutations).fill(0xffffffff)
  const family = streams(streamCount(rows), seed)
  for (const hash of hashes) {
    const low = Number(hash & 0xffffffffn)
    const high = Number(hash >> 32n)
    family.forEach((stream, s) => {
      let t = Math.imul(low + stream.add, stream.first)
      t ^= t >>> 16
      let a = Math.imul(t + high, stream.second)
      a ^= a >>> 15
      const b = Math.imul(t ^ a, stream.third)
      for (let p = s, step = 0; p < permutations; p += family.length, step++) {
        const value = (a + Math.imul(step, b)) >>> 0
        if (value < (out[p] as number)) out[p] = value
      }
    })
  }
  return out
}

/** 64-bit key of one band: its minimums in order, mixed with the family, the band's number and the seed. */
export function bandKey(minimums: Uint32Array, band: number, seed: number): bigint {
  let key = mix64(((BAND_FAMILY << 32n) | BigInt(band)) ^ (BigInt(seed >>> 0) * GOLDEN))
  for (const minimum of minimums) {
    key = ((key ^ BigInt(minimum)) * K1) & MASK
    key ^= key >> 32n
  }
  return mix64(key)
}

/** The low `bits` of a minimum after mixing, for a sketch. */
export function sketchValue(minimum: number, bits: number): number {
  let x = minimum
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  x ^= x >>> 16
  return x & ((1 << bits) - 1)
}

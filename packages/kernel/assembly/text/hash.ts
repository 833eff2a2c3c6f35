/** Constants as in `src/reference/hash.ts`, which says what they are. */
export const GOLDEN: u64 = 0x9e3779b97f4a7c15
export const K1: u64 = 0xd6e8feb86659fd93
export const K2: u64 = 0xa0761d6478bd642f
export const K3: u64 = 0xe7037ed1a0b428db
export const BASE: u64 = 0x8ebc6af09c88c6e3

/** SplitMix64's finaliser. */
export function mix64(x: u64): u64 {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb
  return x ^ (x >> 31)
}

/** The value whose `mix64` is `x`. The multipliers are the inverses of its own modulo 2^64. */
export function unmix64(x: u64): u64 {
  x = (x ^ (x >> 31) ^ (x >> 62)) * 0x319642b2d24d8ec3
  x = (x ^ (x >> 27) ^ (x >> 54)) * 0x96de1b173f119089
  return x ^ (x >> 30) ^ (x >> 60)
}

/** One 16-byte step of a long word's hash. */
export function absorb(hash: u64, at: usize): u64 {
  hash = rotl<u64>((hash ^ load<u64>(at)) * K1, 31)
  return rotl<u64>((hash ^ load<u64>(at, 8)) * K2, 29)
}

/** BASE to the power of `exponent`. */
export function powerOfBase(exponent: u32): u64 {
  let power: u64 = 1
  for (let i: u32 = 0; i < exponent; i++) power *= BASE
  return power
}

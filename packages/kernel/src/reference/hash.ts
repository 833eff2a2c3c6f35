import type { Word } from './words.js'

const MASK = (1n << 64n) - 1n

/** Constants of the mixing steps: SplitMix64 (Steele, Lea, Flood 2014) and odd random 64-bit numbers. */
export const GOLDEN = 0x9e3779b97f4a7c15n
export const K1 = 0xd6e8feb86659fd93n
export const K2 = 0xa0761d6478bd642fn
export const K3 = 0xe7037ed1a0b428dbn
/** Base of the polynomial over word hashes. */
export const BASE = 0x8ebc6af09c88c6e3n

const u64 = (value: bigint): bigint => value & MASK
const rotl = (value: bigint, by: bigint): bigint => u64(value << by) | (value >> (64n - by))
const encoder = new TextEncoder()

/** SplitMix64's finaliser: a bijection of 64 bits in which every input bit moves every output bit. */
export function mix64(value: bigint): bigint {
  let x = u64(value)
  x = u64((x ^ (x >> 30n)) * 0xbf58476d1ce4e5b9n)
  x = u64((x ^ (x >> 27n)) * 0x94d049bb133111ebn)
  return x ^ (x >> 31n)
}

function load(bytes: Uint8Array, at: number, length: number): bigint {
  let value = 0n
  for (let i = 0; i < length; i++) value |= BigInt(bytes[at + i] as number) << BigInt(8 * i)
  return value
}

const known = new Map<string, bigint>()

/** 64-bit hash of a word's normalised bytes: 16 at a time while more than 16 are left, then the tail and the length. */
export function wordHash(word: string): bigint {
  let hash = known.get(word)
  if (hash === undefined) {
    hash = computeWordHash(word)
    known.set(word, hash)
  }
  return hash
}

function computeWordHash(word: string): bigint {
  const bytes = encoder.encode(word)
  let h = GOLDEN
  let at = 0
  while (bytes.length - at > 16) {
    h = rotl(u64((h ^ load(bytes, at, 8)) * K1), 31n)
    h = rotl(u64((h ^ load(bytes, at + 8, 8)) * K2), 29n)
    at += 16
  }
  const left = bytes.length - at
  const first = load(bytes, at, Math.min(8, left))
  const last = left > 8 ? load(bytes, bytes.length - 8, 8) : 0n
  h = u64((h ^ first) * K1)
  h ^= h >> 32n
  h = u64((h ^ u64(last + u64(BigInt(bytes.length) * K3))) * K2)
  h ^= h >> 32n
  h = u64(h * K3)
  return h ^ (h >> 29n)
}

/** 64-bit hash of a character of the normalised text. */
export function characterHash(codePoint: number): bigint {
  return mix64(BigInt(codePoint) + GOLDEN)
}

/** 64-bit hash of a run of words or characters; depends on their order and number. */
export function ngramHash(hashes: readonly bigint[]): bigint {
  let sum = 0n
  for (const hash of hashes) sum = u64(sum * BASE + hash)
  return mix64(sum ^ u64(BigInt(hashes.length) * GOLDEN))
}

/** The n-gram hashes of a text, one per first word; a text of fewer than `n` words has one, of all its words. */
export function ngramHashesOf(words: readonly Word[], n: number): bigint[] {
  return runHashes(
    words.map((word) => wordHash(word.text)),
    n,
  )
}

/** The same of the characters of a text: the code points of its words with a space between two words. */
export function characterNgramHashesOf(words: readonly Word[], n: number): bigint[] {
  const characters = [...words.map((word) => word.text).join(' ')]
  return runHashes(
    characters.map((character) => characterHash(character.codePointAt(0) as number)),
    n,
  )
}

function runHashes(hashes: readonly bigint[], n: number): bigint[] {
  if (hashes.length === 0) return []
  if (hashes.length < n) return [ngramHash(hashes)]
  return hashes.slice(n - 1).map((_, first) => ngramHash(hashes.slice(first, first + n)))
}

/** 64-bit hash of a whole normalised text; 0 for a text without words. */
export function textHash(words: readonly Word[]): bigint {
  if (words.length === 0) return 0n
  let h = 0n
  for (const word of words) h = u64(rotl(h ^ wordHash(word.text), 27n) * K1)
  return mix64(h ^ BigInt(words.length))
}

/**
 * Byte-pair encoding (Sennrich et al. 2016, on bytes as GPT-2 does it), as far as counting needs it: the vocabulary is
 * a hash table in flat arrays that a thread reads from a file at once. The same vocabulary as a JavaScript module and a
 * Map of strings takes 0.3 s in every thread before the first token is counted.
 */

/** Slots of the hash table: a power of two, over twice the 100,256 tokens of cl100k_base. */
const SLOTS = 1 << 18
/** A rank above every token's: the pair is no token. */
const NO_TOKEN = 0xffffffff
/** Bytes of a piece of text up to which merging it needs no memory of its own. */
const SHORT_PIECE = 256

/** The vocabulary as one file: number of tokens, offsets into the bytes, slots (rank + 1, or 0), bytes. */
export function encodeVocabulary(tokens: readonly Uint8Array[]): Uint8Array {
  const offsets = new Uint32Array(tokens.length + 1)
  for (const [rank, token] of tokens.entries())
    offsets[rank + 1] = (offsets[rank] as number) + token.length
  const slots = new Uint32Array(SLOTS)
  for (const [rank, token] of tokens.entries()) {
    let slot = hash(token, 0, token.length) & (SLOTS - 1)
    while (slots[slot] !== 0) slot = (slot + 1) & (SLOTS - 1)
    slots[slot] = rank + 1
  }
  const parts = [Uint32Array.of(tokens.length), offsets, slots].map(
    ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
  )
  return Buffer.concat([...parts, ...tokens])
}

/** A vocabulary that counts the tokens of byte ranges. */
export class Vocabulary {
  private readonly offsets: Uint32Array
  private readonly slots: Uint32Array
  private readonly tokens: Uint8Array
  // Ends of the parts of the piece in work, and the rank that each part would have together with the next one.
  private ends = new Uint32Array(SHORT_PIECE)
  private ranks = new Uint32Array(SHORT_PIECE)

  /** `file` is what `encodeVocabulary` made, at an offset that 4 divides. */
  constructor(file: Uint8Array) {
    const { buffer, byteOffset, byteLength } = file
    const size = new Uint32Array(buffer, byteOffset, 1)[0] as number
    this.offsets = new Uint32Array(buffer, byteOffset + 4, size + 1)
    const slots = byteOffset + 4 + this.offsets.byteLength
    this.slots = new Uint32Array(buffer, slots, SLOTS)
    const tokens = slots + this.slots.byteLength
    this.tokens = new Uint8Array(buffer, tokens, byteOffset + byteLength - tokens)
  }

  /** The tokens that the piece `bytes[start, end)` becomes; every single byte must be a token. */
  count(bytes: Uint8Array, start: number, end: number): number {
    const length = end - start
    if (length < 2 || this.rank(bytes, start, end) !== NO_TOKEN) return length < 1 ? 0 : 1
    if (length > this.ends.length) {
      this.ends = new Uint32Array(2 * length)
      this.ranks = new Uint32Array(2 * length)
    }
    const { ends, ranks } = this
    for (let part = 0; part < length; part++) {
      ends[part] = start + part + 1
      ranks[part] = part + 1 < length ? this.rank(bytes, start + part, start + part + 2) : NO_TOKEN
    }
    let parts = length
    for (;;) {
      let best = 0
      for (let part = 1; part < parts; part++)
        if ((ranks[part] as number) < (ranks[best] as number)) best = part
      if (ranks[best] === NO_TOKEN) return parts
      ends.copyWithin(best, best + 1, parts)
      ranks.copyWithin(best, best + 1, parts)
      parts--
      ranks[best] = this.together(bytes, start, best, parts)
      if (best > 0) ranks[best - 1] = this.together(bytes, start, best - 1, parts)
    }
  }

  /** The rank of part `part` and the one behind it as one token. */
  private together(bytes: Uint8Array, start: number, part: number, parts: number): number {
    if (part + 1 >= parts) return NO_TOKEN
    const from = part === 0 ? start : (this.ends[part - 1] as number)
    return this.rank(bytes, from, this.ends[part + 1] as number)
  }

  private rank(bytes: Uint8Array, start: number, end: number): number {
    const { slots, offsets, tokens } = this
    const length = end - start
    for (let slot = hash(bytes, start, end) & (SLOTS - 1); ; slot = (slot + 1) & (SLOTS - 1)) {
      const rank = (slots[slot] as number) - 1
      if (rank < 0) return NO_TOKEN
      const at = offsets[rank] as number
      if ((offsets[rank + 1] as number) - at !== length) continue
      let same = 0
      while (same < length && tokens[at + same] === bytes[start + same]) same++
      if (same === length) return rank
    }
  }
}

/** FNV-1a with a finaliser, 32 bits. */
function hash(bytes: Uint8Array, start: number, end: number): number {
  let h = 0x811c9dc5
  for (let i = start; i < end; i++) h = Math.imul(h ^ (bytes[i] as number), 0x01000193)
  return h ^ (h >>> 15)
}

import { concat } from './source.js'

/**
 * Chunks of a byte stream, read as if they were one: look ahead, then consume.
 * Holds only what was looked at and not yet consumed.
 */
export class ByteFeed {
  private head: Uint8Array = new Uint8Array(0)
  private ended = false
  private consumed: number

  constructor(
    private readonly chunks: AsyncIterator<Uint8Array> | null,
    first: Uint8Array = new Uint8Array(0),
    start = 0,
  ) {
    this.head = first
    this.consumed = start
    if (chunks === null) this.ended = true
  }

  /** A stream that is in memory as a whole. */
  static of(bytes: Uint8Array, start = 0): ByteFeed {
    return new ByteFeed(null, bytes, start)
  }

  /** How many bytes were consumed, counted from the start given to the constructor. */
  get position(): number {
    return this.consumed
  }

  /** What is held, at least `length` bytes of it, fewer only where the stream ends. */
  async peek(length: number): Promise<Uint8Array> {
    if (this.head.length >= length || this.ended) return this.head
    const parts = [this.head]
    let held = this.head.length
    while (held < length) {
      const next = await this.next()
      if (next === null) break
      parts.push(next)
      held += next.length
    }
    this.head = parts.length === 1 ? this.head : concat(parts)
    return this.head
  }

  /** Consumes `length` bytes without keeping them; returns how many there were. */
  async skip(length: number): Promise<number> {
    let left = length
    for (;;) {
      const step = Math.min(left, this.head.length)
      this.head = this.head.subarray(step)
      this.consumed += step
      left -= step
      if (left === 0) return length
      const next = await this.next()
      if (next === null) return length - left
      this.head = next
    }
  }

  private async next(): Promise<Uint8Array | null> {
    if (this.ended || this.chunks === null) return null
    const { done, value } = await this.chunks.next()
    if (done === true) {
      this.ended = true
      return null
    }
    return value
  }
}

import type { RandomAccess } from './object-store.js'

/** Most bytes fetched ahead of a reader. */
const READ_AHEAD = 4 << 20
/** What a reader that has just begun, or jumped, is given ahead: it may read no more than this. */
const FIRST_READ_AHEAD = 256 << 10

/**
 * Reads an object whose every read is a request. Small reads one behind the other are served from blocks that double
 * from 256 KiB up to the limit; a read of the limit and more is one request of its own size.
 */
export class ReadAhead implements RandomAccess {
  private block: Uint8Array = new Uint8Array(0)
  private start = 0
  private ahead: number
  /** Small reads one after the other: two at once would both fetch. */
  private queue: Promise<unknown> = Promise.resolve()

  constructor(
    readonly uri: string,
    readonly size: number,
    private readonly fetch: (offset: number, length: number) => Promise<Uint8Array>,
    private readonly limit = READ_AHEAD,
  ) {
    this.ahead = Math.min(FIRST_READ_AHEAD, limit)
  }

  read(offset: number, length: number): Promise<Uint8Array> {
    const wanted = Math.max(0, Math.min(length, this.size - offset))
    if (wanted === 0) return Promise.resolve(new Uint8Array(0))
    if (wanted >= this.limit) return this.fetch(offset, wanted)
    const result = this.queue.then(() => this.readSmall(offset, wanted))
    this.queue = result.catch(() => {})
    return result
  }

  async close(): Promise<void> {
    this.block = new Uint8Array(0)
  }

  private async readSmall(offset: number, length: number): Promise<Uint8Array> {
    const end = this.start + this.block.length
    const inside = offset >= this.start && offset <= end && this.block.length > 0
    if (inside && offset + length <= end) {
      const at = offset - this.start
      // A copy, as the caller may keep it and the block is much larger.
      return this.block.slice(at, at + length)
    }
    const head = inside ? this.block.subarray(offset - this.start) : new Uint8Array(0)
    this.ahead = inside
      ? Math.min(this.limit, this.ahead * 2)
      : Math.min(FIRST_READ_AHEAD, this.limit)
    const from = offset + head.length
    const more = Math.min(this.size - from, Math.max(length - head.length, this.ahead))
    const fetched = await this.fetch(from, more)
    this.block = fetched
    this.start = from
    if (head.length === 0) return fetched.slice(0, length)
    const out = new Uint8Array(Math.min(length, head.length + fetched.length))
    out.set(head)
    out.set(fetched.subarray(0, out.length - head.length), head.length)
    return out
  }
}

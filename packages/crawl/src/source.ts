/** A file that can be read at any place: local, or an object store behind range requests. */
export interface RandomAccess {
  /** Length of the stored (compressed) file, bytes. */
  readonly size: number
  readonly uri: string
  /** Bytes [offset, offset + length), fewer where the file ends. The caller may keep what it gets. */
  read(offset: number, length: number): Promise<Uint8Array>
}

/** A file that is in memory already. */
export function bytesSource(uri: string, bytes: Uint8Array): RandomAccess {
  return {
    uri,
    size: bytes.length,
    read: async (offset, length) => bytes.subarray(offset, offset + length),
  }
}

/** Bytes asked of the source at once: large enough for one S3 range request to pay, small enough to hold. */
export const READ_BYTES = 4 << 20

/**
 * A sliding view on a source, read forward in blocks. Views it hands out stay valid: a block is never
 * overwritten, only dropped.
 */
export class ReadWindow {
  private block: Uint8Array = new Uint8Array(0)
  private start = 0

  constructor(
    readonly source: RandomAccess,
    private readonly blockBytes = READ_BYTES,
  ) {}

  /** At least `length` bytes from `position` on (more if they are there already), fewer only at the end of the file. */
  async at(position: number, length: number): Promise<Uint8Array> {
    const { size } = this.source
    if (position >= size) return new Uint8Array(0)
    const wanted = Math.min(length, size - position)
    const end = this.start + this.block.length
    if (position < this.start || position + wanted > end) {
      const kept =
        position >= this.start && position < end
          ? this.block.subarray(position - this.start)
          : new Uint8Array(0)
      const from = position + kept.length
      const more = Math.min(size - from, Math.max(wanted - kept.length, this.blockBytes))
      const read = await this.readFully(from, more)
      this.block = kept.length === 0 ? read : concat([kept, read])
      this.start = position
    }
    return this.block.subarray(position - this.start)
  }

  /** The file from `position` to its end, block by block. */
  async *chunks(position: number): AsyncGenerator<Uint8Array> {
    for (let from = position; from < this.source.size; ) {
      const chunk = await this.at(from, 1)
      if (chunk.length === 0) return
      yield chunk
      from += chunk.length
    }
  }

  private async readFully(offset: number, length: number): Promise<Uint8Array> {
    const first = await this.source.read(offset, length)
    if (first.length >= length || first.length === 0) return first
    const parts = [first]
    for (let got = first.length; got < length; ) {
      const part = await this.source.read(offset + got, length - got)
      if (part.length === 0) break
      parts.push(part)
      got += part.length
    }
    return concat(parts)
  }
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

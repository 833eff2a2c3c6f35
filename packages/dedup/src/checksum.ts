import { CorruptError, hash64 } from '@winnow/core'

const CHUNK = 1 << 20
export const CHECKSUM_BYTES = 8

/** XXH64 of `bytes`, in chunks of 1 MiB that are each seeded with the hash of those before, so memory stays small. */
export function checksum(bytes: Uint8Array): bigint {
  let hash = hash64(bytes.subarray(0, CHUNK), 0n)
  for (let at = CHUNK; at < bytes.length; at += CHUNK)
    hash = hash64(bytes.subarray(at, at + CHUNK), hash)
  return hash
}

/** Writes the checksum of all bytes before the last 8 into the last 8. */
export function seal(bytes: Uint8Array): Uint8Array {
  const body = bytes.subarray(0, bytes.length - CHECKSUM_BYTES)
  viewOf(bytes).setBigUint64(body.length, checksum(body), true)
  return bytes
}

/**
 * Checks what `seal` wrote.
 *
 * @throws CorruptError when the bytes are not those that were sealed.
 */
export function requireSealed(bytes: Uint8Array, what: string): void {
  const end = bytes.length - CHECKSUM_BYTES
  if (end < 0 || viewOf(bytes).getBigUint64(end, true) !== checksum(bytes.subarray(0, end)))
    throw new CorruptError(
      `${what} does not match its checksum`,
      'It was cut off or changed after it was written. Delete it; it is made again from the shards.',
    )
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** The words at `start`: a view where they lie on a multiple of 4, a copy elsewhere. */
export function wordsAt(bytes: Uint8Array, start: number, length: number): Uint32Array {
  const offset = bytes.byteOffset + start
  if (offset % 4 === 0) return new Uint32Array(bytes.buffer, offset, length / 4)
  return new Uint32Array(bytes.slice(start, start + length).buffer)
}

/** Bytes up to the next multiple of 4, where words can begin. */
export function padded(bytes: number): number {
  return Math.ceil(bytes / 4) * 4
}

/** Whether a number that was read can be a count. */
export function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

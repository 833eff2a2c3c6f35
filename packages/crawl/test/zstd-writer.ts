const MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd])
/** No checksum, no content size, a window descriptor follows. */
const DESCRIPTOR = 0
const BLOCK_BYTES = 1 << 16

/** A zstd frame of raw blocks (RFC 8878): nothing is compressed, but every decoder reads it. */
export function zstdFrame(data: Uint8Array, windowDescriptor = 0x58): Buffer {
  const parts: Uint8Array[] = [MAGIC, Buffer.from([DESCRIPTOR, windowDescriptor])]
  for (let at = 0; at === 0 || at < data.length; at += BLOCK_BYTES) {
    const block = data.subarray(at, at + BLOCK_BYTES)
    const last = at + BLOCK_BYTES >= data.length
    parts.push(blockHeader(block.length, 0, last), block)
  }
  return Buffer.concat(parts)
}

/** A frame of `blocks` run-length blocks, 128 KiB of one byte each: a bomb of 4 bytes per 128 KiB. */
export function zstdBomb(blocks: number): Buffer {
  const parts: Uint8Array[] = [MAGIC, Buffer.from([DESCRIPTOR, 0x58])]
  for (let i = 0; i < blocks; i++)
    parts.push(blockHeader(128 << 10, 1, i === blocks - 1), Uint8Array.of(0x61))
  return Buffer.concat(parts)
}

function blockHeader(size: number, type: number, last: boolean): Buffer {
  const header = Buffer.alloc(3)
  header.writeUIntLE((size << 3) | (type << 1) | (last ? 1 : 0), 0, 3)
  return header
}

import { CorruptError } from '@winnow/core'

/**
 * What a Snappy block holds, read byte by byte.
 *
 * Source: the format description in google/snappy. Throws CorruptError when it is not sound.
 */
export function snappyDecompress(block: Uint8Array): Uint8Array {
  let at = 0
  const next = (): number => {
    const byte = block[at++]
    if (byte === undefined) throw new CorruptError('a Snappy block ends early')
    return byte
  }
  const little = (bytes: number): number => {
    let value = 0
    for (let i = 0; i < bytes; i++) value += next() * 256 ** i
    return value
  }
  let length = 0
  for (let shift = 0, byte = 0x80; byte >= 0x80; shift += 7) {
    byte = next()
    length += (byte & 0x7f) * 2 ** shift
  }
  const out: number[] = []
  while (at < block.length) {
    const tag = next()
    const kind = tag & 3
    if (kind === 0) {
      const short = tag >> 2
      const count = (short < 60 ? short : little(short - 59)) + 1
      for (let i = 0; i < count; i++) out.push(next())
      continue
    }
    const count = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1
    const offset = kind === 1 ? (tag >> 5) * 256 + next() : little(kind === 2 ? 2 : 4)
    if (offset === 0 || offset > out.length)
      throw new CorruptError('a Snappy block copies from before its beginning')
    for (let i = 0; i < count; i++) out.push(out[out.length - offset] as number)
  }
  if (out.length !== length)
    throw new CorruptError('a Snappy block has another length than it says')
  return Uint8Array.from(out)
}

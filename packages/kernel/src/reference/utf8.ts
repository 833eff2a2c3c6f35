/** One code point of a text and the bytes [start, end) it stood in; `codePoint` is -1 for a byte that is no UTF-8. */
export interface Decoded {
  readonly codePoint: number
  readonly start: number
  readonly end: number
}

const SHORTEST = [0, 0, 0x80, 0x800, 0x10000]

/** Decodes UTF-8 strictly: overlong forms, surrogates and values over U+10FFFF are bad, one bad byte at a time. */
export function decode(bytes: Uint8Array): Decoded[] {
  const out: Decoded[] = []
  for (let start = 0; start < bytes.length; ) {
    const decoded = decodeAt(bytes, start)
    out.push(decoded)
    start = decoded.end
  }
  return out
}

function decodeAt(bytes: Uint8Array, start: number): Decoded {
  const bad = { codePoint: -1, start, end: start + 1 }
  const lead = bytes[start] as number
  const length =
    lead < 0x80 ? 1 : lead < 0xc0 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf8 ? 4 : 0
  if (length === 0) return bad
  let codePoint = length === 1 ? lead : lead & (0x7f >> length)
  for (let i = 1; i < length; i++) {
    const byte = bytes[start + i] ?? 0
    if ((byte & 0xc0) !== 0x80) return bad
    codePoint = (codePoint << 6) | (byte & 0x3f)
  }
  const surrogate = codePoint >= 0xd800 && codePoint < 0xe000
  if (codePoint < (SHORTEST[length] as number) || surrogate || codePoint > 0x10ffff) return bad
  return { codePoint, start, end: start + length }
}

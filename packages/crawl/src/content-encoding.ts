import {
  brotliDecompressSync,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  constants as zlib,
} from 'node:zlib'
import { asBuffer } from './bytes.js'
import { inflatedLimit, type ReadLimits } from './limits.js'
import { concat } from './source.js'
import { zstdChunks } from './zstd.js'

export type DecodedBody =
  | { readonly bytes: Uint8Array }
  | { readonly reason: 'broken_encoding' | 'compression_ratio'; readonly detail: string }

/**
 * Undoes Content-Encoding (gzip, deflate, br, zstd, several in a row). Crawlers may have undone it and left the
 * header: a body that does not look so encoded is taken as it is. A body that is cut off gives what it holds.
 */
export function decodeBody(body: Uint8Array, encodings: string, limits: ReadLimits): DecodedBody {
  let bytes = body
  const named = encodings
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
  for (const name of named.reverse()) {
    const decoded = decodeOne(bytes, name, limits)
    if ('reason' in decoded) return decoded
    bytes = decoded.bytes
  }
  // gzip that no header names: no text begins with these bytes
  if (isGzip(bytes)) {
    const decoded = decodeOne(bytes, 'gzip', limits)
    if ('bytes' in decoded) return decoded
  }
  return { bytes }
}

function decodeOne(bytes: Uint8Array, name: string, limits: ReadLimits): DecodedBody {
  const maxOutputLength = inflatedLimit(bytes.length, limits)
  const flush = { finishFlush: zlib.Z_SYNC_FLUSH, maxOutputLength }
  switch (name) {
    case 'gzip':
    case 'x-gzip':
      return isGzip(bytes) ? attempt(name, () => gunzipSync(bytes, flush)) : { bytes }
    case 'deflate':
      // the standard means zlib's wrapper, some servers send none
      return isZlib(bytes)
        ? attempt(name, () => inflateSync(bytes, flush))
        : isText(bytes)
          ? { bytes }
          : attempt(name, () => inflateRawSync(bytes, flush))
    case 'br': {
      const decoded = attempt(name, () =>
        brotliDecompressSync(bytes, {
          finishFlush: zlib.BROTLI_OPERATION_FLUSH,
          maxOutputLength,
        }),
      )
      return 'reason' in decoded && decoded.reason === 'broken_encoding' && isText(bytes)
        ? { bytes }
        : decoded
    }
    case 'zstd':
      return isZstd(bytes) ? attempt(name, () => unzstd(bytes, maxOutputLength)) : { bytes }
    default:
      return { bytes }
  }
}

function attempt(name: string, decode: () => Uint8Array): DecodedBody {
  try {
    return { bytes: decode() }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'ERR_BUFFER_TOO_LARGE'
      ? { reason: 'compression_ratio', detail: `${name}: ${message}` }
      : { reason: 'broken_encoding', detail: `${name}: ${message}` }
  }
}

function unzstd(bytes: Uint8Array, maxBytes: number): Uint8Array {
  const parts: Uint8Array[] = []
  let size = 0
  for (const part of zstdChunks(bytes)) {
    size += part.length
    if (size > maxBytes)
      throw Object.assign(new RangeError(`more than ${maxBytes} bytes`), {
        code: 'ERR_BUFFER_TOO_LARGE',
      })
    parts.push(part)
  }
  return concat(parts)
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8
}

function isZstd(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && asBuffer(bytes).readUInt32LE(0) === 0xfd2fb528
}

/** A zlib header (RFC 1950): method 8, and a checksum that is a multiple of 31. */
function isZlib(bytes: Uint8Array): boolean {
  const [first = 0, second = 0] = bytes
  return (first & 0x0f) === 8 && first >> 4 <= 7 && (first * 256 + second) % 31 === 0
}

/** No control characters in the first bytes: this was never compressed. */
function isText(bytes: Uint8Array): boolean {
  for (const byte of bytes.subarray(0, 256))
    if (byte < 0x20 && byte !== 9 && byte !== 10 && byte !== 13 && byte !== 12) return false
  return true
}

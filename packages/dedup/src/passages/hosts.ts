import { rowCount, Utf8Builder, type Utf8Column, valueBytes } from '@winnow/core'

const COLON = 0x3a
const SLASH = 0x2f
const AT = 0x40
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
/** What ends the authority of a URL: `/`, `\`, `?`, `#`. */
const AUTHORITY_END = new Set([SLASH, 0x5c, 0x3f, 0x23])

/**
 * The host of each URL as it stands there, in lower case, without user and port; '' where there is none.
 * `www.` and the host without it are two hosts, as they are two URLs.
 */
export function hostColumn(urls: Utf8Column): Utf8Column {
  const rows = rowCount(urls)
  const builder = new Utf8Builder(rows, 24)
  for (let row = 0; row < rows; row++) builder.appendBytes(lowerCase(hostOf(valueBytes(urls, row))))
  return builder.finish()
}

function hostOf(url: Uint8Array): Uint8Array {
  const scheme = url.indexOf(COLON)
  if (scheme < 1 || url[scheme + 1] !== SLASH || url[scheme + 2] !== SLASH) return NO_BYTES
  let start = scheme + 3
  let end = start
  while (end < url.length && !AUTHORITY_END.has(url[end] as number)) end++
  const user = url.lastIndexOf(AT, end - 1)
  if (user >= start) start = user + 1
  const closed = url[start] === OPEN_BRACKET ? url.indexOf(CLOSE_BRACKET, start) : start
  const port = url.indexOf(COLON, closed)
  return url.subarray(start, port >= 0 && port < end ? port : end)
}

const NO_BYTES = new Uint8Array(0)

function lowerCase(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte) => (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte))
}

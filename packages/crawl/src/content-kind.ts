import { latin1, startsWith } from './bytes.js'

const MAGIC: readonly [string, string][] = [
  ['PK\x03\x04', 'a ZIP archive'],
  ['%PDF-', 'a PDF'],
  ['\x89PNG', 'a PNG image'],
  ['GIF8', 'a GIF image'],
  ['\xff\xd8\xff', 'a JPEG image'],
  ['BZh', 'bzip2 data'],
  ['\xfd7zXZ', 'xz data'],
  ['7z\xbc\xaf', 'a 7-Zip archive'],
  ['\x04"M\x18', 'lz4 data'],
  ['SQLite format 3', 'an SQLite database'],
  ['\x7fELF', 'a program'],
  ['filedesc://', 'an ARC file (the format before WARC; warcio recompress converts it)'],
]

/** What a file that cannot be read seems to be, as a phrase. */
export function describeContent(head: Uint8Array): string {
  if (head.length === 0) return 'data that cannot be decompressed'
  const known = MAGIC.find(([magic]) => startsWith(head, magic))
  if (known !== undefined) return known[1]
  if (startsWith(head, 'ustar', 257)) return 'a tar archive'
  const text = latin1(head, 0, 256)
  const trimmed = text.trimStart()
  if (/^<(?:!doctype\s+html|html)/i.test(trimmed)) return 'an HTML page'
  if (trimmed.startsWith('<?xml')) return 'XML'
  if (trimmed.startsWith('['))
    return 'a JSON array (write one object per line instead, as `jq -c .[]` does)'
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what tells binary from text
  if (/[\x00-\x08\x0e-\x1f]/.test(text))
    return `binary data that begins with ${Buffer.from(head.subarray(0, 8)).toString('hex')}`
  return `text that begins with ${JSON.stringify(trimmed.slice(0, 40))}`
}

import { asBuffer, latin1, startsWith } from './bytes.js'

/** Longest WARC header block that is looked for; the crawlers' own stay below 4 KiB. */
export const MAX_HEADER_BYTES = 64 << 10

/** The header of one WARC record (ISO 28500, section 4). Field names are lower case. */
export interface WarcHeader {
  readonly fields: ReadonlyMap<string, string>
  /** Length of the header block with its blank line, bytes. */
  readonly headerBytes: number
  /** Content-Length, bytes; -1 when missing or no number. */
  readonly contentLength: number
}

/**
 * Reads the header at `at`. Takes bare line feeds, folded lines and any letter case. Null when no blank line ends
 * it within `MAX_HEADER_BYTES` or no version line begins it.
 */
export function parseWarcHeader(bytes: Uint8Array, at = 0): WarcHeader | null {
  if (!startsWith(bytes, 'WARC/', at)) return null
  const end = headerEnd(bytes, at)
  if (end < 0) return null
  const text = asBuffer(bytes).toString('utf8', at, end)
  const fields = parseFields(text.slice(text.indexOf('\n') + 1))
  const length = fields.get('content-length') ?? ''
  return {
    fields,
    headerBytes: end - at,
    contentLength: /^\d{1,15}$/.test(length) ? Number(length) : -1,
  }
}

/**
 * The header at `at` if it ends before the next version line. Where text may only look like records this keeps the
 * search linear: no header is looked for through others.
 */
export function parseLoneHeader(bytes: Uint8Array, at: number): WarcHeader | null {
  const next = findHeader(bytes.subarray(0, at + MAX_HEADER_BYTES), at + 1)
  return parseWarcHeader(next < 0 ? bytes : bytes.subarray(0, next), at)
}

/** Offset behind the blank line that ends the header at `at`, or -1. */
export function headerEnd(bytes: Uint8Array, at: number): number {
  const limit = Math.min(bytes.length, at + MAX_HEADER_BYTES)
  for (let i = bytes.indexOf(10, at); i >= 0 && i < limit; i = bytes.indexOf(10, i + 1)) {
    if (bytes[i + 1] === 10) return i + 2
    if (bytes[i + 1] === 13 && bytes[i + 2] === 10) return i + 3
  }
  return -1
}

/** `Name: value` lines; a line that begins with white space goes on the one before. The first of a name stands. */
export function parseFields(text: string): Map<string, string> {
  const fields = new Map<string, string>()
  let last = ''
  for (const line of text.split(/\r?\n/)) {
    if (line === '') continue
    if (line[0] === ' ' || line[0] === '\t') {
      if (last !== '') fields.set(last, `${fields.get(last) ?? ''} ${line.trim()}`.trim())
      continue
    }
    const colon = line.indexOf(':')
    if (colon <= 0) continue
    const name = line.slice(0, colon).trim().toLowerCase()
    last = fields.has(name) ? '' : name
    if (last !== '') fields.set(name, line.slice(colon + 1).trim())
  }
  return fields
}

/** The record's URL. wget 1.19 wrote it in angle brackets; some crawlers leave spaces in it. */
export function targetUri(header: WarcHeader): string {
  const uri = header.fields.get('warc-target-uri') ?? ''
  const bare = uri.startsWith('<') && uri.endsWith('>') ? uri.slice(1, -1) : uri
  return bare.replaceAll(' ', '%20')
}

/** WARC-Date as ISO 8601; also takes the 14 digits of ARC. '' when it is no date. */
export function recordDate(header: WarcHeader): string {
  const date = header.fields.get('warc-date') ?? ''
  const digits = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(date)
  const iso = digits === null ? date : isoOfDigits(digits)
  return /^\d{4}(-\d\d(-\d\d(T[\d:.]+(Z|[+-]\d\d:?\d\d)?)?)?)?$/.test(iso) ? iso : ''
}

export function recordType(header: WarcHeader): string {
  return (header.fields.get('warc-type') ?? '').toLowerCase()
}

/** True when the header has the four fields that every record must have (ISO 28500, section 4). */
export function isCompleteHeader(header: WarcHeader): boolean {
  return (
    header.contentLength >= 0 &&
    header.fields.has('warc-type') &&
    header.fields.has('warc-record-id') &&
    header.fields.has('warc-date')
  )
}

/**
 * Next version line of a WARC header at or after `from`, -1 if none. It need not begin a line: a crawler that was
 * killed and started again writes on in the middle of its last record.
 */
export function findHeader(bytes: Uint8Array, from: number): number {
  const buffer = asBuffer(bytes)
  for (let at = buffer.indexOf('WARC/', from, 'latin1'); at >= 0; ) {
    if (/^WARC\/[01]\.\d{1,2}\r?\n/.test(latin1(bytes, at, at + 12))) return at
    at = buffer.indexOf('WARC/', at + 1, 'latin1')
  }
  return -1
}

function isoOfDigits(digits: RegExpExecArray): string {
  const [, year, month, day, hour, minute, second] = digits
  return `${year}-${month}-${day}T${hour}:${minute}:${second}Z`
}

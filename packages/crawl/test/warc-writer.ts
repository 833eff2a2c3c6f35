import { constants, gzipSync } from 'node:zlib'

export interface RecordSpec {
  readonly type?: string
  readonly url?: string
  readonly date?: string
  readonly contentType?: string
  readonly body: Uint8Array | string
  readonly fields?: Readonly<Record<string, string>>
  readonly contentLength?: number | string
  readonly version?: string
}

let serial = 0

/** One WARC record with its closing blank line. */
export function warcRecord(spec: RecordSpec): Buffer {
  const body = Buffer.from(spec.body)
  const fields: Record<string, string> = {
    'WARC-Type': spec.type ?? 'response',
    'WARC-Record-ID': `<urn:uuid:00000000-0000-0000-0000-${String(serial++).padStart(12, '0')}>`,
    'WARC-Date': spec.date ?? '2026-01-02T03:04:05Z',
    ...(spec.url === undefined ? {} : { 'WARC-Target-URI': spec.url }),
    'Content-Type': spec.contentType ?? 'application/http; msgtype=response',
    ...spec.fields,
    'Content-Length': String(spec.contentLength ?? body.length),
  }
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
  const head = `WARC/${spec.version ?? '1.0'}\r\n${lines.join('')}\r\n`
  return Buffer.concat([Buffer.from(head), body, Buffer.from('\r\n\r\n')])
}

/** A stored HTTP response. */
export function httpResponse(
  body: Uint8Array | string,
  headers: Readonly<Record<string, string>> = {},
  status = '200 OK',
): Buffer {
  const all: Record<string, string> = { 'Content-Type': 'text/html; charset=utf-8', ...headers }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.concat([
    Buffer.from(`HTTP/1.1 ${status}\r\n${lines.join('')}\r\n`),
    Buffer.from(body),
  ])
}

/** A response record that holds an HTML page. */
export function pageRecord(
  url: string,
  html: Uint8Array | string,
  headers: Readonly<Record<string, string>> = {},
): Buffer {
  return warcRecord({ url, body: httpResponse(html, headers) })
}

export function gzipEach(records: readonly Uint8Array[]): Buffer {
  return Buffer.concat(records.map((record) => gzipSync(record)))
}

/** gzip that does not compress: the data stands in it verbatim, in stored blocks. */
export function gzipStored(data: Uint8Array): Buffer {
  return gzipSync(data, { level: constants.Z_NO_COMPRESSION })
}

/** Text of `length` characters that does not compress to nothing; the same for the same seed. */
export function prose(seed: number, length: number): string {
  let state = seed * 2654435761 + 1
  let out = ''
  while (out.length < length) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    out += `${(state >>> 8).toString(36)} `
    if ((state & 0x1f00) === 0) out += 'wörter über Zeichen. '
  }
  return out.slice(0, length)
}

/** A small crawl: a warcinfo, then request, response and metadata of each page. */
export function crawlRecords(pages: number, sizes: (page: number) => number): Buffer[] {
  const records = [
    warcRecord({
      type: 'warcinfo',
      contentType: 'application/warc-fields',
      body: 'software: test\r\n',
    }),
  ]
  for (let page = 0; page < pages; page++) {
    const url = `https://example.org/page/${page}`
    const html = `<html><title>Page ${page}</title><p>${prose(page, sizes(page))}</p></html>`
    records.push(
      warcRecord({ type: 'request', url, body: `GET /page/${page} HTTP/1.1\r\n\r\n` }),
      pageRecord(url, html),
      warcRecord({
        type: 'metadata',
        url,
        contentType: 'application/warc-fields',
        body: 'fetchTimeMs: 1\r\n',
      }),
    )
  }
  return records
}

import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { fates, pagesOf, readAll } from './reading.js'
import {
  crawlRecords,
  gzipEach,
  httpResponse,
  pageRecord,
  prose,
  warcRecord,
} from './warc-writer.js'

const HTML =
  '<html><body><p>Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich.</p></body></html>'

/** The one page of a WARC file that holds `record`. */
async function onePage(record: Uint8Array) {
  const items = await readAll('one.warc', record)
  expect(fates(items)).toEqual({ page: 1 })
  return pagesOf(items)[0]
}

/** `body` in HTTP chunks of `size` bytes. */
function chunked(body: Uint8Array, size: number): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < body.length; at += size) {
    const part = Buffer.from(body.subarray(at, at + size))
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n'))
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')])
}

describe('a stored file', () => {
  const records = crawlRecords(5, () => 400)
  it.each([
    ['plain', 'a.warc', Buffer.concat(records)],
    ['one gzip member per record', 'a.warc.gz', gzipEach(records)],
    ['one gzip member for all', 'a.warc.gz', gzipSync(Buffer.concat(records))],
    ['a name that says nothing', 'a.dat', gzipEach(records)],
  ])('reads the same: %s', async (_name, uri, bytes) => {
    const items = await readAll(uri, bytes)
    expect(fates(items)).toEqual({ warcinfo: 1, request: 5, page: 5, metadata: 5 })
    expect(pagesOf(items).map((page) => page.url)).toEqual(
      [0, 1, 2, 3, 4].map((i) => `https://example.org/page/${i}`),
    )
  })

  it('with bare line feeds and folded, oddly cased fields is read', async () => {
    const http = `HTTP/1.0 200\ncontent-TYPE: text/html\n\n${HTML}`
    const record = `WARC/1.0\nwarc-type: response\nWARC-Target-URI:\n http://a/\ncontent-length: ${Buffer.byteLength(http)}\n\n${http}\n\n`
    const items = await readAll('a.warc', Buffer.from(record + record))
    expect(fates(items)).toEqual({ page: 2 })
    expect(items[0]).toMatchObject({ url: 'http://a/', html: HTML })
  })

  it('of WARC 1.1 keeps sub-second dates', async () => {
    const record = warcRecord({
      version: '1.1',
      url: 'http://a/',
      date: '2026-01-02T03:04:05.678Z',
      body: httpResponse(HTML),
    })
    expect((await onePage(record))?.date).toBe('2026-01-02T03:04:05.678Z')
  })

  it('positions are those of the gzip members', async () => {
    const items = await readAll('a.warc.gz', gzipEach(records))
    let at = 0
    for (const [i, record] of records.entries()) {
      expect(items[i]?.position).toBe(at)
      at += gzipSync(record).length
    }
  })

  it('with several records in a member gives each its own position', async () => {
    const bytes = Buffer.concat([
      gzipEach(records.slice(0, 2)),
      gzipSync(Buffer.concat(records.slice(2))),
    ])
    const items = await readAll('a.warc.gz', bytes)
    expect(items).toHaveLength(records.length)
    expect(new Set(items.map((item) => item.position)).size).toBe(records.length)
  })
})

describe('an HTTP body', () => {
  const body = Buffer.from(HTML)
  it.each<[string, Uint8Array, Record<string, string>]>([
    ['plain', body, {}],
    ['chunked', chunked(body, 10), { 'Transfer-Encoding': 'chunked' }],
    ['called chunked, but joined already', body, { 'Transfer-Encoding': 'chunked' }],
    [
      'chunked and gzipped',
      chunked(gzipSync(body), 16),
      { 'Transfer-Encoding': 'chunked', 'Content-Encoding': 'gzip' },
    ],
    ['gzip', gzipSync(body), { 'Content-Encoding': 'gzip' }],
    ['called gzip, but plain', body, { 'Content-Encoding': 'gzip' }],
    ['gzip that no header names', gzipSync(body), {}],
    ['gzip twice', gzipSync(gzipSync(body)), { 'Content-Encoding': 'gzip, gzip' }],
    ['deflate with the zlib wrapper', deflateSync(body), { 'Content-Encoding': 'deflate' }],
    ['deflate without', deflateRawSync(body), { 'Content-Encoding': 'deflate' }],
    ['called deflate, but plain', body, { 'Content-Encoding': 'deflate' }],
    ['brotli', brotliCompressSync(body), { 'Content-Encoding': 'br' }],
    ['called brotli, but plain', body, { 'Content-Encoding': 'br' }],
    ['in an encoding nobody knows', body, { 'Content-Encoding': 'none' }],
    [
      'whose gzip is cut off behind the text',
      gzipSync(body).subarray(0, -6),
      { 'Content-Encoding': 'gzip' },
    ],
  ])('%s is read', async (_name, stored, headers) => {
    expect((await onePage(pageRecord('http://a/', stored, headers)))?.html).toBe(HTML)
  })

  it('whose chunks end early gives what there is', async () => {
    const stored = chunked(body, 10).subarray(0, 60)
    const page = await onePage(pageRecord('http://a/', stored, { 'Transfer-Encoding': 'chunked' }))
    expect(HTML.startsWith(page?.html ?? 'x')).toBe(true)
    expect(page?.html.length).toBeGreaterThan(20)
  })

  it('that cannot be decoded is counted, with the rest of the file read', async () => {
    const damaged = gzipSync(Buffer.from(prose(1, 5000)))
    damaged.fill(0xff, 30, 60)
    const items = await readAll(
      'a.warc',
      Buffer.concat([
        pageRecord('http://broken/', damaged, { 'Content-Encoding': 'gzip' }),
        pageRecord('http://good/', HTML),
      ]),
    )
    expect(fates(items)).toEqual({ broken_encoding: 1, page: 1 })
    expect(items[0]).toMatchObject({ url: 'http://broken/', recordType: 'response' })
  })
})

describe('what is not a page is counted by its reason', () => {
  const url = 'http://a/'
  it.each<[string, Uint8Array]>([
    ['http_status', warcRecord({ url, body: httpResponse(HTML, {}, '404 Not Found') })],
    ['http_status', warcRecord({ url, body: httpResponse('', {}, '301 Moved') })],
    [
      'not_html',
      pageRecord(url, Buffer.from('\x89PNG\r\n', 'latin1'), { 'Content-Type': 'image/png' }),
    ],
    ['not_html', pageRecord(url, Buffer.from('%PDF-1.4 ...'), { 'Content-Type': 'text/html' })],
    ['not_html', pageRecord(url, 'just text', { 'Content-Type': '' })],
    ['not_html', warcRecord({ type: 'resource', url, contentType: 'image/gif', body: 'GIF89a' })],
    ['empty', pageRecord(url, ' \r\n ')],
    [
      'payload_truncated',
      warcRecord({ url, body: httpResponse(HTML), fields: { 'WARC-Truncated': 'length' } }),
    ],
    ['revisit', warcRecord({ type: 'revisit', url, body: httpResponse('') })],
    ['unknown_record_type', warcRecord({ type: 'screenshot', url, body: 'x' })],
    ['continuation', warcRecord({ type: 'continuation', url, body: 'x' })],
    ['broken_http', warcRecord({ url, body: 'no status line here' })],
  ])('%s', async (reason, record) => {
    expect(await readAll('a.warc', record)).toEqual([
      {
        kind: 'skipped',
        url,
        position: 0,
        recordType: expect.any(String),
        reason,
        detail: expect.any(String),
      },
    ])
  })
})

describe('tolerance', () => {
  it('takes URLs in angle brackets and with spaces', async () => {
    expect((await onePage(pageRecord('<http://a/b c>', HTML)))?.url).toBe('http://a/b%20c')
  })

  it('takes a resource record of HTML as a page', async () => {
    const record = warcRecord({
      type: 'resource',
      url: 'http://a/',
      contentType: 'text/html',
      body: HTML,
    })
    expect((await onePage(record))?.html).toBe(HTML)
  })

  it('takes status lines of other protocols and headers without a space', async () => {
    const http = Buffer.concat([
      Buffer.from('HTTP/2 200\nContent-Type:TEXT/HTML;charset="utf-8"\n\n'),
      Buffer.from(HTML),
    ])
    expect((await onePage(warcRecord({ url: 'http://a/', body: http })))?.html).toBe(HTML)
  })

  it('looks at the body where the type says nothing', async () => {
    expect(
      (await onePage(pageRecord('http://a/', HTML, { 'Content-Type': 'application/octet-stream' })))
        ?.html,
    ).toBe(HTML)
  })

  it('hands on the language that the server names', async () => {
    expect(
      (await onePage(pageRecord('http://a/', HTML, { 'Content-Language': 'de' })))?.language,
    ).toBe('de')
  })

  it('gives the text of WET records as documents', async () => {
    const record = warcRecord({
      type: 'conversion',
      url: 'http://a/',
      contentType: 'text/plain',
      body: 'Ein Text.',
      fields: { 'WARC-Identified-Content-Language': 'deu,eng' },
    })
    expect(await readAll('a.warc.wet.gz', gzipEach([record]))).toEqual([
      {
        kind: 'document',
        text: 'Ein Text.',
        position: 0,
        url: 'http://a/',
        date: '2026-01-02T03:04:05Z',
        language: 'deu',
      },
    ])
  })
})

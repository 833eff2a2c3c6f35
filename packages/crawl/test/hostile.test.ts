import { gzipSync } from 'node:zlib'
import { InputError } from '@winnow/core'
import { describe, expect, it } from 'vitest'
import type { CrawlItem } from '../src/index.js'
import { fates, pagesOf, readAll } from './reading.js'
import {
  crawlRecords,
  gzipEach,
  httpResponse,
  pageRecord,
  prose,
  warcRecord,
} from './warc-writer.js'

const records = crawlRecords(12, (page) => 100 + page * 150)
const layouts: [string, Uint8Array][] = [
  ['plain.warc', Buffer.concat(records)],
  ['members.warc.gz', gzipEach(records)],
  ['whole.warc.gz', gzipSync(Buffer.concat(records))],
  [
    'rows.jsonl',
    Buffer.from(
      Array.from({ length: 60 }, (_, i) => `${JSON.stringify({ text: prose(i, 90) })}\n`).join(''),
    ),
  ],
]

/** Numbers below `limit`, the same on every run. */
function numbers(seed: number): (limit: number) => number {
  let state = seed
  return (limit) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return (state >>> 4) % limit
  }
}

describe.each(layouts)('%s', (uri, bytes) => {
  it('cut off at 200 places ends with at most one broken record and the rest as it was', async () => {
    const whole = await readAll(uri, bytes)
    const next = numbers(3)
    for (let i = 0; i < 200; i++) {
      const length = 1 + next(bytes.length - 1)
      let items: CrawlItem[]
      try {
        items = await readAll(uri, bytes.subarray(0, length))
      } catch (error) {
        expect(error).toBeInstanceOf(InputError)
        expect(length).toBeLessThan(40)
        continue
      }
      const broken = items.filter(
        (item) => item.kind === 'skipped' && /truncated|broken|bad_json/.test(item.reason),
      )
      expect(broken.length, `cut at ${length}`).toBeLessThanOrEqual(1)
      const good = items.filter((item) => !broken.includes(item))
      expect(good).toEqual(whole.slice(0, good.length))
      if (broken.length === 0 && good.length > 0)
        expect(good.length, `cut at ${length}`).toBeLessThanOrEqual(whole.length)
      else expect(broken[0]).toBeDefined()
    }
  })

  it('with bytes changed at 250 places neither fails nor hangs, and loses little', async () => {
    const whole = await readAll(uri, bytes)
    const next = numbers(5)
    for (let i = 0; i < 250; i++) {
      const mutated = Buffer.from(bytes)
      for (let change = 0; change <= i % 3; change++) mutated[next(bytes.length)] = next(256)
      try {
        const items = await readAll(uri, mutated, { splitBytes: i % 2 === 0 ? 4000 : bytes.length })
        if (uri !== 'whole.warc.gz')
          expect(items.length, `mutation ${i}`).toBeGreaterThanOrEqual(whole.length - 8)
      } catch (error) {
        expect(error, `mutation ${i}`).toBeInstanceOf(InputError)
      }
    }
  })
})

describe('a broken record costs itself only', () => {
  const good = (name: string) => pageRecord(`http://${name}/`, `<p>${prose(9, 3000)}</p>`)
  const others = ['http://first/', 'http://last/']

  it.each<[string, Uint8Array]>([
    [
      'a length that is too large',
      warcRecord({ url: 'http://bad/', body: httpResponse('<p>x'), contentLength: 2000 }),
    ],
    [
      'a length that is too small',
      warcRecord({
        url: 'http://bad/',
        body: httpResponse(`<p>${prose(1, 500)}`),
        contentLength: 100,
      }),
    ],
    [
      'a length beyond any file',
      warcRecord({ url: 'http://bad/', body: httpResponse('<p>x'), contentLength: '99999999999' }),
    ],
    ['no length', warcRecord({ url: 'http://bad/', body: 'x', contentLength: 'many' })],
    ['noise', Buffer.from(prose(4, 5000))],
  ])('%s', async (_name, bad) => {
    for (const [uri, bytes] of [
      ['a.warc', Buffer.concat([good('first'), bad, good('last')])],
      ['a.warc.gz', gzipEach([good('first'), bad, good('last')])],
      ['whole.warc.gz', gzipSync(Buffer.concat([good('first'), bad, good('last')]))],
    ] as const) {
      const items = await readAll(uri, bytes)
      expect(pagesOf(items).map((page) => page.url)).toEqual(others)
      expect(items.length - 2, uri).toBe(1)
    }
  })

  it('a gzip member that is damaged is named by its URL', async () => {
    const bad = gzipSync(pageRecord('http://bad/', `<p>${prose(2, 20_000)}</p>`))
    bad.fill(0xff, 3000, 3100)
    const items = await readAll(
      'a.warc.gz',
      Buffer.concat([gzipSync(good('first')), bad, gzipSync(good('last'))]),
    )
    expect(pagesOf(items).map((page) => page.url)).toEqual(others)
    expect(items[1]).toMatchObject({
      kind: 'skipped',
      reason: 'broken_compression',
      url: 'http://bad/',
    })
  })

  it('a gzip checksum that does not match is noticed', async () => {
    const bad = gzipSync(good('bad'))
    bad[bad.length - 8] = (bad[bad.length - 8] as number) ^ 1
    const items = await readAll(
      'a.warc.gz',
      Buffer.concat([gzipSync(good('first')), bad, gzipSync(good('last'))]),
    )
    expect(fates(items)).toEqual({ page: 2, broken_compression: 1 })
  })
})

describe('limits', () => {
  const big = pageRecord('http://big/', `<p>${'a'.repeat(200 << 20)}</p>`)
  const small = pageRecord('http://small/', '<p>small</p>')

  it.each<[string, () => Uint8Array]>([
    ['a.warc', () => Buffer.concat([small, big, small])],
    ['a.warc.gz', () => gzipEach([small, big, small])],
    ['whole.warc.gz', () => gzipSync(Buffer.concat([small, big, small]), { level: 1 })],
  ])('a page of 200 MB in %s is counted and the rest read', async (_uri, make) => {
    const items = await readAll(_uri, make())
    expect(items[1]).toMatchObject({ reason: 'record_too_large', url: 'http://big/' })
    if (_uri === 'whole.warc.gz') expect(fates(items).record_too_large).toBe(1)
    else expect(fates(items)).toEqual({ page: 2, record_too_large: 1 })
  })

  it('a decompression bomb in a body is counted', async () => {
    const bomb = gzipSync(Buffer.alloc(60 << 20))
    const items = await readAll(
      'a.warc',
      Buffer.concat([pageRecord('http://bomb/', bomb, { 'Content-Encoding': 'gzip' }), small]),
    )
    expect(fates(items)).toEqual({ compression_ratio: 1, page: 1 })
  })

  it('a decompression bomb in place of a record is counted', async () => {
    const bomb = gzipSync(Buffer.alloc(150 << 20))
    const items = await readAll(
      'a.warc.gz',
      Buffer.concat([gzipSync(small), bomb, gzipSync(small)]),
    )
    expect(fates(items).page).toBe(2)
    expect(items).toHaveLength(3)
  })

  it('are options', async () => {
    const items = await readAll(
      'a.warc',
      Buffer.concat([pageRecord('http://a/', `<p>${prose(1, 5000)}`), small]),
      { maxRecordBytes: 2000 },
    )
    expect(fates(items)).toEqual({ record_too_large: 1, page: 1 })
  })
})

describe('text that looks like records', () => {
  it.each([
    ['version lines', 'WARC/1.0\n'],
    ['folded version lines', ' WARC/1.0\n'],
    [
      'headers that lead nowhere',
      'WARC/1.0\nWARC-Type: a\nWARC-Record-ID: b\nWARC-Date: c\nContent-Length: 0\n\n\n',
    ],
  ])('costs time in proportion to its length: %s', async (_name, text) => {
    const start = pageRecord('http://a/', '<p>a')
    const bytes = Buffer.concat([
      start,
      Buffer.from(text.repeat(Math.ceil(1_000_000 / text.length))),
      start,
    ])
    const begun = performance.now()
    await readAll('a.warc', bytes, { splitBytes: 250_000 })
    expect(performance.now() - begun).toBeLessThan(20_000)
  })
})

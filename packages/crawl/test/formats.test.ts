import { gzipSync } from 'node:zlib'
import { InputError } from '@winnow/core'
import { tableFromArrays, tableToIPC } from 'apache-arrow'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { describe, expect, it } from 'vitest'
import { bytesSource, isPathsList, parsePathsList, planSplits } from '../src/index.js'
import { fates, readAll } from './reading.js'
import { crawlRecords, gzipEach, pageRecord, prose } from './warc-writer.js'
import { zstdBomb, zstdFrame } from './zstd-writer.js'

const rows = Array.from({ length: 300 }, (_, i) => ({
  id: `doc-${i}`,
  url: `https://example.org/${i}`,
  date: '2026-01-01',
  language: 'de',
  text: prose(i, 50 + i),
}))
const documents = rows.map((row, i) => ({ kind: 'document', ...row, position: i }))
const jsonl = Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''))

function parquet(columns: Record<string, string[]>, rowGroupSize = 50): Uint8Array {
  return new Uint8Array(
    parquetWriteBuffer({
      columnData: Object.entries(columns).map(([name, data]) => ({ name, data, type: 'STRING' })),
      rowGroupSize,
    }),
  )
}
const columns = {
  id: rows.map((row) => row.id),
  url: rows.map((row) => row.url),
  date: rows.map((row) => row.date),
  language: rows.map((row) => row.language),
  text: rows.map((row) => row.text),
}

async function rejection(promise: Promise<unknown>): Promise<InputError> {
  const error = await promise.catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(InputError)
  return error as InputError
}

describe('rows', () => {
  const positioned = (items: unknown[]) =>
    (items as { position: number }[]).map((item, i) => ({ ...item, position: i }))

  it.each([
    ['JSONL', 'a.jsonl', jsonl],
    ['JSONL with a byte-order mark', 'a.jsonl', Buffer.concat([Buffer.from('\ufeff'), jsonl])],
    [
      'JSONL with CRLF and empty lines',
      'a.jsonl',
      Buffer.from(jsonl.toString().replaceAll('\n', '\r\n\r\n')),
    ],
    ['JSONL in gzip', 'a.jsonl.gz', gzipSync(jsonl)],
    [
      'JSONL in two gzip members',
      'a.jsonl.gz',
      Buffer.concat([gzipSync(jsonl.subarray(0, 5000)), gzipSync(jsonl.subarray(5000))]),
    ],
    ['JSONL in zstd', 'a.jsonl.zst', zstdFrame(jsonl)],
    [
      'JSONL in two zstd frames',
      'a.jsonl.zst',
      Buffer.concat([zstdFrame(jsonl.subarray(0, 5000)), zstdFrame(jsonl.subarray(5000))]),
    ],
    ['Parquet', 'a.parquet', parquet(columns)],
    ['an Arrow stream', 'a.arrow', tableToIPC(tableFromArrays(columns), 'stream')],
    ['an Arrow file', 'a.feather', tableToIPC(tableFromArrays(columns), 'file')],
  ])('of %s are documents with their id, URL, date and language', async (_name, uri, bytes) => {
    expect(positioned(await readAll(uri, bytes))).toEqual(documents)
  })

  it('of Parquet are the same however many splits there are, and row numbers are their positions', async () => {
    const bytes = parquet(columns)
    const whole = await readAll('a.parquet', bytes)
    expect(whole).toEqual(documents)
    for (const splitBytes of [1, 2000, 9000]) {
      const { shards } = await planSplits(bytesSource('a.parquet', bytes), { splitBytes })
      expect(shards.length).toBeGreaterThan(1)
      expect(await readAll('a.parquet', bytes, { splitBytes })).toEqual(whole)
    }
  })

  it('take the text from another field', async () => {
    const bytes = Buffer.from('{"content":"Hallo","timestamp":"2020-02-02"}\n')
    expect(await readAll('a.jsonl', bytes, { textField: 'content' })).toEqual([
      { kind: 'document', text: 'Hallo', date: '2020-02-02', position: 0 },
    ])
  })

  it('that are bad are counted, with their place', async () => {
    const bytes = Buffer.from(
      '{"text":"one"}\n{"text":\n[1,2]\n{"text":7,"url":"http://a/"}\n{"other":"x"}\n{"text":" "}\n{"text":"two"}',
    )
    const items = await readAll('a.jsonl', bytes)
    expect(fates(items)).toEqual({ document: 2, bad_json: 2, no_text_field: 2, empty: 1 })
    expect(items[3]).toEqual({
      kind: 'skipped',
      url: 'http://a/',
      position: 30,
      recordType: 'line',
      reason: 'no_text_field',
      detail: 'text is no string',
    })
  })

  it('that are too long are counted, and the next ones read', async () => {
    const bytes = Buffer.from(`${JSON.stringify({ text: prose(1, 5000) })}\n{"text":"next"}\n`)
    expect(fates(await readAll('a.jsonl', bytes, { maxRecordBytes: 1000 }))).toEqual({
      record_too_large: 1,
      document: 1,
    })
    const bomb = Buffer.concat([zstdFrame(Buffer.from('{"text":"first"}\n')), zstdBomb(2000)])
    expect(fates(await readAll('a.jsonl.zst', bomb))).toEqual({ document: 1, record_too_large: 1 })
  })

  it('of a cut off gzip are read up to the cut', async () => {
    const items = await readAll('a.jsonl.gz', gzipSync(jsonl).subarray(0, 20_000))
    expect(fates(items).document).toBeGreaterThan(100)
    expect(fates(items).truncated).toBe(1)
  })

  it('of a damaged Parquet row group are counted, the others read', async () => {
    const bytes = parquet(columns).slice()
    bytes.fill(0xff, 10, 60)
    const items = await readAll('a.parquet', bytes)
    expect(fates(items)).toEqual({ broken_rows: 50, document: 250 })
  })
})

describe('a file without the text field is refused with what it has', () => {
  it.each<[string, string, Uint8Array]>([
    ['JSONL', 'a.jsonl', Buffer.from('{"body":"x","title":"y"}\n{"body":"z"}\n')],
    ['Parquet', 'a.parquet', parquet({ body: ['x'], title: ['y'] })],
    ['Arrow', 'a.arrow', tableToIPC(tableFromArrays({ body: ['x'], title: ['y'] }), 'stream')],
  ])('%s', async (_name, uri, bytes) => {
    const error = await rejection(readAll(uri, bytes))
    expect(error.message).toMatch(/"text"/)
    expect(error.hint).toMatch(/--text-field.*body, title/)
  })
})

describe('a file that is none of these is refused by what it is', () => {
  it.each<[string, string, Uint8Array | string, RegExp]>([
    ['a PNG', 'a.warc.gz', Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), /PNG image/],
    ['a ZIP', 'a.zip', Buffer.from('PK\x03\x04'), /ZIP archive/],
    ['an HTML page', 'a.html', '<!doctype html><p>hi', /HTML page/],
    ['a JSON array', 'a.json', '[{"text":"x"}]', /JSON array/],
    ['prose', 'a.txt', 'Call me Ishmael.', /text that begins with "Call me Ishmael."/],
    ['gzipped prose', 'a.gz', gzipSync('Call me Ishmael.'), /gzip of text that begins/],
    ['noise', 'a.bin', Uint8Array.of(1, 2, 3, 4), /binary data that begins with 01020304/],
    ['an ARC file', 'a.arc', 'filedesc://x 0.0.0.0 2001', /ARC file/],
    ['a cut off Parquet', 'a.parquet', parquet(columns).subarray(0, 500), /no readable Parquet/],
    [
      'a broken Arrow stream',
      'a.arrow',
      Uint8Array.of(
        255,
        255,
        255,
        255,
        16,
        0,
        0,
        0,
        1,
        2,
        3,
        4,
        5,
        6,
        7,
        8,
        9,
        10,
        11,
        12,
        13,
        14,
        15,
        16,
      ),
      /no readable Arrow/,
    ],
  ])('%s', async (_name, uri, bytes, message) => {
    expect((await rejection(readAll(uri, Buffer.from(bytes as Uint8Array)))).message).toMatch(
      message,
    )
  })

  it('a directory', async () => {
    const source = {
      uri: '/crawls',
      size: 4096,
      read: async () => {
        throw Object.assign(new Error('EISDIR: illegal operation on a directory, read'), {
          code: 'EISDIR',
        })
      },
    }
    expect((await rejection(planSplits(source))).message).toBe('/crawls is a directory')
  })

  it('but one of blank lines, or a gzip file of nothing, counts as empty', async () => {
    for (const [name, bytes] of [
      ['a.jsonl', Buffer.from('\n \r\n')],
      ['a.jsonl.gz', gzipSync('')],
      ['a.warc.gz', gzipSync('')],
    ] as const) {
      const { shards, note } = await planSplits(bytesSource(name, bytes))
      expect({ name, shards, note }).toEqual({ name, shards: [], note: `${name} is empty` })
    }
  })

  it('but an empty one is only noted', async () => {
    expect(await planSplits(bytesSource('a.warc.gz', new Uint8Array(0)))).toEqual({
      shards: [],
      layout: null,
      note: 'a.warc.gz is empty',
    })
  })

  it('and one that changed since the plan is', async () => {
    const bytes = gzipEach(crawlRecords(3, () => 100))
    const { shards } = await planSplits(bytesSource('a.warc.gz', bytes))
    const [shard] = shards
    if (shard === undefined) throw new Error('no shard')
    const { readRecords } = await import('../src/index.js')
    const error = await rejection(
      readRecords(bytesSource('a.warc.gz', bytes.subarray(0, 100)), shard).next(),
    )
    expect(error.message).toMatch(/has 100 bytes/)
  })
})

describe('WARC in zstd', () => {
  const records = crawlRecords(5, () => 400)
  it('is read as one split', async () => {
    const bytes = zstdFrame(Buffer.concat(records))
    const { shards, layout } = await planSplits(bytesSource('a.warc.zst', bytes), {
      splitBytes: 100,
    })
    expect(shards).toHaveLength(1)
    expect(layout).toEqual({ format: 'warc', compression: 'zstd', splittable: false })
    expect(fates(await readAll('a.warc.zst', bytes))).toEqual({
      warcinfo: 1,
      request: 5,
      page: 5,
      metadata: 5,
    })
  })

  it('with a frame per record is read as well', async () => {
    const bytes = Buffer.concat(records.map((record) => zstdFrame(record)))
    expect(fates(await readAll('a.warc.zst', bytes)).page).toBe(5)
  })

  it('that is cut off is read up to the cut', async () => {
    const bytes = zstdFrame(Buffer.concat(crawlRecords(200, () => 1000)))
    const counts = fates(await readAll('a.warc.zst', bytes.subarray(0, 150_000)))
    expect(counts.page).toBeGreaterThan(50)
    expect(counts.truncated).toBe(1)
  })

  it('that asks for a huge window is not obeyed', async () => {
    const bytes = zstdFrame(pageRecord('http://a/', '<p>x'), 0xa8)
    expect(await readAll('a.warc.zst', bytes)).toMatchObject([
      { reason: 'broken_compression', detail: expect.stringMatching(/window/) },
    ])
  })
})

describe('a plan', () => {
  it('tells WET from WARC', async () => {
    const wet = gzipEach([
      Buffer.from('WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 0\r\n\r\n\r\n\r\n'),
      Buffer.from('WARC/1.0\r\nWARC-Type: conversion\r\nContent-Length: 2\r\n\r\nhi\r\n\r\n'),
    ])
    expect((await planSplits(bytesSource('x', wet))).layout?.format).toBe('wet')
  })

  it('does not read the file', async () => {
    const bytes = gzipEach(crawlRecords(2000, () => 3000))
    let read = 0
    const source = { ...bytesSource('a.warc.gz', bytes) }
    const counting = {
      ...source,
      read: (offset: number, length: number) => {
        read += length
        return source.read(offset, length)
      },
    }
    expect((await planSplits(counting, { splitBytes: 100_000 })).shards.length).toBeGreaterThan(20)
    expect(read).toBeLessThan(300_000)
  })

  it('names shards by their place alone', async () => {
    const bytes = gzipEach(crawlRecords(20, () => 3000))
    const plan = () => planSplits(bytesSource('a.warc.gz', bytes), { splitBytes: 10_000 })
    expect(await plan()).toEqual(await plan())
    expect(new Set((await plan()).shards.map((shard) => shard.id)).size).toBe(
      (await plan()).shards.length,
    )
  })
})

describe('a list of paths', () => {
  const list = 'crawl-data/CC/1.warc.gz\n\n# note\r\ns3://bucket/2.warc.gz\n/abs/3.warc.gz\n'
  const entries = ['base/crawl-data/CC/1.warc.gz', 's3://bucket/2.warc.gz', '/abs/3.warc.gz']
  it('is read plain and gzipped, relative to its base', () => {
    expect(parsePathsList(Buffer.from(list), 'base')).toEqual(entries)
    expect(parsePathsList(gzipSync(list), 'base/')).toEqual(entries)
    expect(parsePathsList(Buffer.from(list))[0]).toBe('crawl-data/CC/1.warc.gz')
  })

  it('that is broken is refused', () => {
    expect(() => parsePathsList(gzipSync(list).subarray(0, 30))).toThrow(InputError)
  })

  it('is known by its name', () => {
    expect(['warc.paths.gz', 'wet.paths', 'a.warc.gz'].map(isPathsList)).toEqual([
      true,
      true,
      false,
    ])
  })
})

import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesSource, planSplits } from '../src/index.js'
import { readAll, readShard } from './reading.js'
import { crawlRecords, gzipEach, gzipStored, pageRecord, prose, warcRecord } from './warc-writer.js'

const records = crawlRecords(40, (page) => (page % 7 === 0 ? 30_000 : 200 + page * 37))

/** A WARC file inside a page: whole records, one after another. */
const inner = Buffer.concat(crawlRecords(12, () => 300))
const nested = [
  ...records.slice(0, 30),
  warcRecord({
    type: 'resource',
    url: 'https://example.org/a.warc',
    contentType: 'text/html',
    body: inner,
  }),
  pageRecord('https://example.org/about-warc', `<pre>\r\n\r\n${inner.toString('latin1')}</pre>`),
  ...records.slice(30),
]
/** A .warc.gz inside a record that is stored uncompressed: its members stand verbatim among the real ones. */
const innerGzip = gzipEach(crawlRecords(12, () => 900))
const nestedGzip = Buffer.concat([
  gzipEach(records.slice(0, 30)),
  gzipStored(
    warcRecord({
      type: 'resource',
      url: 'https://example.org/a.warc.gz',
      contentType: 'application/gzip',
      body: innerGzip,
    }),
  ),
  gzipEach(records.slice(30)),
])
const jsonl = Buffer.from(
  Array.from(
    { length: 200 },
    (_, i) => `${JSON.stringify({ id: `${i}`, text: prose(i, 10 + ((i * 53) % 900)) })}\n`,
  ).join(''),
)

const files: [string, Uint8Array][] = [
  ['plain.warc', Buffer.concat(records)],
  ['members.warc.gz', gzipEach(records)],
  ['whole.warc.gz', gzipSync(Buffer.concat(records))],
  ['nested.warc', Buffer.concat(nested)],
  ['nested-stored.warc.gz', nestedGzip],
  ['rows.jsonl', jsonl],
  ['rows-without-last-newline.jsonl', jsonl.subarray(0, jsonl.length - 1)],
]

describe.each(files)('splits of %s', (uri, bytes) => {
  it('of any size hold every record of the whole file exactly once, in order', async () => {
    const whole = await readAll(uri, bytes)
    expect(whole.length).toBeGreaterThan(100)
    expect(new Set(whole.map((item) => item.position)).size).toBe(whole.length)
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 50, max: 60_000 }), async (splitBytes) => {
        const size = Math.max(splitBytes, bytes.length / 400)
        expect(await readAll(uri, bytes, { splitBytes: size })).toEqual(whole)
      }),
      { numRuns: 12, seed: 7 },
    )
  })

  it('cover the file without gap or overlap', async () => {
    const { shards } = await planSplits(bytesSource(uri, bytes), { splitBytes: 1000 })
    let end = 0
    for (const shard of shards) {
      expect(shard.offset).toBe(end)
      end += shard.length
    }
    expect(end).toBe(bytes.length)
  })
})

describe('a seam', () => {
  it.each(
    files.filter(
      ([uri]) => uri === 'plain.warc' || uri === 'members.warc.gz' || uri === 'rows.jsonl',
    ),
  )('at any byte around a record start of %s loses nothing', async (uri, bytes) => {
    const { shards } = await planSplits(bytesSource(uri, bytes))
    const shard = shards[0]
    if (shard === undefined) throw new Error('no shard')
    const whole = await readShard(uri, bytes, shard)
    const starts = whole.slice(40, 44).map((item) => item.position)
    for (const start of starts)
      for (let cut = start - 12; cut <= start + 12; cut++) {
        const before = await readShard(uri, bytes, { ...shard, length: cut })
        const behind = await readShard(uri, bytes, {
          ...shard,
          offset: cut,
          length: bytes.length - cut,
        })
        expect(behind[0]?.position).toBeGreaterThanOrEqual(cut)
        expect([...before, ...behind]).toEqual(whole)
      }
  })

  it('next to a broken record neither loses nor doubles it', async () => {
    const plain = Buffer.concat(records)
    const broken = records.indexOf(records[60] as Buffer)
    const at = records.slice(0, broken).reduce((sum, record) => sum + record.length, 0)
    const damaged = Buffer.from(plain)
    const length = damaged.indexOf('Content-Length: ', at)
    damaged[length + 16] = 0x39
    const members = gzipEach(records)
    const member = gzipEach(records.slice(0, broken)).length
    const damagedGzip = Buffer.from(members)
    damagedGzip.fill(0xff, member + 20, member + 60)
    for (const [uri, bytes] of [
      ['damaged.warc', damaged],
      ['damaged.warc.gz', damagedGzip],
    ] as const) {
      const whole = await readAll(uri, bytes)
      expect(
        whole.filter((item) => item.kind === 'skipped' && /broken/.test(item.reason)),
      ).toHaveLength(1)
      expect(whole).toHaveLength(records.length)
      for (const splitBytes of [300, 1000, 3333, 10_000, 50_000])
        expect(
          await readAll(uri, bytes, { splitBytes: Math.max(splitBytes, bytes.length / 300) }),
        ).toEqual(whole)
    }
  })
})

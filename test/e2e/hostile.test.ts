import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCleanRows } from '../fixtures/clean-reader.js'
import { pageOf } from '../fixtures/crawl.js'
import { englishParagraphs } from '../fixtures/english.js'
import { responseRecord, warcGz } from '../fixtures/warc-writer.js'
import { winnow } from '../fixtures/winnow.js'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'winnow-hostile-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const file = (name: string, bytes: Uint8Array | string): string => {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}
let runs = 0
const run = (inputs: readonly string[], ...more: string[]) => {
  const out = join(folder, `out-${runs++}`)
  return winnow(['run', ...inputs, '--out', out, ...more]).then((done) => ({ ...done, out }))
}
const good = (n: number) =>
  responseRecord(`https://good.example/${n}`, pageOf(`Good ${n}`, englishParagraphs(n)))

describe('input that cannot be used is refused before anything is done', () => {
  it('a file that is none of the formats', async () => {
    const done = await run([file('noise.bin', Buffer.from([1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 99]))])
    expect(done.code).toBe(1)
    expect(done.stderr).toContain('noise.bin')
  })

  it('a folder, a missing file and an empty glob, each named', async () => {
    const sub = join(folder, 'sub')
    mkdirSync(sub)
    const done = await run([sub, join(folder, 'absent.warc'), join(folder, '*.nothing')])
    expect(done.code).toBe(1)
    expect(done.stderr).toMatch(/is a folder[\s\S]*does not exist[\s\S]*no file matches/)
  })

  it('rows without the text field, with the fields there are', async () => {
    const done = await run([file('rows.jsonl', '{"content":"a"}\n{"content":"b"}\n')])
    expect(done.stderr).toMatch(/text[\s\S]*content/)
    expect(done.code).not.toBe(0)
  })

  it('wrong options and settings: exit code 2, what is wrong and where', async () => {
    const crawl = file('ok.warc.gz', warcGz([good(1)]))
    expect((await winnow(['run', crawl])).code).toBe(2)
    expect((await winnow(['run', crawl, '--out', join(folder, 'x'), '--workers', '0'])).code).toBe(
      2,
    )
    expect((await winnow(['frobnicate'])).code).toBe(2)
    const config = file('winnow.yaml', 'quality:\n  languages: [en]\ndedup:\n  profile: fastest\n')
    const done = await run([crawl], '--config', config)
    expect(done.code).toBe(2)
    expect(done.stderr).toMatch(/winnow\.yaml:4: dedup\.profile: must be one of default, fineweb/)
    const typo = file('typo.yaml', 'format: parquet\nworker: 2\n')
    expect((await run([crawl], '--config', typo)).stderr).toMatch(/typo\.yaml:2: worker/)
  })

  it('another run in the same folder with other settings', async () => {
    const crawl = file('twice.warc.gz', warcGz([good(1)]))
    const first = await run([crawl])
    expect(first.code).toBe(0)
    const other = await winnow(['run', crawl, '--out', first.out, '--dedup', 'strict'])
    expect(other.code).toBe(2)
    expect(other.stderr).toMatch(/dedup\.profile was "default", now "strict"/)
    const again = await winnow([
      'run',
      crawl,
      '--out',
      first.out,
      '--dedup',
      'strict',
      '--overwrite',
    ])
    expect(again.code, again.stderr).toBe(0)
    expect((await readCleanRows(first.out)).length).toBe(1)
  })
})

describe('hostile records cost themselves only', () => {
  it('an empty file is no error', async () => {
    const done = await run([file('empty.warc.gz', ''), file('one.warc.gz', warcGz([good(1)]))])
    expect(done.code, done.stderr).toBe(0)
    expect((await readCleanRows(done.out)).length).toBe(1)
  })

  it('bombs, giant pages, garbage and a torn end between good pages', async () => {
    const bomb = responseRecord('https://bad.example/bomb', gzipSync(Buffer.alloc(300_000_000)), {
      headers: { 'Content-Encoding': 'gzip' },
    })
    const giant = responseRecord('https://bad.example/giant', `<p>${'x'.repeat(80_000_000)}</p>`)
    const torn = warcGz([good(4)])
    const bytes = Buffer.concat([
      warcGz([good(1), bomb, good(2), giant]),
      Buffer.from('this is no gzip member at all'),
      warcGz([good(3)]),
      torn.subarray(0, torn.length - 300),
    ])
    const done = await run([file('bad.warc.gz', bytes)], '--json')
    expect(done.code, done.stderr).toBe(0)
    expect((await readCleanRows(done.out)).map(({ url }) => url).sort()).toEqual(
      [1, 2, 3].map((n) => `https://good.example/${n}`),
    )
    const last = JSON.parse(done.stdout.trim().split('\n').at(-1) ?? '{}')
    expect(last.records).toMatchObject({ compression_ratio: 1, record_too_large: 1 })
  })

  it('deeply nested, unclosed and binary pages', async () => {
    const records = [
      good(1),
      responseRecord('https://bad.example/deep', '<div>'.repeat(300_000)),
      responseRecord('https://bad.example/attribute', `<p title="${'a"b'.repeat(500_000)}`),
      responseRecord('https://bad.example/nul', Buffer.alloc(100_000)),
      good(2),
    ]
    const done = await run([file('pages.warc.gz', warcGz(records))])
    expect(done.code, done.stderr).toBe(0)
    expect((await readCleanRows(done.out)).map(({ url }) => url).sort()).toEqual([
      'https://good.example/1',
      'https://good.example/2',
    ])
  })
})

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CleanRow, readCleanRows } from '../fixtures/clean-reader.js'
import { type CrawlFates, fixtureCrawl, QUESTION } from '../fixtures/crawl.js'
import { cleanShards, type Finished, winnow } from '../fixtures/winnow.js'

let folder: string
let crawl: string
let benchmarks: string
let fates: CrawlFates
let out: string
let finished: Finished
let clean: CleanRow[]

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'winnow-e2e-'))
  const made = fixtureCrawl(60)
  fates = made.fates
  crawl = join(folder, 'crawl.warc.gz')
  writeFileSync(crawl, made.bytes)
  benchmarks = join(folder, 'benchmarks')
  mkdirSync(benchmarks)
  writeFileSync(join(benchmarks, 'quiz.jsonl'), JSON.stringify({ id: 'q1', question: QUESTION }))
  out = join(folder, 'out')
  finished = await winnow([
    'run',
    crawl,
    '--out',
    out,
    '--benchmarks',
    benchmarks,
    '--workers',
    '2',
  ])
  clean = await readCleanRows(out)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const urls = (rows: readonly CleanRow[]) => rows.map(({ url }) => url ?? '').sort()

describe('winnow run', () => {
  it('ends with exit code 0 and prints the funnel', () => {
    expect(finished).toMatchObject({ code: 0 })
    expect(finished.stdout).toContain('report.html')
  })

  it('of every exact and near copy just the first stays, and every other good page stays', () => {
    expect(urls(clean)).toEqual([...fates.kept].sort())
  })

  it('clean text is the article without navigation and footer', () => {
    for (const { text, url } of clean) {
      expect(text, url ?? '').toMatch(/^Page \d+\n/)
      expect(text, url ?? '').not.toMatch(/About us|Imprint/)
    }
  })

  it('the funnel adds up: what came in is what went out, by reason', () => {
    const report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8'))
    const records = Object.values(report.records as Record<string, number>).reduce(
      (a, b) => a + b,
      0,
    )
    // 60 pages and requests, 18 copies, 8 others, 1 warcinfo
    expect(records).toBe(60 * 2 + 18 + 8 + 1)
    let alive = report.records.pages as number
    for (const stage of report.stages)
      for (const { action, documents } of stage.reasons) if (action === 'drop') alive -= documents
    expect(alive).toBe(clean.length)
    expect(existsSync(join(out, 'report.html'))).toBe(true)
    expect(JSON.parse(readFileSync(join(out, 'run.json'), 'utf8')).counts.clean).toBe(clean.length)
  })

  it('verify agrees with every stored verdict', async () => {
    const verified = await winnow(['verify', '--out', out])
    expect(verified.stdout).toContain('The stored verdicts are sound.')
    expect(verified.code).toBe(0)
  })

  it('the same command again does nothing and changes nothing', async () => {
    const before = cleanShards(out)
    const again = await winnow([
      'run',
      crawl,
      '--out',
      out,
      '--benchmarks',
      benchmarks,
      '--workers',
      '1',
    ])
    expect(again.code).toBe(0)
    expect(cleanShards(out)).toEqual(before)
  })

  it('the number of workers and of splits changes no document', async () => {
    const texts = (rows: readonly CleanRow[]) =>
      new Map(rows.map(({ id, text }) => [id, text] as const).sort())
    for (const [workers, split] of [
      ['1', '64MiB'],
      ['2', '20KB'],
      ['4', '9KB'],
    ] as const) {
      const other = join(folder, `out-${workers}-${split}`)
      const args = ['run', crawl, '--out', other, '--benchmarks', benchmarks]
      const done = await winnow([...args, '--workers', workers, '--split-size', split])
      expect(done.code, done.stderr).toBe(0)
      const rows = await readCleanRows(other)
      expect(texts(rows)).toEqual(texts(clean))
      if (split === '64MiB') expect(cleanShards(other)).toEqual(cleanShards(out))
    }
  })

  it('writes JSON lines with the same rows when asked', async () => {
    const other = join(folder, 'out-jsonl')
    const args = ['run', crawl, '--out', other, '--benchmarks', benchmarks, '--format', 'jsonl']
    expect((await winnow(args)).code).toBe(0)
    const lines = Object.values(cleanShards(other)).flatMap((shard) =>
      Buffer.from(shard, 'base64').toString('utf8').trim().split('\n'),
    )
    const rows = lines.map((line) => JSON.parse(line) as CleanRow)
    expect(rows.map(({ id, text }) => [id, text])).toEqual(clean.map(({ id, text }) => [id, text]))
  })

  it('text inputs skip extraction, and a second crawl into the same folder is compared with the first', async () => {
    const texts = join(folder, 'texts.jsonl')
    const lines = clean
      .slice(0, 20)
      .map(({ text }, i) => JSON.stringify({ id: `again-${i}`, body: text }))
    writeFileSync(texts, `${lines.join('\n')}\nnot json\n`)
    const grown = join(folder, 'out-grown')
    const settings = ['--out', grown, '--text-field', 'body']
    expect((await winnow(['run', crawl, ...settings])).code).toBe(0)
    const first = await readCleanRows(grown)
    const second = await winnow(['run', texts, ...settings])
    expect(second.code, second.stderr).toBe(0)
    expect(urls(await readCleanRows(grown))).toEqual(urls(first))
    expect((await winnow(['verify', '--out', grown])).code).toBe(0)
  })
})

describe('winnow explain says why', () => {
  const cases: [string, (fates: CrawlFates) => string, RegExp][] = [
    ['kept', (f) => f.kept[1] ?? '', /kept/],
    ['dropped for its length', (f) => f.tooShort, /gopher_quality\.too_few_words/],
    ['another language', (f) => f.german, /language\./],
    ['repetitive', (f) => f.repetitive, /gopher_repetition\./],
    ['the same URL', (f) => f.sameUrl[0] ?? '', /duplicate_url/],
    ['the same text', (f) => Object.keys(f.sameText)[0] ?? '', /duplicate_text[\s\S]*Copy of/],
    ['nearly the same text', (f) => Object.keys(f.near)[0] ?? '', /near_duplicate[\s\S]*very/],
    ['contaminated', (f) => f.contaminated, /contaminated\.quiz[\s\S]*q1/],
    ['no main content', (f) => f.noContent, /extract\.no_main_content/],
    ['not a page', (f) => f.image, /not_html/],
    ['not found', (f) => f.notFound, /http_status[\s\S]*404/],
    ['a broken record', (f) => f.brokenGzip, /broken_encoding/],
  ]
  for (const [name, url, expected] of cases)
    it(name, async () => {
      const explained = await winnow(['explain', url(fates), '--out', out])
      expect(explained.stdout).toMatch(expected)
      expect(explained.code).toBe(0)
    })

  it('nothing of a stranger, and says so', async () => {
    const explained = await winnow(['explain', 'https://nowhere.example/', '--out', out])
    expect(explained.code).toBe(1)
    expect(explained.stderr).toContain('neither a document nor a record')
  })
})

import { cpSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCleanRows } from '../fixtures/clean-reader.js'
import { type CrawlFates, fixtureCrawl, pageOf } from '../fixtures/crawl.js'
import { englishParagraphs } from '../fixtures/english.js'
import { responseRecord, warcGz } from '../fixtures/warc-writer.js'
import { cleanShards, winnow } from '../fixtures/winnow.js'

let folder: string
let first: string
let second: string
let made: string
let fates: CrawlFates

/** A folder that two crawls went into, one after the other. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'winnow-folder-'))
  first = join(folder, 'first.warc.gz')
  second = join(folder, 'second.warc.gz')
  const crawl = fixtureCrawl(20)
  fates = crawl.fates
  writeFileSync(first, crawl.bytes)
  const pages = [3, 900, 901].map((n) =>
    responseRecord(`https://later.example/${n}`, pageOf(`Page ${n - 1}`, englishParagraphs(n))),
  )
  writeFileSync(second, warcGz(pages))
  made = join(folder, 'made')
  for (const crawlFile of [first, second]) {
    const done = await winnow(['run', crawlFile, '--out', made])
    expect(done.code, done.stderr).toBe(0)
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let copies = 0
function copyOfMade(): string {
  const out = join(folder, `copy-${copies++}`)
  cpSync(made, out, { recursive: true })
  return out
}

const urls = async (out: string) => (await readCleanRows(out)).map(({ url }) => url ?? '').sort()

describe('an output folder', () => {
  it('a second crawl adds what is new, and drops what the first one held', async () => {
    const later = ['https://later.example/900', 'https://later.example/901']
    expect(await urls(made)).toEqual([...fates.kept, fates.contaminated, ...later].sort())
  })

  it('explains the records of every crawl in it', async () => {
    const explained = await winnow(['explain', fates.image, '--out', made])
    expect(explained.stdout).toContain('not_html')
  })

  it('with other settings is refused when an input is not named, and nothing is deleted', async () => {
    const out = copyOfMade()
    const before = cleanShards(out)
    const done = await winnow(['run', second, '--out', out, '--languages', 'en,de', '--overwrite'])
    expect(done.code).toBe(2)
    expect(done.stderr).toMatch(/1 input\(s\) that are not named now.*first\.warc\.gz/)
    expect(cleanShards(out)).toEqual(before)
  })

  it('with other settings and --overwrite keeps what they do not touch, and judges again what they do', async () => {
    const out = copyOfMade()
    const args = ['run', first, second, '--out', out, '--languages', 'en,de', '--overwrite']
    expect((await winnow(args)).code).toBe(0)
    expect(await urls(out)).toContain(fates.german)
    expect((await winnow(['verify', '--out', out])).code).toBe(0)
  })

  it('block lists given later are applied to pages read before', async () => {
    const list = join(folder, 'blocked.txt')
    writeFileSync(list, 'site1.example\n')
    const out = join(folder, 'blocked')
    const args = ['run', first, '--out', out, '--block-list', list]
    expect((await winnow([...args, '--stages', 'extract,dedup'])).code).toBe(0)
    expect((await winnow([...args, '--overwrite'])).code).toBe(0)
    expect((await urls(out)).filter((url) => url.includes('site1.example'))).toEqual([])
  })

  it('settings written out that equal the defaults are the same settings', async () => {
    const out = copyOfMade()
    const args = ['run', first, second, '--out', out, '--languages', 'en', '--verify-at', '0.7']
    const done = await winnow(args)
    expect(done.code, done.stderr).toBe(0)
  })

  it('that lost files in between is made whole again, with the same bytes', async () => {
    const out = copyOfMade()
    const before = cleanShards(out)
    for (const part of ['clean', 'attributes/extract', 'attributes/dedup'])
      for (const name of readdirSync(join(out, part))) rmSync(join(out, part, name))
    for (const name of readdirSync(join(out, 'index/keys'), {
      recursive: true,
      encoding: 'utf8',
    }).filter((name) => name.endsWith('.keys')))
      truncateSync(join(out, 'index/keys', name), 5000)
    const done = await winnow(['run', first, second, '--out', out])
    expect(done.code, done.stderr).toBe(0)
    expect(cleanShards(out)).toEqual(before)
    expect((await winnow(['verify', '--out', out])).code).toBe(0)
  })

  it('that lost its order log is refused, since copies of what it holds would be kept', async () => {
    const out = copyOfMade()
    rmSync(join(out, 'index/order.jsonl'))
    for (const args of [
      ['run', second, '--out', out],
      ['verify', '--out', out],
    ]) {
      const done = await winnow(args)
      expect(done.code).not.toBe(0)
      expect(done.stderr).toMatch(/order/)
    }
  })

  it('that lost state.json is refused, since nothing tells what it was made from', async () => {
    const out = copyOfMade()
    rmSync(join(out, 'state.json'))
    const done = await winnow(['run', first, '--out', out, '--languages', 'de'])
    expect(done.code).toBe(2)
    expect(done.stderr).toMatch(/no state\.json/)
  })

  it('that lost a summary or attributes is healed by the same command; until then nothing false is said', async () => {
    const out = copyOfMade()
    const report = await winnow(['report', '--out', out, '--json'])
    for (const part of ['summaries', 'attributes/quality', 'attributes/dedup'])
      for (const name of readdirSync(join(out, part))) rmSync(join(out, part, name))
    const verified = await winnow(['verify', '--out', out])
    expect(verified.code).toBe(1)
    const copy = fates.sameUrl[0] ?? ''
    const quality = await winnow(['explain', copy, '--out', out])
    expect(quality.stdout).not.toMatch(/ {2}kept/)
    expect((await winnow(['run', first, second, '--out', out])).code).toBe(0)
    const healed = await winnow(['report', '--out', out, '--json'])
    const funnel = (said: string) => JSON.parse(said.trim().split('\n').at(-1) ?? '{}').funnel
    expect(funnel(healed.stdout)).toEqual(funnel(report.stdout))
    expect((await winnow(['verify', '--out', out])).code).toBe(0)
  })

  it('that is a file, or cannot be made, is named without a stack trace', async () => {
    for (const out of [first, '/proc/winnow-out']) {
      const done = await winnow(['run', second, '--out', out])
      expect(done.code).toBe(1)
      expect(done.stderr).toMatch(/cannot make the folder/)
      expect(done.stderr).not.toMatch(/\n\s+at /)
    }
  })
})

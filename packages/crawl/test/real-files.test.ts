import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fates, pagesOf, readAll } from './reading.js'

const root = process.env.WINNOW_TEST_DATA ?? join(import.meta.dirname, '../../../../shared/data')
const present = existsSync(join(root, 'crawl/pages.warc.gz')) && existsSync(join(root, 'warc'))
if (!present) console.log(`skipped: no crawl files under ${root} (set WINNOW_TEST_DATA)`)

describe.skipIf(!present)('a crawl of real pages', () => {
  it('gives every record once, in one split or many, and no replacement character', async () => {
    const bytes = readFileSync(join(root, 'crawl/pages.warc.gz'))
    const whole = await readAll('pages.warc.gz', bytes)
    expect(fates(whole)).toEqual({
      warcinfo: 1,
      request: 330,
      page: 390,
      not_html: 35,
      http_status: 35,
      metadata: 35,
      revisit: 35,
    })
    expect(await readAll('pages.warc.gz', bytes, { splitBytes: 700_000 })).toEqual(whole)
    for (const page of pagesOf(whole)) expect(page.html.includes('\ufffd'), page.url).toBe(false)
  })
})

describe.skipIf(!present)('WARC files of other projects', () => {
  it.each<[string, Record<string, number>]>([
    ['example.warc', { warcinfo: 2, page: 1, request: 2, revisit: 1 }],
    ['example.warc.gz', { warcinfo: 2, page: 1, request: 2, revisit: 1 }],
    ['example-bad.warc.gz.bad', { warcinfo: 1, page: 1, request: 2, revisit: 1, http_status: 1 }],
    ['example-iana.org-chunked.warc', { warcinfo: 1, page: 1, request: 1 }],
    ['example-resource.warc.gz', { warcinfo: 2, page: 1 }],
    ['example-space-in-target-uri.warc.gz', { warcinfo: 1, not_html: 1 }],
    [
      'example-wget-bad-target-uri.warc.gz',
      { warcinfo: 1, request: 1, page: 1, metadata: 1, not_html: 2 },
    ],
    ['post-test.warc.gz', { request: 3, not_html: 3 }],
  ])('%s', async (name, expected) => {
    const bytes = readFileSync(join(root, 'warc', name))
    const items = await readAll(name, bytes)
    expect(fates(items)).toEqual(expected)
    expect(await readAll(name, bytes, { splitBytes: 500 })).toEqual(items)
    for (const { url } of pagesOf(items)) expect(url).toMatch(/^[a-z]+:[^<> ]+$/)
  })
})

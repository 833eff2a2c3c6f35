import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { AttributesBuilder, type DocumentRow, documentBatch } from '@winnow/core'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ClusterMember, ClustersReport } from '../src/clusters-schema.js'
import { renderReport } from '../src/html/render-report.js'
import { mergeSummaries } from '../src/merge.js'
import { buildReport } from '../src/run-report.js'
import { type ShardInput, summarizeShard } from '../src/shard-summary.js'
import { shardInput } from './corpus.js'

const CHROMIUM = process.env.WINNOW_CHROMIUM ?? '/usr/bin/chromium'
/** A folder to leave screenshots in, for eyes. */
const SCREENSHOTS = process.env.WINNOW_SCREENSHOTS
const found = existsSync(CHROMIUM)
if (!found) console.log(`skipped: report page in a browser (no ${CHROMIUM})`)

const context = {
  config: {
    stages: ['extract', 'quality', 'dedup', 'decontaminate'],
    quality: { profile: ['gopher_quality', 'gopher_repetition'], languages: ['en'] },
  },
  versions: { winnow: '0.1.0', node: '20.20.2' },
  inputs: Array.from({ length: 8 }, (_, i) => `crawl-data/CC-MAIN-2026-40/part-${i + 1}.warc.gz`),
  wallSeconds: 21.4,
  peakMemoryBytes: 812_000_000,
}

const crawl = buildReport(
  mergeSummaries(
    [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => summarizeShard(shardInput({ seed, rows: 1500 }))),
  ),
  context,
)

const HOSTILE = [
  '<script>window.hacked = 1</script>',
  '"><img src=x onerror="window.hacked = 1">',
  "' onclick='window.hacked = 1",
  '</title></style><svg onload="window.hacked = 1">',
  '$'.concat('{window.hacked = 1}'),
  'javascript:window.hacked = 1',
  '\u202egnp.exe \u0000\u0007\ufffe',
  'w'.repeat(3000),
]

function hostileInput(): ShardInput {
  const rows: DocumentRow[] = HOSTILE.map((text, i) => ({
    id: `${text}-${i}`,
    url: i % 2 === 0 ? `javascript:alert(1)//${text}` : `https://example.org/"${text}`,
    title: text,
    language: text.slice(0, 50),
    text: `${text} `.repeat(40),
  }))
  const quality = new AttributesBuilder(rows.length, ['x"><b>'])
  const dedup = new AttributesBuilder(rows.length, [], ['duplicate_of'])
  const decontaminate = new AttributesBuilder(rows.length, [], ['benchmark_example'])
  rows.forEach((row, i) => {
    quality.metric('x"><b>')[i] = i
    dedup.label(i, 'duplicate_of', row.id)
    decontaminate.label(i, 'benchmark_example', row.title ?? '')
    if (i % 3 === 0) quality.drop(i, HOSTILE[i] ?? '', HOSTILE[i])
    if (i % 3 === 1) dedup.drop(i, HOSTILE[i] ?? '', HOSTILE[i])
    if (i % 3 === 2) decontaminate.drop(i, `contaminated.${HOSTILE[i]}`, HOSTILE[i])
  })
  return {
    shard: { id: 's', uri: HOSTILE[0] ?? '', offset: 0, length: 1 },
    records: { pages: rows.length, [HOSTILE[1] ?? '']: 3 },
    documents: documentBatch(rows),
    stages: {
      quality: quality.finish(),
      dedup: dedup.finish(),
      decontaminate: decontaminate.finish(),
    },
    clean: { rows: 0, bytes: 0 },
    seconds: {},
    rules: [],
  }
}

const member = (n: number, more: Partial<ClusterMember> = {}): ClusterMember => ({
  id: `doc-${n}`,
  url: `https://example.org/articles/${n}/a-rather-long-address-that-goes-on-and-on-for-a-while`,
  title: `How the river was crossed, part ${n}`,
  run: '',
  date: `2026-0${1 + (n % 9)}-17`,
  bytes: 1800 + 37 * n,
  value: null,
  stays: false,
  excerpt:
    'The river rises in the hills to the north and has been crossed here since there were carts. '.repeat(
      2,
    ),
  ...more,
})

const clusters: ClustersReport = {
  kind: 'components',
  policy: { name: 'longest', metric: null, smallerIsBetter: false },
  documents: 48_210,
  runs: 2,
  clusters: 2_310,
  clustered: 9_120,
  sizes: [
    { from: 2, to: 3, clusters: 1_700 },
    { from: 4, to: 7, clusters: 520 },
    { from: 8, to: 15, clusters: 89 },
    { from: 256, to: 511, clusters: 1 },
  ],
  largest: [
    {
      size: 412,
      kept: 1,
      members: [
        member(1, { stays: true }),
        member(2),
        member(3, { title: '' }),
        member(4),
        member(5),
      ],
    },
    {
      size: 60,
      kept: 2,
      members: [
        member(6, { stays: true, run: 'october-3f2a91c7', title: '', excerpt: null }),
        member(7, { stays: true, title: '', url: '' }),
        member(8, { run: 'october-3f2a91c7', title: '', excerpt: null }),
      ],
    },
    { size: 2, kept: 0, members: [member(9), member(10)] },
  ],
}

describe('report.html', () => {
  it('lists the largest clusters, who stays and why, in place of the documents with most copies', () => {
    const page = renderReport({ ...crawl, clusters })
    expect(page).toContain('Chosen to stay: the one with most text')
    expect(page).toContain('Stays: the longest, 1,837 bytes')
    expect(page).toContain('Kept by the earlier run october-3f2a91c7')
    expect(page).toContain('Some of the 411 that go')
    expect(page).toContain('None of them stays')
    expect(page).not.toContain('Documents with the most copies')
    expect(renderReport(crawl)).toContain('Documents with the most copies')
    const none = { ...crawl, clusters: { ...clusters, clusters: 0, largest: [], sizes: [] } }
    expect(renderReport(none)).toContain('Documents with the most copies')
  })

  it('is one file of less than 500 kB with no address to load from', () => {
    const page = renderReport(crawl)
    expect(Buffer.byteLength(page)).toBeLessThan(500_000)
    expect(page).not.toMatch(/<(link|img|iframe|object|embed)\b|\bsrc=|url\(|@import/)
    expect(page).not.toMatch(/undefined|NaN|\[object|Infinity/)
  })

  it('is the same bytes for the same report', () => {
    expect(renderReport(crawl)).toBe(renderReport(crawl))
  })

  it('gives commands that run as they are when the output folder is known', () => {
    const commands = (out: string) =>
      [
        ...renderReport({ ...crawl, run: { ...crawl.run, out } }).matchAll(/<code>(npx [^<]*)</g),
      ].map(([, command = '']) => command.replaceAll('&#39;', "'"))
    for (const command of commands('/data/clean'))
      expect(command).toMatch(/^npx winnow explain \S+ --out \/data\/clean$/)
    expect(commands("it's clean").at(-1)).toBe("npx winnow explain ID --out 'it'\\''s clean'")
    expect(commands('-x').at(-1)).toBe('npx winnow explain ID --out ./-x')
    expect(renderReport(crawl)).toContain('<code>winnow explain ID</code>')
  })

  it('says of a tiny corpus that it is tiny, and no loss, epochs or GPU hours', () => {
    const page = renderReport(crawl)
    const part = page.slice(
      page.indexOf('<section id="budget"'),
      page.indexOf('<section id="speed"'),
    )
    expect(part).toContain('too little text to size a model by')
    expect(part).not.toContain('nats/token')
    expect(part).not.toContain('GPU hours')
    expect(part.match(/<td class="n wide">–</g)).toHaveLength(6)
  })

  it('draws every metric to its largest value, with its true median', () => {
    const rows = 1001
    const quality = new AttributesBuilder(rows, ['character_count', 'matched_ngrams', 'share'])
    for (let row = 0; row < rows; row++) {
      quality.metric('character_count')[row] = row === 7 ? 91_707 : 716 + row
      quality.metric('matched_ngrams')[row] = row % 10 === 0 ? 40 : 0
      quality.metric('share')[row] = row / 1000
    }
    const input = {
      ...hostileInput(),
      documents: documentBatch(Array.from({ length: rows }, (_, i) => ({ id: `${i}`, text: 'x' }))),
      stages: { quality: quality.finish() },
    }
    const report = buildReport(mergeSummaries([summarizeShard(input)]), context)
    const medians = report.metrics.map(({ metric, median }) => [metric, median])
    expect(Object.fromEntries(medians)).toEqual({
      character_count: { value: 1200, exact: false },
      matched_ngrams: { value: 0, exact: true },
      share: { value: 0.5, exact: false },
    })
    const page = renderReport(report)
    const captions = [...page.matchAll(/ · (median [^<]*)/g)].map(([, caption]) => caption)
    expect(captions).toEqual([
      'median about 1,200, 716 to 91,707',
      'median 0, 0 to 40',
      'median about 0.5, 0 to 1',
    ])
    for (const [metric, tick] of [
      ['character_count', '10,000'],
      ['matched_ngrams', '40'],
    ] as const) {
      const from = page.indexOf(`Histogram of ${metric}`)
      expect(page.slice(from, page.indexOf('</svg>', from))).toContain(`>${tick}</text>`)
    }
    const tables = page.matchAll(/<summary>Numbers<\/summary><table>.*?<\/table>/gs)
    for (const [table] of tables) {
      const cells = [...table.matchAll(/<\/th><td class="n">([\d,]+)</g)]
      expect(cells.reduce((sum, [, count = '']) => sum + Number(count.replace(',', '')), 0)).toBe(
        rows,
      )
    }
  })

  it('makes links of http and https addresses only, and tags of nothing that came from a crawl', () => {
    const page = renderReport(
      buildReport(mergeSummaries([summarizeShard(hostileInput())]), {
        ...context,
        inputs: HOSTILE,
        versions: { [HOSTILE[0] ?? '']: HOSTILE[1] ?? '' },
        config: HOSTILE,
      }),
    )
    expect(page.match(/<script\b/g)).toHaveLength(1)
    expect(page).not.toMatch(/<img|<b>"|onload="|onerror="|href="javascript/i)
    for (const control of ['\u0000', '\u0007', '\u202e']) expect(page).not.toContain(control)
  })
})

describe.skipIf(!found)('report.html in a browser', () => {
  let browser: Browser
  let folder: string
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'winnow-report-'))
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    })
  })
  afterAll(async () => {
    await browser?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  async function open(name: string, page: string, width: number, colorScheme: 'light' | 'dark') {
    const file = join(folder, `${name}.html`)
    writeFileSync(file, page)
    const browserContext = await browser.newContext({
      viewport: { width, height: 900 },
      colorScheme,
    })
    const tab = await browserContext.newPage()
    const troubles: string[] = []
    tab.on('console', (message) => troubles.push(message.text()))
    tab.on('pageerror', (error) => troubles.push(error.message))
    tab.on('request', (request) => {
      if (request.url() !== pathToFileURL(file).href) troubles.push(`asked for ${request.url()}`)
    })
    await tab.goto(pathToFileURL(file).href)
    return { tab, troubles, close: () => browserContext.close() }
  }

  const overflow = (tab: Page) =>
    tab.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
  const openAll = (tab: Page) =>
    tab.evaluate('for (const d of document.querySelectorAll("details")) d.open = true')

  for (const width of [1280, 400])
    for (const scheme of ['light', 'dark'] as const)
      it(`fits ${width} px in ${scheme}, opened and closed, and logs nothing`, async () => {
        const { tab, troubles, close } = await open('crawl', renderReport(crawl), width, scheme)
        expect(await overflow(tab)).toBe(0)
        if (SCREENSHOTS !== undefined)
          await tab.screenshot({
            path: join(SCREENSHOTS, `${scheme}-${width}.png`),
            fullPage: true,
          })
        await openAll(tab)
        expect(await overflow(tab)).toBe(0)
        expect(troubles).toEqual([])
        await close()
      })

  for (const width of [1280, 400])
    for (const scheme of ['light', 'dark'] as const)
      it(`fits the clusters into ${width} px in ${scheme}`, async () => {
        const page = renderReport({ ...crawl, clusters })
        const { tab, troubles, close } = await open('clusters', page, width, scheme)
        expect(await overflow(tab)).toBe(0)
        await tab.evaluate(
          'for (const d of [...document.querySelectorAll("#duplicates details")].slice(0, 2)) d.open = true',
        )
        expect(await overflow(tab)).toBe(0)
        if (SCREENSHOTS !== undefined)
          await tab
            .locator('#duplicates')
            .screenshot({ path: join(SCREENSHOTS, `clusters-${scheme}-${width}.png`) })
        expect(troubles).toEqual([])
        await close()
      })

  it('runs nothing that a page, a title, an address or a file name says', async () => {
    const report = buildReport(
      mergeSummaries([summarizeShard(hostileInput())]),
      {
        ...context,
        inputs: HOSTILE,
        versions: { [HOSTILE[0] ?? '']: HOSTILE[1] ?? '' },
        config: HOSTILE,
      },
      {
        ...clusters,
        largest: HOSTILE.map((text, n) => ({
          size: 2,
          kept: 1,
          members: [
            member(n, { id: text, url: text, title: text, date: text, excerpt: text, stays: true }),
            member(n, { id: text, run: text, excerpt: null }),
          ],
        })),
      },
    )
    const { tab, troubles, close } = await open('hostile', renderReport(report), 400, 'light')
    await openAll(tab)
    expect(await tab.evaluate('window.hacked')).toBeUndefined()
    expect(await overflow(tab)).toBe(0)
    expect(troubles).toEqual([])
    if (SCREENSHOTS !== undefined)
      await tab.screenshot({ path: join(SCREENSHOTS, 'hostile-400.png'), fullPage: true })
    await close()
  })

  it('copies the command of a document', async () => {
    const { tab, close } = await open('copy', renderReport(crawl), 1280, 'light')
    await tab.locator('#drops details').first().locator('summary').click()
    const button = tab.locator('#drops button[data-copy]').first()
    await button.click()
    await expect.poll(() => button.textContent()).toBe('Copied')
    expect(await button.getAttribute('data-copy')).toMatch(/^winnow explain \S+$/)
    if (SCREENSHOTS !== undefined)
      await tab.locator('#drops').screenshot({ path: join(SCREENSHOTS, 'drops-open.png') })
    await close()
  })

  it('shows a run in which nothing was read', async () => {
    const empty = buildReport(mergeSummaries([]), { ...context, inputs: [] })
    const { tab, troubles, close } = await open('empty', renderReport(empty), 400, 'dark')
    expect(await overflow(tab)).toBe(0)
    expect(troubles).toEqual([])
    await close()
  })
})

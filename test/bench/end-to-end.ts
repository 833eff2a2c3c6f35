import { existsSync } from 'node:fs'
import { copyFile, mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { responseRecord, warcGz } from '../fixtures/warc-writer.js'
import type { BenchContext, BenchPart, Measurement } from './part.js'
import { wholeProcess } from './process.js'
import { pseudoPage, pseudoTexts } from './pseudo-text.js'

const WORKERS = 2
/** Response records in the real crawl file. */
const REAL_PAGES = 390
const WINNOW = fileURLToPath(new URL('../../../packages/cli/bin/winnow.cjs', import.meta.url))

export const endToEndPart: BenchPart = {
  name: 'end-to-end',
  title: `One crawl file given twice, to clean documents: whole process from start to exit, ${WORKERS} workers (bytes are stored ones)`,
  async measure(context) {
    const crawl = await prepareCrawl(context)
    const measurements = [await ours(crawl, context)]
    if (context.peers !== undefined)
      for (const words of ['default', 'white-space'])
        measurements.push(await datatrove(crawl, context, words))
    return measurements
  },
}

interface Crawl {
  readonly folder: string
  readonly files: readonly string[]
  readonly documents: number
  readonly bytes: number
}

async function prepareCrawl(context: BenchContext): Promise<Crawl> {
  const folder = join(context.scratch, 'crawl')
  await mkdir(folder, { recursive: true })
  const files = ['a', 'b'].map((name) => join(folder, `${name}.warc.gz`))
  const [first = '', second = ''] = files
  const real = join(context.data ?? '', 'crawl', 'pages.warc.gz')
  let pages = REAL_PAGES
  if (context.data !== undefined && existsSync(real)) await copyFile(real, first)
  else {
    const texts = pseudoTexts(context.megabytes * 1e6)
    pages = texts.length
    const records = texts.map((text, i) =>
      responseRecord(`https://example.org/page/${i}`, pseudoPage(text, `Page ${i}`)),
    )
    await writeFile(first, warcGz(records))
  }
  await copyFile(first, second)
  const { size } = await stat(first)
  return { folder, files, documents: 2 * pages, bytes: 2 * size }
}

async function ours(crawl: Crawl, context: BenchContext): Promise<Measurement> {
  const out = join(context.scratch, 'winnow')
  const command = [
    process.execPath,
    WINNOW,
    'run',
    ...crawl.files,
    '--out',
    out,
    '--workers',
    `${WORKERS}`,
    '--quiet',
  ]
  return wholeProcess('Winnow', command, out, crawl, context.runs)
}

/** @param words datatrove's `default` (spaCy) or those of the Gopher paper, `white-space` */
async function datatrove(crawl: Crawl, context: BenchContext, words: string): Promise<Measurement> {
  const out = join(context.scratch, 'datatrove')
  const args = [crawl.folder, out, `${WORKERS}`, words]
  const command = context.peers?.command('pipeline', args) ?? []
  return wholeProcess(`datatrove 0.10.1, trafilatura, ${words} words`, command, out, crawl, 1)
}

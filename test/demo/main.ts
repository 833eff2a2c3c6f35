import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { main } from '@winnow/cli'
import { crawlOf, QUIZ } from './crawl.js'
import { pagesOf } from './pages.js'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const OUT = join(ROOT, 'demo-out')
const MOST_PAGES = 2000

/** `npm run demo [-- CRAWL...]`: runs the pipeline on one's own crawl, or on one made of this machine's READMEs. */
const own = process.argv.slice(2)
rmSync(OUT, { recursive: true, force: true })
mkdirSync(OUT, { recursive: true })
const clean = join(OUT, 'clean')
if (own.length > 0) process.exitCode = await winnow(own)
else {
  const pages = pagesOf(join(ROOT, 'node_modules'), MOST_PAGES)
  const crawl = join(OUT, 'crawl.warc.gz')
  writeFileSync(crawl, crawlOf(pages))
  const benchmarks = join(OUT, 'benchmarks')
  mkdirSync(benchmarks)
  writeFileSync(
    join(benchmarks, 'demo-quiz.jsonl'),
    QUIZ.map((question, id) => `${JSON.stringify({ id: `quiz-${id}`, question })}\n`).join(''),
  )
  console.log(`${pages.length} documents found in node_modules, written as web pages to ${crawl}`)
  process.exitCode = await winnow([crawl, '--benchmarks', benchmarks])
}

async function winnow(args: readonly string[]): Promise<number> {
  console.log(`winnow run ${args.join(' ')} --out ${clean}\n`)
  return main(['node', 'winnow', 'run', ...args, '--out', clean])
}

import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { dedupRunPart } from './dedup-run.js'
import { duplicateIndexPart } from './duplicate-index.js'
import { endToEndPart } from './end-to-end.js'
import { extractionPart } from './extraction.js'
import {
  nearDuplicatesChinesePart,
  nearDuplicatesJapanesePart,
  nearDuplicatesPart,
} from './near-duplicates.js'
import { ngramScanPart } from './ngram-scan.js'
import { parquetPart } from './parquet.js'
import type { BenchPart } from './part.js'
import { installPeers } from './peers.js'
import { qualityPart } from './quality.js'
import { signPart } from './sign.js'
import { benchmarkPage, type PartResult, partTable } from './table.js'

const PARTS: readonly BenchPart[] = [
  qualityPart,
  signPart,
  duplicateIndexPart,
  ngramScanPart,
  extractionPart,
  parquetPart,
  endToEndPart,
  dedupRunPart,
  nearDuplicatesPart,
  nearDuplicatesChinesePart,
  nearDuplicatesJapanesePart,
]
const PROJECT = fileURLToPath(new URL('../../../', import.meta.url))
const USAGE = `npm run bench -- [--only NAME,NAME] [--peers] [--runs N] [--megabytes N] [--write]

  --only        parts to measure: ${PARTS.map(({ name }) => name).join(', ')}; all by default
  --peers       also measure other programs on the same input (Python 3, installed into ~/.cache/winnow-bench)
  --runs        runs after the warm-up, 3 by default; rates are those of the fastest
  --megabytes   size of the samples, 16 by default and 4 with --peers
  --write       write the tables to docs/benchmarks.md
  WINNOW_TEST_DATA   folder with real texts and pages, ../shared/data by default; without it they are made up
  WINNOW_BENCH_KEYS         keys of the duplicate-index part, 5000000 by default
  WINNOW_BENCH_ORIGINALS    originals of the near-duplicates parts, 20000 by default
  WINNOW_BENCH_PEERS        which of their peers, such as rensa,gaoya; all by default
  WINNOW_BENCH_DOCUMENTS    documents of the dedup-run part, 50000 by default`

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      peers: { type: 'boolean', default: false },
      runs: { type: 'string', default: '3' },
      megabytes: { type: 'string' },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) {
    console.log(USAGE)
    return 0
  }
  const parts = chooseParts(values.only)
  const runs = positive('runs', values.runs)
  const megabytes = positive('megabytes', values.megabytes ?? (values.peers ? '4' : '16'))
  const peers = values.peers ? await installPeers() : undefined
  const results: PartResult[] = []
  let failed = 0
  for (const part of parts) {
    const scratch = await mkdtemp(join(tmpdir(), 'winnow-bench-'))
    try {
      const notes: string[] = []
      const note = (text: string) => notes.push(text)
      const context = { data: dataFolder(), scratch, peers, runs, megabytes, note }
      const result = { part, measurements: await part.measure(context), notes }
      results.push(result)
      console.log(partTable(result))
    } catch (error) {
      failed++
      console.error(`${part.name} failed: ${(error as Error).message}\n`)
    } finally {
      await rm(scratch, { recursive: true, force: true })
    }
  }
  if (values.write && failed === 0) {
    const command = ['npm run bench --', ...process.argv.slice(2)].join(' ')
    const file = join(PROJECT, 'docs', 'benchmarks.md')
    await writeFile(file, benchmarkPage(results, command))
    console.log(`written to ${file}`)
  }
  return failed === 0 ? 0 : 1
}

function chooseParts(only: string | undefined): readonly BenchPart[] {
  if (only === undefined) return PARTS
  return only.split(',').map((name) => {
    const part = PARTS.find((candidate) => candidate.name === name.trim())
    if (part === undefined) throw new Error(`no part ${name}\n${USAGE}`)
    return part
  })
}

function positive(name: string, value: string): number {
  const number = Number(value)
  if (!(number > 0)) throw new Error(`--${name} is ${value}, not a number over 0\n${USAGE}`)
  return number
}

function dataFolder(): string | undefined {
  const folder = process.env.WINNOW_TEST_DATA ?? join(PROJECT, '..', 'shared', 'data')
  return existsSync(folder) ? folder : undefined
}

try {
  process.exitCode = await main()
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 2
}

import { mkdir, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import parquet from 'parquetjs-lite'
import { type BenchContext, type BenchPart, type Measurement, wholeNumberSetting } from './part.js'
import { wholeProcess } from './process.js'
import { writeSyntheticCorpus } from './synthetic-corpus.js'

const DOCUMENTS = 50_000
const WORKERS = 2
const WINNOW = fileURLToPath(new URL('../../../packages/cli/bin/winnow.cjs', import.meta.url))

export const dedupRunPart: BenchPart = {
  name: 'dedup-run',
  title: `Deduplication alone, from JSON lines to files of what is kept: whole process from start to exit, ${WORKERS} workers (documents of about 1 KB, 20 % copies)`,
  notes: [
    `The input is ${WORKERS} files. Winnow: \`run --stages dedup\`, profile default, verified, Parquet. datatrove 0.10.1: MinHash signatures, buckets, clusters, filter (14 x 8, not verified), JSON lines.`,
  ],
  async measure(context) {
    const corpus = await prepareCorpus(context)
    const measurements = [await ours(corpus, context)]
    if (context.peers !== undefined) measurements.push(await datatrove(corpus, context))
    return measurements
  },
}

interface Corpus {
  readonly folder: string
  readonly files: readonly string[]
  readonly documents: number
  readonly bytes: number
}

async function prepareCorpus(context: BenchContext): Promise<Corpus> {
  const documents = wholeNumberSetting('WINNOW_BENCH_DOCUMENTS', DOCUMENTS)
  const folder = join(context.scratch, 'corpus')
  await mkdir(folder)
  const { data } = context
  const files = writeSyntheticCorpus({ documents, seed: 1, out: folder, shards: WORKERS, data })
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size))
  return { folder, files, documents, bytes: sizes.reduce((sum, size) => sum + size, 0) }
}

async function ours(corpus: Corpus, context: BenchContext): Promise<Measurement> {
  const out = join(context.scratch, 'winnow')
  const run = [process.execPath, WINNOW, 'run', ...corpus.files, '--out', out]
  const options = ['--stages', 'dedup', '--workers', `${WORKERS}`, '--quiet']
  const measured = await wholeProcess('Winnow', [...run, ...options], out, corpus, context.runs)
  return withKept(measured, await parquetRows(join(out, 'clean')))
}

async function datatrove(corpus: Corpus, context: BenchContext): Promise<Measurement> {
  const out = join(context.scratch, 'datatrove')
  const args = [corpus.folder, out, `${WORKERS}`, 'english']
  const command = context.peers?.command('near_duplicates_datatrove', args) ?? []
  const program = 'datatrove 0.10.1, MinHash in its four steps'
  const measured = await wholeProcess(program, command, out, corpus, 1)
  return withKept(measured, await gzipLines(join(out, 'clean')))
}

/** The other half of a speed: a program that keeps too much or too little has not done the same work. */
function withKept(measurement: Measurement, kept: number): Measurement {
  const share = (100 * kept) / measurement.documents
  const findings = { kept: kept.toLocaleString('en'), 'kept, %': share.toFixed(2) }
  return { ...measurement, findings }
}

async function parquetRows(folder: string): Promise<number> {
  let rows = 0
  for (const name of await readdir(folder)) {
    const reader = await parquet.ParquetReader.openFile(join(folder, name))
    rows += Number(reader.getRowCount())
    await reader.close()
  }
  return rows
}

async function gzipLines(folder: string): Promise<number> {
  let lines = 0
  for (const name of await readdir(folder)) {
    const text = gunzipSync(await readFile(join(folder, name)))
    for (let at = text.indexOf(0x0a); at >= 0; at = text.indexOf(0x0a, at + 1)) lines++
  }
  return lines
}

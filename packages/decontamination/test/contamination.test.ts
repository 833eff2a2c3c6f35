import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { documentBatch, Verdict } from '@winnow/core'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  type Benchmark,
  benchmarkFromLines,
  buildBenchmarkIndex,
  createDecontaminationStage,
  type StageOptions,
} from '../src/index.js'

const root = process.env.WINNOW_TEST_DATA ?? resolve(import.meta.dirname, '../../../../shared/data')
const folder = resolve(root, 'contamination')
const present = existsSync(resolve(folder, 'docs.jsonl.gz'))
if (!present) console.log(`skipped: no contamination data in ${folder}`)

interface PlantedDocument {
  id: string
  text: string
  way: string
  benchmark_id: string
}

/** Found and all documents for each way of planting; a find counts when it names the planted example. */
function found(
  benchmark: Benchmark,
  documents: PlantedDocument[],
  options: StageOptions,
  foldNumbers = false,
) {
  const index = buildBenchmarkIndex([benchmark], { foldNumbers })
  const attributes = createDecontaminationStage(index, options).evaluate(documentBatch(documents))
  const counts: Record<string, string> = {}
  for (const way of new Set(documents.map((document) => document.way))) {
    const rows = documents.flatMap((document, row) => (document.way === way ? [row] : []))
    const hit = rows.filter(
      (row) =>
        attributes.verdict[row] === Verdict.drop &&
        (way === 'clean' ||
          attributes.labels.benchmark_example?.[row] === documents[row]?.benchmark_id),
    )
    counts[way] = `${hit.length}/${rows.length}`
  }
  return counts
}

describe.skipIf(!present)('questions planted in real pages', () => {
  let benchmark: Benchmark
  let documents: PlantedDocument[]
  beforeAll(() => {
    const lines = (name: string) =>
      gunzipSync(readFileSync(resolve(folder, name)))
        .toString()
        .split('\n')
    benchmark = benchmarkFromLines('gsm8k', lines('benchmark.jsonl.gz'))
    documents = lines('docs.jsonl.gz').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]))
  })

  const untouched = {
    exact: '203/203',
    case_space: '203/203',
    with_answer: '202/202',
    clean: '0/606',
  }

  it('ngram finds whole and half copies, and hits no clean document', () => {
    const counts = found(benchmark, documents, {})
    expect(counts).toEqual({ ...untouched, half: '203/203', numbers: '136/203' })
  })

  it('coverage finds more copies with changed numbers', () => {
    const counts = found(benchmark, documents, { mode: 'coverage' })
    expect(counts).toEqual({ ...untouched, half: '203/203', numbers: '177/203' })
  })

  it('with numbers folded both modes find every copy', () => {
    const all = { ...untouched, half: '203/203', numbers: '203/203' }
    expect(found(benchmark, documents, {}, true)).toEqual(all)
    expect(found(benchmark, documents, { mode: 'coverage' }, true)).toEqual(all)
  })
})

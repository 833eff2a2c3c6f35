import { documentBatch } from '@winnow/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  benchmarkFromRecords,
  buildBenchmarkIndex,
  contaminationReport,
  createDecontaminationStage,
  emptyReport,
  mergeReports,
} from '../src/index.js'
import { sentence } from './words.js'

const index = buildBenchmarkIndex([
  benchmarkFromRecords('one', [
    { id: 'a', text: sentence('a', 20) },
    { id: 'b', text: sentence('b', 20) },
  ]),
  benchmarkFromRecords('two', [{ id: 'c', text: sentence('c', 20) }]),
])
const stage = createDecontaminationStage(index)
const reportOf = (documents: { id: string; text: string }[]) => {
  const batch = documentBatch(documents)
  return contaminationReport(index, batch.id, stage.evaluate(batch))
}
const documents = [
  { id: 'd1', text: `${sentence('a', 20)} ${sentence('c', 14)}` },
  { id: 'd2', text: sentence('a', 13) },
  { id: 'd3', text: sentence('clean', 50) },
]

describe('contaminationReport', () => {
  it('tells which examples stand where, and which documents are touched', () => {
    const report = reportOf(documents)
    expect(report).toMatchObject({ documents: 3, contaminated: 2, dropped: 2, cut: 0 })
    expect(report.benchmarks.one).toMatchObject({
      examples: 2,
      documents: 2,
      found: {
        a: {
          documents: 2,
          coverage: 1,
          places: [{ document: 'd1' }, { document: 'd2', ngrams: 1, coverage: 0.65 }],
        },
      },
      touched: [{ document: 'd1', example: 'a', examples: 1, coverage: 1 }, { document: 'd2' }],
    })
    expect(Object.keys(report.benchmarks.one?.found ?? {})).toEqual(['a'])
    expect(report.benchmarks.two).toMatchObject({ documents: 1, found: { c: { coverage: 0.7 } } })
  })

  it('survives JSON', () => {
    const report = reportOf(documents)
    expect(JSON.parse(JSON.stringify(report))).toEqual(report)
  })
})

describe('mergeReports', () => {
  it('gives the report of the whole, in whatever parts and order it was made', () => {
    const many = Array.from({ length: 30 }, (_, i) => ({
      id: `m${i}`,
      text: sentence(i % 3 === 0 ? 'c' : 'a', 13 + (i % 8)),
    }))
    const whole = reportOf(many)
    fc.assert(
      fc.property(fc.array(fc.nat(3), { minLength: 30, maxLength: 30 }), (part) => {
        const parts = [0, 1, 2, 3].map((p) => reportOf(many.filter((_, i) => part[i] === p)))
        expect(parts.reduceRight(mergeReports, emptyReport(index))).toEqual(whole)
      }),
      { numRuns: 20 },
    )
    expect(whole.benchmarks.one?.found.a?.places).toHaveLength(10)
  })
})

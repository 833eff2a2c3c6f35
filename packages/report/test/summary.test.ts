import {
  AttributesBuilder,
  type DocumentRow,
  documentBatch,
  hash64Hex,
  takeDocuments,
} from '@winnow/core'
import { describe, expect, it } from 'vitest'
import { mergeSummaries } from '../src/merge.js'
import { runReportSchema } from '../src/report-schema.js'
import { buildReport } from '../src/run-report.js'
import { type ShardInput, summarizeShard } from '../src/shard-summary.js'
import { shardSummarySchema } from '../src/summary-schema.js'
import { shardInput } from './corpus.js'

const context = {
  config: {},
  versions: { winnow: '0' },
  inputs: ['a'],
  wallSeconds: 1,
  peakMemoryBytes: 1,
}
const summaries = [1, 2, 3, 4].map((seed) => summarizeShard(shardInput({ seed, rows: 600 })))
const [a, b, c, d] = summaries as [
  (typeof summaries)[0],
  (typeof summaries)[0],
  (typeof summaries)[0],
  (typeof summaries)[0],
]

const VOLATILE = new Set(['seconds', 'timing'])

/** A hash of all but the seconds (floating-point sums): what must be equal to the byte. */
const bytes = (value: unknown) =>
  hash64Hex(JSON.stringify(value, (key, inner) => (VOLATILE.has(key) ? undefined : inner)))

describe('summaries', () => {
  it('merge to the same bytes in any order and grouping', () => {
    const once = mergeSummaries([a, b, c, d])
    expect(bytes(mergeSummaries([d, b, a, c]))).toBe(bytes(once))
    expect(bytes(mergeSummaries([mergeSummaries([a, b]), mergeSummaries([c, d])]))).toBe(
      bytes(once),
    )
    expect(bytes(mergeSummaries([mergeSummaries([]), once]))).toBe(bytes(once))
  })

  it('leave what is merged untouched', () => {
    const before = JSON.stringify(a)
    mergeSummaries([a, b])
    expect(JSON.stringify(a)).toBe(before)
  })

  it('survive JSON and their schema', () => {
    const parsed = shardSummarySchema.parse(JSON.parse(JSON.stringify(a)))
    expect(bytes(mergeSummaries([parsed]))).toBe(bytes(mergeSummaries([a])))
  })

  it('show of a document that was cut what was cut, not how it begins', () => {
    const whole = shardInput({ seed: 5, rows: 1 })
    const text = 'It begins.\nCookies: accept all\nÜber the hill.\nShare on\nThe end.'
    const bytes = Buffer.from(text)
    const ranges = ['Cookies: accept all\n', 'Share on\n'].flatMap((line) => {
      const from = bytes.indexOf(line)
      return [from, from + line.length]
    })
    const quality = new AttributesBuilder(1)
    quality.cut(0, 'content.boilerplate_line', ranges, '2 lines')
    const summary = summarizeShard({
      ...whole,
      documents: documentBatch([{ id: 'x', text }]),
      stages: { quality: quality.finish() },
    })
    const reason = summary.stages.quality?.reasons['content.boilerplate_line']
    expect(reason?.samples[0]?.excerpt).toBe('Cookies: accept all … Share on')
    expect(reason?.samples[0]?.bytes).toBe(bytes.length)
  })

  it('stay small whatever the shard holds', () => {
    const size = (rows: number) =>
      JSON.stringify(summarizeShard(shardInput({ seed: 9, rows }))).length
    expect(size(8000)).toBeLessThan(250_000)
    expect(size(16_000)).toBeLessThan(250_000)
  })

  it('lose no document: every stage has what it kept and what it dropped', () => {
    const { stages, documents, clean } = mergeSummaries(summaries)
    let expected = documents
    for (const stage of [stages.extract, stages.quality, stages.dedup, stages.decontaminate]) {
      expect(stage?.seen).toEqual(expected)
      const removed = Object.values(stage?.reasons ?? {})
      const drops = removed.filter(({ action }) => action === 'drop')
      expect(
        drops.reduce((sum, { documents }) => sum + documents, stage?.kept.documents ?? 0),
      ).toBe(stage?.seen.documents)
      expect(removed.reduce((sum, { bytes }) => sum + bytes, stage?.kept.bytes ?? 0)).toBe(
        stage?.seen.bytes,
      )
      expected = stage?.kept ?? expected
    }
    expect(clean.documents).toBe(expected.documents)
  })

  it('do not depend on how documents are split into shards', () => {
    const whole = shardInput({ seed: 5, rows: 500 })
    const halves = [rowsOf(whole, 0, 230), rowsOf(whole, 230, 500)].map(summarizeShard)
    const merged = mergeSummaries(halves)
    const single = mergeSummaries([summarizeShard(whole)])
    // The text of an original is at hand only in its own shard.
    const comparable = (summary: typeof merged) =>
      bytes({ ...summary, shards: 0, inputBytes: 0, clusters: Object.keys(summary.clusters) })
    expect(comparable(merged)).toBe(comparable(single))
  })

  it('give a report that its schema accepts and that is the same again', () => {
    const report = buildReport(mergeSummaries(summaries), context)
    expect(runReportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(
      JSON.parse(JSON.stringify(report)),
    )
    expect(bytes(buildReport(mergeSummaries([...summaries].reverse()), context))).toBe(
      bytes(report),
    )
  })

  it('count records, pages and documents down to the clean ones', () => {
    const report = buildReport(mergeSummaries(summaries), context)
    const steps = report.funnel.map(({ documents }) => documents)
    expect([...steps].sort((x, y) => y - x)).toEqual(steps)
    expect(report.funnel.map(({ step }) => step)).toEqual([
      'records',
      'pages',
      'extracted',
      'quality',
      'unique',
      'decontaminated',
      'clean',
    ])
    expect(report.funnel.at(-1)?.tokens).toBe(report.tokens.clean)
  })
})

describe('hostile documents', () => {
  it('may be called __proto__ or constructor', () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty']
    const rows: DocumentRow[] = names.map((id) => ({ id, language: id, text: `${id} text` }))
    const dedup = new AttributesBuilder(4, [], ['duplicate_of'])
    names.forEach((id, row) => {
      dedup.label(row, 'duplicate_of', id)
      if (row < 2) dedup.drop(row, 'duplicate_url')
    })
    const decontaminate = new AttributesBuilder(4, [], ['benchmark_example'])
    names.forEach((id, row) => {
      decontaminate.label(row, 'benchmark_example', id)
      if (row >= 2) decontaminate.drop(row, `contaminated.${id}`)
    })
    const one = summarizeShard({
      ...emptyInput(rows),
      stages: { dedup: dedup.finish(), decontaminate: decontaminate.finish() },
    })
    const merged = mergeSummaries([one, one])
    expect(Object.keys(merged.languages).sort()).toEqual([...names].sort())
    expect(merged.benchmarks.toString?.documents).toBe(2)
    expect(merged.benchmarks.toString?.examples.toString).toBe(2)
    expect(Object.keys(merged.clusters).sort()).toEqual(['__proto__', 'constructor'])
    expect(buildReport(merged, context).duplicates.documents).toBe(4)
  })

  it('may be none at all', () => {
    const empty = summarizeShard(emptyInput([]))
    const report = buildReport(mergeSummaries([empty]), context)
    expect(report.tokens.clean).toBe(0)
    expect(report.budget.optimal).toBeNull()
    expect(runReportSchema.safeParse(JSON.parse(JSON.stringify(report))).success).toBe(true)
  })

  it('show at most 200 characters, on one line, never half a character', () => {
    const text = `  \n\t${'𝒳 \u0000 '.repeat(5000)}`
    const drop = new AttributesBuilder(1)
    drop.drop(0, 'x.y')
    const one = summarizeShard({
      ...emptyInput([{ id: '1', url: `https://a/${'😀'.repeat(5000)}`, text }]),
      stages: { quality: drop.finish() },
    })
    const sample = one.stages.quality?.reasons['x.y']?.samples[0]
    expect([...(sample?.excerpt ?? '')].length).toBeLessThanOrEqual(200)
    expect(sample?.excerpt).toMatch(/^𝒳 𝒳 [^\n\0]*…$/u)
    expect(sample?.url.isWellFormed?.() ?? !/[\ud800-\udbff]…/.test(sample?.url ?? '')).toBe(true)
  })
})

function emptyInput(rows: readonly DocumentRow[]): ShardInput {
  return {
    shard: { id: 's', uri: 'u', offset: 0, length: 1 },
    records: { pages: rows.length },
    documents: documentBatch(rows),
    stages: {},
    clean: { rows: 0, bytes: 0 },
    seconds: {},
    rules: [],
  }
}

function rowsOf(input: ShardInput, from: number, to: number): ShardInput {
  const selection = Int32Array.from({ length: to - from }, (_, i) => from + i)
  const documents = takeDocuments(input.documents, selection)
  const stages = Object.fromEntries(
    Object.entries(input.stages).map(([stage, whole]) => {
      const builder = new AttributesBuilder(0).finish()
      const base = whole.spans.offsets[from] as number
      return [
        stage,
        {
          ...builder,
          rows: to - from,
          verdict: whole.verdict.slice(from, to),
          reasons: whole.reasons,
          reasonCode: whole.reasonCode.slice(from, to),
          detail: whole.detail.slice(from, to),
          spans: {
            offsets: whole.spans.offsets.slice(from, to + 1).map((offset) => offset - base),
            values: whole.spans.values.slice(base, whole.spans.offsets[to]),
          },
          metrics: mapValues(whole.metrics, (column) => column.slice(from, to)),
          labels: mapValues(whole.labels, (column) => column.slice(from, to)),
        },
      ]
    }),
  )
  const first = from === 0
  return {
    ...input,
    documents,
    stages,
    records: first ? { ...input.records, pages: to } : { pages: to - from },
    clean: first ? input.clean : { rows: 0, bytes: 0 },
    seconds: first ? input.seconds : {},
  }
}

function mapValues<T, U>(
  record: Readonly<Record<string, T>>,
  map: (value: T) => U,
): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]))
}

import { describe, expect, it } from 'vitest'
import { renderFunnel } from '../src/funnel-text.js'
import { emptySummary, mergeSummaries } from '../src/merge.js'
import { buildReport } from '../src/run-report.js'
import { summarizeShard } from '../src/shard-summary.js'
import { shardInput } from './corpus.js'

const context = { config: {}, versions: {}, inputs: [], wallSeconds: 1, peakMemoryBytes: 1 }

describe('the funnel in a terminal', () => {
  it('has every step, fits 80 columns and holds no control character', () => {
    const summary = mergeSummaries([summarizeShard(shardInput({ seed: 3, rows: 400 }))])
    summary.records['bad \u001b[31m name'] = 7_000_000
    const text = renderFunnel(buildReport(summary, context))
    if (process.env.WINNOW_SCREENSHOTS !== undefined) console.log(text)
    for (const step of [
      'Records read',
      'Pages',
      'Main text found',
      'Good quality',
      'Unique',
      'Free of test sets',
      'Clean',
    ])
      expect(text).toContain(step)
    expect(text).toContain('language.not_selected')
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
    expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
  })

  it('leaves no kind of record out silently', () => {
    const summary = emptySummary()
    const kinds = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
    kinds.forEach((kind, i) => {
      summary.records[kind] = 100 - i
    })
    const text = renderFunnel(buildReport(summary, context))
    expect(text).toContain('Not pages: 100 a, 99 b, 98 c, 97 d, and 3 more (285 records)\n')
    for (const kind of ['f', 'g']) delete summary.records[kind]
    expect(renderFunnel(buildReport(summary, context))).toContain('97 d, 96 e\n')
  })

  it('sizes a model by many tokens only', () => {
    const summary = mergeSummaries([summarizeShard(shardInput({ seed: 3, rows: 400 }))])
    const small = renderFunnel(buildReport(summary, context))
    expect(small).toMatch(/: too few\nto size a model by/)
    expect(small).not.toContain('parameters')
    summary.clean.bytes = 1e12
    expect(renderFunnel(buildReport(summary, context))).toMatch(
      /enough for\na model of .* parameters/,
    )
  })

  it('says so when nothing was read', () => {
    expect(renderFunnel(buildReport(emptySummary(), context))).toMatch(/^Clean +0 +0 % +0 B +0$/m)
  })
})

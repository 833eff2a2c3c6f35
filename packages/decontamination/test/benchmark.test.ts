import { describe, expect, it } from 'vitest'
import { benchmarkFromLines, benchmarkFromRecords } from '../src/index.js'

describe('benchmarkFromLines', () => {
  it('counts and describes bad lines and reads the rest', () => {
    const benchmark = benchmarkFromLines('mixed', [
      '\ufeff{"id": "a", "text": "first"}',
      '{"text": ',
      '',
      '[1, 2]',
      '{"label": 1}',
      '"a bare string"',
    ])
    expect(benchmark.examples.map(({ id }) => id)).toEqual(['a', '#6'])
    expect(benchmark.rejectedCount).toBe(3)
    expect(benchmark.rejected.map(({ line }) => line)).toEqual([2, 4, 5])
    expect(benchmark.rejected[0]?.problem).toMatch(/^not JSON: /)
    expect(benchmark.rejected[2]?.problem).toMatch(
      /no text in text, question, .*the record has label/,
    )
  })

  it('lists no more than twenty bad lines but counts all', () => {
    const benchmark = benchmarkFromLines('bad', new Array(500).fill('{'))
    expect(benchmark.rejectedCount).toBe(500)
    expect(benchmark.rejected).toHaveLength(20)
  })
})

describe('benchmarkFromRecords', () => {
  it('names examples without an id by their number', () => {
    const { examples } = benchmarkFromRecords('rows', [{ q: 'one' }, { q: 'two' }], ['q'])
    expect(examples.map(({ id }) => id)).toEqual(['#1', '#2'])
  })
})

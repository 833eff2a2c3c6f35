import type { RuleDescription } from '@winnow/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addHistogram,
  addValue,
  binEdge,
  binOf,
  binsFor,
  emptyHistogram,
  LENGTH_BINS,
  quantile,
} from '../src/bins.js'

const rule = (threshold: number): RuleDescription => ({
  reason: 'a.b',
  stage: 'quality',
  set: 'a',
  metric: 'm',
  comparison: '>',
  threshold,
  action: 'drop',
  description: '',
  source: '',
})

describe('bins', () => {
  it('put every threshold on an edge or a fraction of a bin from it', () => {
    for (const threshold of [0.01, 0.1, 0.13, 0.2, 0.3, 0.65, 0.9, 2, 3, 10]) {
      const bins = binsFor([rule(threshold)])
      const bin = binOf(bins, threshold)
      expect(binEdge(bins, bin - 1)).toBeCloseTo(threshold, 9)
    }
  })

  it('hold every number exactly once', () => {
    const axes = [
      binsFor([]),
      binsFor([rule(0.01)]),
      binsFor([rule(0.3)]),
      binsFor([rule(5)]),
      binsFor([rule(1e5)]),
      LENGTH_BINS,
    ]
    fc.assert(
      fc.property(fc.constantFrom(...axes), fc.double({ noNaN: true }), (bins, value) => {
        const histogram = emptyHistogram(bins)
        addValue(histogram, value, true)
        expect(histogram.all.reduce((sum, count) => sum + count, 0)).toBe(1)
        expect(histogram.all).toHaveLength(bins.count + 2)
      }),
    )
  })

  it('count what was not measured nowhere', () => {
    const histogram = emptyHistogram(LENGTH_BINS)
    addValue(histogram, Number.NaN, true)
    expect(quantile(histogram, 0.5)).toBeNull()
  })

  it('find the median within a bin', () => {
    const histogram = emptyHistogram(binsFor([rule(0.5)]))
    for (let i = 0; i <= 1000; i++) addValue(histogram, i / 1000, i % 2 === 0)
    expect(quantile(histogram, 0.5)).toBeCloseTo(0.5, 1)
    expect(quantile(histogram, 0)).toBe(0)
    expect(quantile(histogram, 1)).toBe(1)
  })

  it('refuse to add up counts on different axes', () => {
    expect(() =>
      addHistogram(emptyHistogram(LENGTH_BINS), emptyHistogram(binsFor([])), 'x'),
    ).toThrow(/different rules/)
  })
})

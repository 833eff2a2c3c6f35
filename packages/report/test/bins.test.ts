import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addHistogram, binOf, binRange, HistogramBuilder, quantile } from '../src/bins.js'

const histogramOf = (values: readonly number[]) => {
  const builder = new HistogramBuilder()
  for (const value of values) builder.add(value, true)
  return builder.finish()
}
const medianOf = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.ceil(values.length / 2) - 1] ?? 0

describe('bins', () => {
  it('begin at every threshold of two digits', () => {
    for (const threshold of [0.01, 0.1, 0.13, 0.2, 0.3, 0.65, 0.9, 2, 3, 10, 50, 100_000])
      expect(binOf(threshold)).toBe(threshold)
  })

  it('hold every number exactly once, and the number lies in its bin', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (value) => {
        const [low, high] = binRange(binOf(value))
        expect(value).toBeGreaterThanOrEqual(low)
        expect(value).toBeLessThanOrEqual(high)
        expect(histogramOf([value]).bins).toEqual([[binOf(value), 1, 1]])
      }),
    )
  })

  it('count what was not measured nowhere', () => {
    expect(quantile(histogramOf([Number.NaN]), 0.5)).toBeNull()
  })

  it('add up the same in any order', () => {
    const numbers = fc.array(fc.double({ noNaN: true }))
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        const [ab, ba] = [histogramOf(a), histogramOf(b)]
        addHistogram(ab, histogramOf(b))
        addHistogram(ba, histogramOf(a))
        expect(ab).toEqual(ba)
        expect(ab).toEqual(histogramOf([...a, ...b]))
      }),
    )
  })
})

describe('a median', () => {
  it('of whole numbers below 100 is exact, zeros and tails of thousands or not', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 99 }), { minLength: 1 }), fc.nat(), (values, tail) => {
        const median = medianOf(values)
        const all = histogramOf([...values, ...values, tail + 1000])
        expect(quantile(all, 0.5)).toEqual({
          value: medianOf([...values, ...values, tail + 1000]),
          exact: true,
        })
        expect(quantile(histogramOf(values), 0.5)).toEqual({ value: median, exact: true })
      }),
    )
  })

  it('of any numbers is right to one in the second digit', () => {
    const size = fc.double({ min: 1e-3, max: 1e9, noNaN: true })
    fc.assert(
      fc.property(fc.array(size, { minLength: 1 }), (values) => {
        const median = medianOf(values)
        const found = quantile(histogramOf(values), 0.5)
        const [low, high] = binRange(binOf(median))
        expect(Math.abs((found?.value ?? 0) - median)).toBeLessThanOrEqual((high - low) * 1.000001)
        if (found?.exact) expect(found.value).toBe(median)
      }),
    )
  })

  it('of a million-fold range is that of the middle, not of the end', () => {
    const values = [...Array.from({ length: 501 }, (_, i) => 966 + i), 91_707]
    expect(quantile(histogramOf(values), 0.5)).toEqual({ value: 1200, exact: false })
  })
})

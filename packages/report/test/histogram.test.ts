import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HistogramBuilder } from '../src/bins.js'
import { histogramChart, histogramTable } from '../src/html/histogram.js'

const histogramOf = (values: readonly number[]) => {
  const builder = new HistogramBuilder()
  values.forEach((value, i) => {
    builder.add(value, i % 2 === 0)
  })
  return builder.finish()
}

const kinds = [
  fc.double({ noNaN: true }),
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.double({ min: -5, max: 5, noNaN: true }),
  fc.double({ min: 0.01, max: 1e6, noNaN: true }),
  fc.nat({ max: 60 }),
  fc.nat(),
]
/** A value next to 0 beside a large one: nearer to the edge than a step can tell. */
const EDGE_CASES = [[-0.0001, 5000000.0049, 0]]
const values = fc.constantFrom(...kinds).chain((kind) => fc.array(kind, { minLength: 1 }))

describe('a histogram', () => {
  it('is drawn within its frame whatever the values', () => {
    fc.assert(
      fc.property(values, fc.constantFrom(0, 0.3, 2, 1e5), (list, value) => {
        const { source } = histogramChart(histogramOf(list), '', [{ value, label: 't' }])
        expect(/NaN|Infinity|undefined/.test(source)).toBe(false)
        const points = [...source.matchAll(/[ML](-?[\d.]+),(-?[\d.]+)/g)]
        expect(points.length).toBeLessThan(1000)
        for (const [, x, y] of points) {
          expect(Number(x)).toBeGreaterThanOrEqual(2)
          expect(Number(x)).toBeLessThanOrEqual(336)
          expect(Number(y)).toBeGreaterThanOrEqual(20)
          expect(Number(y)).toBeLessThanOrEqual(126)
        }
        expect(source.match(/<text/g)?.length ?? 0).toBeLessThan(16)
      }),
    )
  })

  it('has every document in one row of its table', () => {
    fc.assert(
      fc.property(values, (list) => {
        const { source } = histogramTable(histogramOf(list), 'u')
        const rows = [...source.matchAll(/<\/th><td class="n">([\d,]+)</g)]
        const sum = rows.reduce((total, [, n = '']) => total + Number(n.replaceAll(',', '')), 0)
        expect(sum).toBe(list.length)
        expect(rows.length).toBeLessThan(20)
      }),
      { examples: EDGE_CASES.map((list) => [list] as [number[]]) },
    )
  })
})

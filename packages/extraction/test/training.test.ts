import { describe, expect, it } from 'vitest'
import { expectedF1Threshold } from '../src/choose.js'
import { smooth } from '../src/smooth.js'
import { BOOST_DEFAULTS, boost } from '../src/training/boost.js'
import { labelPage } from '../src/training/label.js'
import { modelSource } from '../src/training/set.js'
import { decodeModel, predict } from '../src/trees.js'

/** Rows whose label is whether the first two features agree; the third is noise. */
function example() {
  const rows = 4000
  const table = new Float32Array(rows * 3)
  const labels = new Float32Array(rows)
  for (let row = 0; row < rows; row++) {
    const a = row % 2
    const b = (row >> 1) % 2
    table.set([a, b, (row * 7919) % 13], row * 3)
    labels[row] = a === b ? 1 : 0
  }
  return { table, width: 3, labels, weights: new Float32Array(rows).fill(1) }
}

describe('the model learns what single features cannot tell', () => {
  const options = { ...BOOST_DEFAULTS, trees: 60, featureShare: 1 }

  it('an exclusive or, and the same twice', () => {
    const model = boost(example(), options)
    expect(predict(model, Float32Array.of(1, 1, 5))).toBeGreaterThan(0.9)
    expect(predict(model, Float32Array.of(1, 0, 5))).toBeLessThan(0.1)
    expect(boost(example(), options)).toEqual(model)
  })

  it('and is written and read without a change in what it says', () => {
    const model = boost(example(), options)
    const source = modelSource(model)
    const [depth, base] = [...source.matchAll(/^ {2}(-?[\d.e-]+),$/gm)].map((match) =>
      Number(match[1]),
    )
    const lists = [...source.matchAll(/^ {2}'(.*)',$/gm)].map((match) => match[1] as string)
    const again = decodeModel(
      depth as number,
      base as number,
      lists[0] as string,
      lists[1] as string,
      lists[2] as string,
    )
    for (const row of [Float32Array.of(0, 1, 2), Float32Array.of(0, 0, 9)])
      expect(predict(again, row)).toBeCloseTo(predict(model, row), 3)
  })
})

describe('blocks are labelled by the text that was marked', () => {
  it('long ones by their words, short ones by lines and neighbours', () => {
    const html =
      '<div>Home</div><p>The first long paragraph of the text.</p><h2>Part two</h2><p>The second long paragraph of the text.</p><p>Subscribe now to read all of our stories.</p>'
    const truth =
      'The first long paragraph of the text.\n\nPart two\n\nThe second long paragraph of the text.'
    expect(Array.from(labelPage(html, '', truth).labels)).toEqual([0, 1, 1, 1, 0])
  })
})

describe('the cut is where the expected F1 is best', () => {
  it('keeps the likely and drops the rest', () => {
    const sizes = Int32Array.of(10, 10, 10, 10)
    expect(expectedF1Threshold(Float64Array.of(0.9, 0.8, 0.1, 0.05), sizes)).toBe(0.8)
  })

  it('keeps the likeliest of a page on which nothing is sure', () => {
    const sizes = Int32Array.of(10, 10, 10, 10)
    expect(expectedF1Threshold(Float64Array.of(0.3, 0.28, 0.02, 0.01), sizes)).toBe(0.28)
  })

  it('keeps less when it is strict', () => {
    const sizes = Int32Array.of(10, 10, 10)
    const probabilities = Float64Array.of(0.95, 0.5, 0.45)
    expect(expectedF1Threshold(probabilities, sizes, 4)).toBe(0.95)
  })

  it('draws a block towards its neighbours', () => {
    const smoothed = smooth(Float64Array.of(0.9, 0.4, 0.9), { words: Int32Array.of(20, 20, 20) })
    expect(smoothed[1]).toBeGreaterThan(0.5)
    expect(smoothed[0]).toBeLessThan(0.9)
  })
})

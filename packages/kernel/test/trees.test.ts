import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SCORED_ROWS, SCORED_WIDTH, type TreeEnsemble, TreeScorer } from '../src/trees.js'

/** One row at a time, by the definition. */
function plainly(ensemble: TreeEnsemble, row: ArrayLike<number>): number {
  let sum = ensemble.base
  for (let tree = 0; tree * 15 < ensemble.features.length; tree++) {
    let node = 0
    while (node < 15) {
      const at = tree * 15 + node
      const value = row[ensemble.features[at] as number] as number
      node = 2 * node + (value > (ensemble.thresholds[at] as number) ? 2 : 1)
    }
    sum += ensemble.leaves[tree * 16 + node - 15] as number
  }
  return sum
}

const WIDTH = 7
const few = fc.constantFrom(-2, -1, 0, 0.25, 0.5, 1, 3, Number.POSITIVE_INFINITY)

function ensembles(trees: number): fc.Arbitrary<TreeEnsemble> {
  const list = (item: fc.Arbitrary<number>, length: number) =>
    fc.array(item, { minLength: length, maxLength: length })
  return fc.record({
    base: fc.double({ min: -5, max: 5, noNaN: true }),
    features: list(fc.integer({ min: 0, max: WIDTH - 1 }), 15 * trees),
    thresholds: list(few, 15 * trees),
    leaves: list(fc.double({ min: -1, max: 1, noNaN: true }).map(Math.fround), 16 * trees),
  })
}

describe('trees are scored four rows at once', () => {
  it('to the bit as one by one', () => {
    const rows = fc.array(fc.array(few, { minLength: WIDTH, maxLength: WIDTH }), {
      minLength: SCORED_ROWS,
      maxLength: SCORED_ROWS,
    })
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5 }).chain(ensembles), rows, (ensemble, given) => {
        const scorer = new TreeScorer(ensemble)
        for (const [row, values] of given.entries()) scorer.rows.set(values, SCORED_WIDTH * row)
        scorer.score()
        expect(Array.from(scorer.sums)).toEqual(given.map((row) => plainly(ensemble, row)))
      }),
      { numRuns: 200, seed: 8 },
    )
  })

  it('and an ensemble of another shape is refused', () => {
    const leaves = new Float32Array(16)
    const conditions = new Float32Array(15)
    const make =
      (features: number[], values = leaves) =>
      () =>
        new TreeScorer({ base: 0, features, thresholds: conditions, leaves: values })
    expect(make(Array(7).fill(0))).toThrow(RangeError)
    expect(make(Array(15).fill(0), leaves.subarray(1))).toThrow(RangeError)
    expect(make(Array(15).fill(256))).toThrow('features 0 to 255, not 256')
  })
})

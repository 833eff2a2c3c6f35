import { describe, expect, it } from 'vitest'
import { budget } from '../src/budget.js'
import {
  computeOptimal,
  loss,
  optimalParameters,
  trainingFlops,
  worthOfRepeats,
} from '../src/chinchilla.js'

describe('the scaling law', () => {
  it('gives the published losses of known models', () => {
    // Terms computed by hand from the equation: Chinchilla 1.69 + 0.083 + 0.163, Gopher 1.69 + 0.052 + 0.251.
    expect(Math.abs(loss(70e9, 1.4e12) - 1.936)).toBeLessThan(0.001)
    expect(Math.abs(loss(280e9, 300e9) - 1.993)).toBeLessThan(0.001)
  })

  it('gives the published training costs', () => {
    // Hoffmann et al., table 3: 67 B parameters and 1.5 T tokens are Gopher's budget of 5.76e23.
    expect(trainingFlops(70e9, 1.4e12)).toBeCloseTo(5.88e23, -20)
    expect(optimalParameters(1.4e12)).toBe(70e9)
  })

  it('has its minimum where computeOptimal says', () => {
    for (const flops of [1e18, 1e21, 5.76e23]) {
      const { parameters, tokens } = computeOptimal(flops)
      expect(trainingFlops(parameters, tokens) / flops).toBeCloseTo(1, 9)
      for (const factor of [0.9, 1.1])
        expect(loss(parameters * factor, tokens / factor)).toBeGreaterThan(loss(parameters, tokens))
    }
    // Hoffmann et al., table A3, approach 3: 40 B parameters at 5.76e23.
    expect(computeOptimal(5.76e23).parameters / 1e9).toBeGreaterThan(25)
    expect(computeOptimal(5.76e23).parameters / 1e9).toBeLessThan(50)
  })

  it('counts four epochs as nearly new and never more than 17 corpora for any number of them', () => {
    expect(worthOfRepeats(1e9, 1)).toBe(1e9)
    expect(worthOfRepeats(1e9, 0.5)).toBe(0.5e9)
    expect(worthOfRepeats(1e9, 4) / 4e9).toBeGreaterThan(0.9)
    expect(worthOfRepeats(1e9, 1e9)).toBeLessThan(16.4e9)
  })
})

describe('the budget', () => {
  it('says what 140 billion tokens are enough for', () => {
    const { optimal, models } = budget(140e9)
    expect(optimal?.parameters).toBe(7e9)
    expect(optimal?.flops).toBeCloseTo(5.88e21, -17)
    expect(models.map(({ epochs }) => Number(epochs.toFixed(4)))).toEqual([0.1429, 1, 10])
    expect(models[2]?.loss).toBeLessThan(models[2]?.lossOnePass ?? 0)
  })

  it('has nothing to say of no tokens, and refuses what is no number of them', () => {
    expect(budget(0)).toEqual({ tokens: 0, optimal: null, models: [] })
    for (const tokens of [-1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => budget(tokens)).toThrow(RangeError)
  })
})

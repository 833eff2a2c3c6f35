import { describe, expect, test } from 'vitest'
import {
  CERTAIN_CHANCE,
  candidateProbability,
  certainBands,
  sharedBandsProbability,
  similarityOfShared,
} from '../src/bands.js'
import { dedupParameters } from '../src/parameters.js'
import { randomNumbers } from './documents.js'

describe('the arithmetic of bands', () => {
  test('sharing at least one band is being a candidate', () => {
    for (const s of [0, 0.3, 0.7, 0.95, 1])
      expect(sharedBandsProbability(s, 14, 8, 1)).toBeCloseTo(candidateProbability(s, 14, 8), 12)
    expect(candidateProbability(0.8, 14, 8)).toBeCloseTo(0.9237, 3)
  })

  test('the tail holds where its first terms are too small for a number', () => {
    expect(sharedBandsProbability(0.99, 450, 20, 1)).toBeCloseTo(1, 12)
    const least = certainBands(dedupParameters('lee', { verify: 0.99 }))
    expect(least).toBeGreaterThan(347)
    expect(sharedBandsProbability(0.99, 450, 20, least)).toBeLessThan(CERTAIN_CHANCE)
  })

  test('the tail agrees with throwing dice', () => {
    const random = randomNumbers(8)
    let hits = 0
    for (let round = 0; round < 20000; round++) {
      let shared = 0
      for (let band = 0; band < 14; band++) if (random() < 0.8 ** 8) shared++
      if (shared >= 4) hits++
    }
    expect(hits / 20000).toBeCloseTo(sharedBandsProbability(0.8, 14, 8, 4), 1.5)
  })

  test('bands are certain when a pair at the threshold hardly ever shares as many', () => {
    expect(certainBands(dedupParameters('default'))).toBe(8)
    expect(certainBands(dedupParameters('strict'))).toBe(14)
    expect(certainBands(dedupParameters('lee'))).toBe(20)
    for (const name of ['default', 'strict', 'lee'] as const) {
      const { bands, rows, verify } = dedupParameters(name)
      const least = certainBands(dedupParameters(name))
      expect(sharedBandsProbability(Number(verify), bands, rows, least)).toBeLessThan(
        CERTAIN_CHANCE,
      )
      expect(sharedBandsProbability(Number(verify), bands, rows, least - 1)).toBeGreaterThan(
        CERTAIN_CHANCE,
      )
    }
  })

  test('no number of bands is certain where a band says little', () => {
    expect(certainBands(dedupParameters('default', { bands: 2, rows: 2 }))).toBe(3)
  })

  test('all bands shared looks like Jaccard 1, none like 0', () => {
    const parameters = dedupParameters()
    expect(similarityOfShared(14, parameters)).toBe(1)
    expect(similarityOfShared(0, parameters)).toBe(0)
  })
})

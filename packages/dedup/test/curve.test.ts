import { utf8Column } from '@winnow/core'
import { estimateJaccard, sign } from '@winnow/kernel'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { certainBands } from '../src/bands.js'
import {
  bandThreshold,
  detectionCurve,
  halfPoint,
  MOST_INDEX_BYTES_PER_KEY,
  type PairOdds,
  pairOdds,
  storageCost,
} from '../src/curve.js'
import { Deduplicator } from '../src/deduplicator.js'
import { DuplicateIndex } from '../src/index-table.js'
import { encodeKeyFile } from '../src/key-file.js'
import { keyEntries } from '../src/keys.js'
import {
  type DedupParameters,
  dedupParameters,
  PROFILE_NAMES,
  signOptionsOf,
} from '../src/parameters.js'
import { randomNumbers } from './documents.js'

/** A minimum of two documents: the same, different with sketches that agree by chance, or different. */
type Outcome = 'same' | 'chance' | 'different'

/** Judges a pair by its minimums, as `verifyPairs` does. */
function judge(outcomes: readonly Outcome[], parameters: DedupParameters) {
  const { bands, rows, sketchMinimums, sketchBits, verify } = parameters
  let shared = 0
  for (let band = 0; band < bands; band++)
    if (outcomes.slice(band * rows, (band + 1) * rows).every((outcome) => outcome === 'same'))
      shared++
  const equal = outcomes.slice(0, sketchMinimums).filter((outcome) => outcome !== 'different')
  const chance = 2 ** -sketchBits
  const estimate = (equal.length / sketchMinimums - chance) / (1 - chance)
  const passes = verify === 'off' || shared >= certainBands(parameters) || estimate >= verify
  return { candidate: shared > 0, detected: shared > 0 && passes }
}

/** The odds by going through every outcome of every minimum. */
function naiveOdds(parameters: DedupParameters, jaccard: number): PairOdds {
  const chance = 2 ** -parameters.sketchBits
  const likely: Record<Outcome, number> = {
    same: jaccard,
    chance: (1 - jaccard) * chance,
    different: (1 - jaccard) * (1 - chance),
  }
  const odds = { candidate: 0, detected: 0 }
  const visit = (outcomes: Outcome[], probability: number): void => {
    if (outcomes.length === parameters.bands * parameters.rows) {
      const { candidate, detected } = judge(outcomes, parameters)
      if (candidate) odds.candidate += probability
      if (detected) odds.detected += probability
      return
    }
    for (const outcome of ['same', 'chance', 'different'] as const)
      visit([...outcomes, outcome], probability * likely[outcome])
  }
  visit([], 1)
  return odds
}

/** Texts of distinct words, in pairs whose sets of words share exactly `shared` of `union`. */
function pairsOfTexts(pairs: number, union: number, shared: number): string[] {
  const half = (union - shared) >> 1
  return Array.from({ length: pairs }, (_, pair) => {
    const words = Array.from({ length: union }, (_, i) => `w${pair}x${i}`)
    return [
      words.slice(0, shared + half).join(' '),
      [...words.slice(0, shared), ...words.slice(shared + half)].join(' '),
    ]
  }).flat()
}

/** Deviation allowed of a share of `trials`. */
const tolerance = (probability: number, trials: number): number =>
  4 * Math.sqrt((probability * (1 - probability)) / trials) + 1 / trials

describe('the odds of a pair', () => {
  test('are the known ones of bands', () => {
    const candidate = (name: 'default' | 'lee', jaccard: number) =>
      pairOdds(dedupParameters(name))(jaccard).candidate
    // FineWeb (arXiv 2406.17557) gives 56, 77, 92 and 98.8 % at 0.7, 0.75, 0.8 and 0.85.
    expect(candidate('default', 0.7)).toBeCloseTo(0.565, 3)
    expect(candidate('default', 0.72)).toBeCloseTo(0.65, 2)
    expect(candidate('default', 0.75)).toBeCloseTo(0.772, 3)
    expect(candidate('default', 0.8)).toBeCloseTo(0.924, 3)
    expect(candidate('default', 0.85)).toBeCloseTo(0.988, 3)
    expect(candidate('lee', 0.8)).toBeCloseTo(1 - (1 - 0.8 ** 20) ** 450, 12)
  })

  test('are what going through every outcome of every minimum gives', () => {
    const shape = fc.record({
      shape: fc.constantFrom([1, 1], [1, 3], [2, 1], [2, 3], [3, 2], [4, 1], [6, 1], [2, 2]),
      sketch: fc.nat(),
      sketchBits: fc.constantFrom(4 as const, 8 as const),
      // At so low a threshold a few bands are certain.
      verify: fc.constantFrom(0.001, 0.01, 0.2, 0.5, 0.75, 0.9, 1, 'off' as const),
      jaccard: fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true })),
    })
    let certain = 0
    fc.assert(
      fc.property(shape, ({ shape, sketch, sketchBits, verify, jaccard }) => {
        const [bands, rows] = shape as [number, number]
        const some = 1 + (sketch % (bands * rows))
        const sketchMinimums = sketchBits === 4 && some % 2 === 1 ? some - 1 : some
        if (sketchMinimums === 0) return
        const changes = { bands, rows, sketchMinimums, sketchBits, verify }
        const parameters = dedupParameters('default', changes)
        if (certainBands(parameters) <= bands && verify !== 'off') certain++
        const odds = pairOdds(parameters)(jaccard)
        const expected = naiveOdds(parameters, jaccard)
        expect(odds.candidate).toBeCloseTo(expected.candidate, 11)
        expect(odds.detected).toBeCloseTo(expected.detected, 11)
      }),
      { numRuns: 400 },
    )
    expect(certain).toBeGreaterThan(10)
  })

  test.each([
    ['default', 0.66],
    ['default', 0.75],
    ['strict', 0.72],
    ['lee', 0.8],
  ] as const)('agree with simulated signatures: %s at %d', (name, jaccard) => {
    const parameters = dedupParameters(name)
    const random = randomNumbers(11)
    const chance = 2 ** -parameters.sketchBits
    const trials = name === 'lee' ? 500 : 5000
    const counts = { candidate: 0, detected: 0 }
    for (let trial = 0; trial < trials; trial++) {
      const outcomes = Array.from({ length: parameters.bands * parameters.rows }, (): Outcome => {
        if (random() < jaccard) return 'same'
        return random() < chance ? 'chance' : 'different'
      })
      const { candidate, detected } = judge(outcomes, parameters)
      if (candidate) counts.candidate++
      if (detected) counts.detected++
    }
    const odds = pairOdds(parameters)(jaccard)
    for (const what of ['candidate', 'detected'] as const)
      expect(Math.abs(counts[what] / trials - odds[what])).toBeLessThan(
        tolerance(odds[what], trials),
      )
    expect(odds.detected).toBeLessThan(odds.candidate)
  })

  test.each([
    ['default', 100, 66],
    ['default', 100, 76],
    ['strict', 100, 70],
    ['fineweb', 100, 70],
  ] as const)(
    'hold for texts that are really deduplicated: %s at %d, %d',
    async (name, union, shared) => {
      const pairs = 600
      const parameters = { ngram: 1 }
      const documents = pairsOfTexts(pairs, union, shared).map((text, i) => ({ id: `${i}`, text }))
      let dropped = 0
      const deduplicator = new Deduplicator({ profile: name, parameters })
      for await (const { verdict } of deduplicator.process(documents))
        if (verdict === 'drop') dropped++
      const { detected } = pairOdds(dedupParameters(name, parameters))(shared / union)
      expect(Math.abs(dropped / pairs - detected)).toBeLessThan(tolerance(detected, pairs))
    },
  )

  test('hold for character shingles: the sketches of the signature are its first minimums', () => {
    const pairs = 400
    const parameters = dedupParameters('default', { shingle: 'character', ngram: 1, verify: 0.6 })
    // Every character stands once: a pair shares 60 of 100. Letters that fold to themselves, one apart from the other.
    const letters = Array.from({ length: 0x4db5 - 0x3400 }, (_, i) =>
      String.fromCodePoint(0x3400 + i),
    )
    const random = randomNumbers(5)
    const texts = Array.from({ length: pairs }, () => {
      const set = new Set<string>()
      while (set.size < 99) set.add(letters[Math.floor(random() * letters.length)] as string)
      const all = [...set]
      return [all.slice(0, 79).join(''), [...all.slice(0, 59), ...all.slice(79)].join('')]
    }).flat()
    const { sketches, sketchBytes, bandKeys } = sign(utf8Column(texts), signOptionsOf(parameters))
    const { bands } = parameters
    let detected = 0
    for (let pair = 0; pair < pairs; pair++) {
      const sketch = (row: number) => sketches.subarray(row * sketchBytes, (row + 1) * sketchBytes)
      const keys = (row: number) => bandKeys.subarray(row * bands, (row + 1) * bands)
      const others = keys(2 * pair + 1)
      const shared = keys(2 * pair).filter((key, band) => key === others[band]).length
      const estimate = estimateJaccard(sketch(2 * pair), sketch(2 * pair + 1), 8)
      if (shared > 0 && (shared >= certainBands(parameters) || estimate >= 0.6)) detected++
    }
    // The space between two ideographs is a shingle that all share.
    const odds = pairOdds(parameters)(60 / 100)
    expect(Math.abs(detected / pairs - odds.detected)).toBeLessThan(tolerance(odds.detected, pairs))
  })
})

describe('a curve', () => {
  test.each(PROFILE_NAMES)('of %s never falls, and ends at certainty', (name) => {
    const curve = detectionCurve(dedupParameters(name), 50)
    expect(curve.map(({ jaccard }) => jaccard)).toEqual(
      Array.from({ length: 51 }, (_, i) => i / 50),
    )
    for (const [i, { candidate, detected }] of curve.entries()) {
      const before = curve[i - 1] ?? { candidate: 0, detected: 0 }
      expect(candidate).toBeGreaterThanOrEqual(before.candidate)
      expect(detected).toBeGreaterThanOrEqual(before.detected - 1e-12)
      expect(detected).toBeLessThanOrEqual(candidate)
    }
    expect(curve[0]).toEqual({ jaccard: 0, candidate: 0, detected: 0 })
    expect(curve[50]).toEqual({ jaccard: 1, candidate: 1, detected: 1 })
  })

  test('is the same for candidates and duplicates where nothing is verified', () => {
    for (const { candidate, detected } of detectionCurve(dedupParameters('fineweb'), 20))
      expect(detected).toBe(candidate)
  })

  test('of the most bands and the longest has numbers everywhere', () => {
    for (const changes of [
      { bands: 510, rows: 1, sketchMinimums: 510, verify: 0.5 },
      { bands: 510, rows: 64, verify: 0.999 },
      { bands: 1, rows: 64, verify: 1 },
    ])
      for (const { candidate, detected } of detectionCurve(
        dedupParameters('default', changes),
        40,
      )) {
        expect(candidate).toBeGreaterThanOrEqual(0)
        expect(detected).toBeGreaterThanOrEqual(0)
        expect(detected).toBeLessThanOrEqual(1)
      }
  })

  test('crosses one half where halfPoint says', () => {
    const odds = pairOdds(dedupParameters('default'))
    const half = halfPoint((jaccard) => odds(jaccard).detected)
    expect(odds(half).detected).toBeCloseTo(0.5, 9)
    expect(halfPoint((jaccard) => odds(jaccard).candidate)).toBeCloseTo(
      (1 - 0.5 ** (1 / 14)) ** (1 / 8),
      9,
    )
    expect(bandThreshold(dedupParameters('default'))).toBeCloseTo(0.719, 3)
  })
})

describe('costs', () => {
  test.each(PROFILE_NAMES)('of %s are those of real key files and a real index', (name) => {
    const parameters = dedupParameters(name)
    const cost = storageCost(parameters)
    const texts = Array.from({ length: 400 }, (_, i) => `text ${i} of words that are ${i} its own`)
    const urls = utf8Column(texts.map((_, i) => `https://example.org/${i}`))
    const signatures = sign(utf8Column(texts), signOptionsOf(parameters))
    const bytes = (rows: number) => {
      const part = utf8Column(texts.slice(0, rows))
      const some = utf8Column(texts.slice(0, rows).map((_, i) => `https://example.org/${i}`))
      return encodeKeyFile(sign(part, signOptionsOf(parameters)), some, parameters).length
    }
    expect(bytes(400) - bytes(300)).toBe(100 * cost.keyFileBytes)
    const entries = keyEntries(signatures, urls, parameters.bands)
    expect(entries.length / 3).toBe(400 * cost.keys)
    const index = new DuplicateIndex(parameters.chainLimit)
    for (let base = 0; base < 400; base += 100) {
      const rows = utf8Column(texts.slice(base, base + 100).map((text) => `${text} ${name}`))
      const some = utf8Column(texts.slice(base, base + 100).map((_, i) => `http://a.b/${base + i}`))
      index.insert(keyEntries(sign(rows, signOptionsOf(parameters)), some, parameters.bands), base)
    }
    // Small slots have a few cells for nothing.
    expect(index.bytes).toBeLessThan(index.keys * MOST_INDEX_BYTES_PER_KEY + 256 * 16 * 12)
    expect(cost.indexBytes).toBeCloseTo(cost.keys * MOST_INDEX_BYTES_PER_KEY, 9)
  })
})

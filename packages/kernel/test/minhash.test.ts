import { utf8Column } from '@winnow/core'
import { describe, expect, test } from 'vitest'
import { estimateJaccard, type ShingleUnit, type SketchBits, sign } from '../src/index.js'

const PAIRS = 600
const BANDS = 14
const ROWS = 8
const PERMUTATIONS = BANDS * ROWS

/** Pairs of texts of distinct words whose word sets (1-grams) share the given part of their union. */
function pairs(union: number, shared: number): string[] {
  const texts: string[] = []
  for (let pair = 0; pair < PAIRS; pair++) {
    const words = Array.from({ length: union }, (_, i) => `w${pair}x${i}`)
    const half = (union - shared) >> 1
    texts.push(words.slice(0, shared + half).join(' '))
    texts.push([...words.slice(0, shared), ...words.slice(shared + half)].join(' '))
  }
  return texts
}

function signPairs(union: number, shared: number, sketchBits: SketchBits = 8) {
  const options = { ngram: 1, bands: BANDS, rows: ROWS, sketchBits }
  return sign(utf8Column(pairs(union, shared)), options)
}

function estimates(union: number, shared: number, bits: SketchBits): number[] {
  const { sketches, sketchBytes } = signPairs(union, shared, bits)
  const sketch = (row: number) => sketches.subarray(row * sketchBytes, (row + 1) * sketchBytes)
  return Array.from({ length: PAIRS }, (_, i) =>
    estimateJaccard(sketch(2 * i), sketch(2 * i + 1), bits),
  )
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

function deviation(values: readonly number[]): number {
  const middle = mean(values)
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)))
}

describe.each([
  [40, 4],
  [100, 50],
  [1000, 800],
  [30, 24],
])('sets of %i words in all, %i of them shared', (union, shared) => {
  const jaccard = shared / union

  test.each([8, 4] as const)(
    'the %i-bit estimate is unbiased and as exact as theory allows',
    (bits) => {
      const values = estimates(union, shared, bits)
      // b-bit minwise hashing (Li and Koenig 2010): variance p (1 - p) / k / (1 - 2^-b)^2 with p = 2^-b + (1 - 2^-b) J.
      const chance = 2 ** -bits
      const p = chance + (1 - chance) * jaccard
      const expected = Math.sqrt((p * (1 - p)) / PERMUTATIONS) / (1 - chance)
      expect(Math.abs(mean(values) - jaccard)).toBeLessThan((4 * expected) / Math.sqrt(PAIRS))
      expect(deviation(values) / expected).toBeGreaterThan(0.85)
      expect(deviation(values) / expected).toBeLessThan(1.15)
    },
  )

  test('a band matches with probability J^rows: its functions are independent together', () => {
    const { bandKeys } = signPairs(union, shared)
    let matches = 0
    for (let i = 0; i < PAIRS; i++)
      for (let band = 0; band < BANDS; band++)
        if (bandKeys[2 * i * BANDS + band] === bandKeys[(2 * i + 1) * BANDS + band]) matches++
    const trials = PAIRS * BANDS
    const expected = trials * jaccard ** ROWS
    expect(Math.abs(matches - expected)).toBeLessThan(5 * Math.sqrt(expected + 1))
  })
})

test('band keys depend on the band and on the seed', () => {
  const text = utf8Column(['some words that stand here'])
  const { bandKeys } = sign(text)
  expect(new Set(bandKeys).size).toBe(BANDS)
  const { bandKeys: others } = sign(text, { seed: 1 })
  expect(bandKeys.some((key) => others.includes(key))).toBe(false)
})

test('keys stay what they are from version to version', () => {
  const { textHash, bandKeys, sketches } = sign(utf8Column(['Ünchanged, for ever and ever: 漢字']))
  expect(textHash).toMatchInlineSnapshot(`
    BigUint64Array {
      "0": 15039306127299980414n,
    }
  `)
  expect(bandKeys.slice(0, 2)).toMatchInlineSnapshot(`
    BigUint64Array {
      "0": 3421209806896288183n,
      "1": 14443170430791779179n,
    }
  `)
  expect(sketches.slice(0, 4)).toMatchInlineSnapshot(`
    Uint8Array [
      41,
      51,
      228,
      183,
    ]
  `)
})

test('a text without words has no shingles, and zeros for keys', () => {
  const { shingles, bandKeys, sketches, textHash, textLength } = sign(
    utf8Column(['', ' .,;\n', '😀']),
  )
  expect(Array.from(shingles)).toEqual([0, 0, 0])
  expect(bandKeys.every((key) => key === 0n)).toBe(true)
  expect(sketches.every((byte) => byte === 0)).toBe(true)
  expect(Array.from(textHash)).toEqual([0n, 0n, 0n])
  expect(Array.from(textLength)).toEqual([0, 0, 0])
})

test('a text shorter than a shingle is one shingle, whatever its case and punctuation', () => {
  const { shingles, bandKeys } = sign(utf8Column(['Two words', 'two, WORDS!', 'words two']), {
    bands: 1,
  })
  expect(Array.from(shingles)).toEqual([1, 1, 1])
  expect(bandKeys[1]).toBe(bandKeys[0])
  expect(bandKeys[2]).not.toBe(bandKeys[0])
})

describe('character shingles', () => {
  const shinglesOf = (texts: string[], ngram: number) =>
    Array.from(sign(utf8Column(texts), { shingle: 'character', ngram }).shingles)

  test('are runs of code points of the normalised text, the spaces between words included', () => {
    expect(shinglesOf(['Ab, cd!', '𐐀𐐁 é', '漢字', 'abc'], 2)).toEqual([4, 3, 2, 2])
  })

  test('a text shorter than a shingle is one, whatever its case and punctuation', () => {
    const texts = utf8Column(['Two words', 'two, WORDS!', 'twowords', '', ' .'])
    const { shingles, bandKeys } = sign(texts, { shingle: 'character', ngram: 64, bands: 1 })
    expect(Array.from(shingles)).toEqual([1, 1, 1, 0, 0])
    expect(bandKeys[1]).toBe(bandKeys[0])
    expect(bandKeys[2]).not.toBe(bandKeys[0])
    expect(bandKeys.slice(3)).toEqual(BigUint64Array.of(0n, 0n))
  })

  test('the estimate is the Jaccard index of the sets of substrings', () => {
    const pair = ['the lazy dog jumps over the brown fox', 'the lazy dog jumps over the brown cow']
    const [a, b] = pair.map(
      (text) => new Set(Array.from({ length: text.length - 4 }, (_, i) => text.slice(i, i + 5))),
    ) as [Set<string>, Set<string>]
    const shared = [...a].filter((shingle) => b.has(shingle)).length
    const jaccard = shared / (a.size + b.size - shared)
    const options = { shingle: 'character', bands: 512, rows: 8 } as const
    const { sketches, sketchBytes } = sign(utf8Column(pair), options)
    const estimate = estimateJaccard(
      sketches.subarray(0, sketchBytes),
      sketches.subarray(sketchBytes),
      8,
    )
    expect(Math.abs(estimate - jaccard)).toBeLessThan(4 * Math.sqrt(0.25 / 4096))
  })

  test('leave the hash and the length of the text what they are with words', () => {
    const text = utf8Column(['The same text', '漢字かな', 'Ünï'])
    const words = sign(text)
    const characters = sign(text, { shingle: 'character' })
    expect(characters.textHash).toEqual(words.textHash)
    expect(characters.textLength).toEqual(words.textLength)
    expect(characters.bandKeys).not.toEqual(words.bandKeys)
  })

  test('have keys that stay what they are from version to version', () => {
    const text = utf8Column(['Ünchanged, for ever and ever: 漢字'])
    const { bandKeys, sketches } = sign(text, { shingle: 'character', ngram: 9 })
    expect(bandKeys.slice(0, 2)).toMatchInlineSnapshot(`
      BigUint64Array {
        "0": 7600207423409868107n,
        "1": 5210650558672102044n,
      }
    `)
    expect(sketches.slice(0, 4)).toMatchInlineSnapshot(`
      Uint8Array [
        141,
        254,
        46,
        107,
      ]
    `)
  })
})

test('options out of range are refused by name', () => {
  const text = utf8Column(['a'])
  expect(() => sign(text, { shingle: 'byte' as ShingleUnit })).toThrow('shingle is byte')
  expect(() => sign(text, { ngram: 0 })).toThrow('ngram is 0')
  expect(() => sign(text, { bands: 70_000 })).toThrow('bands is 70000')
  expect(() => sign(text, { bands: 1000, rows: 1000 })).toThrow('bands x rows is 1000000')
  expect(() => sign(text, { rows: 1.5 })).toThrow('rows is 1.5')
  expect(() => sign(text, { sketchSize: 113 })).toThrow('sketchSize is 113')
})

test('sketches that cannot be compared are refused', () => {
  expect(() => estimateJaccard(new Uint8Array(2), new Uint8Array(3), 8)).toThrow(RangeError)
  expect(() => estimateJaccard(new Uint8Array(0), new Uint8Array(0), 8)).toThrow(RangeError)
})

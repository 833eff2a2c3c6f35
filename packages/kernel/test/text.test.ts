import { type Utf8Column, utf8Column } from '@winnow/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NgramScanner, ngramHashes, normalize, sign } from '../src/index.js'
import * as reference from '../src/reference/index.js'
import type { NgramSet } from '../src/scanner.js'
import { textKernel } from '../src/text-kernel.js'
import { batch, longTexts } from './arbitraries.js'

const RUNS = { numRuns: 300 }

function same(compute: (text: Utf8Column) => [actual: unknown, expected: unknown]): void {
  fc.assert(
    fc.property(batch, (text) => {
      const [actual, expected] = compute(text)
      expect(actual).toEqual(expected)
    }),
    RUNS,
  )
}

/** As `toEqual`, which is slow on large arrays. */
function expectEqualArrays<T extends Record<string, ArrayBufferView>>(
  actual: T,
  expected: T,
): void {
  expect(Object.keys(actual)).toEqual(Object.keys(expected))
  for (const [name, array] of Object.entries(actual)) {
    const [a, b] = [array, expected[name] as ArrayBufferView].map((view) =>
      Buffer.from(view.buffer, view.byteOffset, view.byteLength),
    )
    expect({ name, equal: a?.equals(b as Buffer) }).toEqual({ name, equal: true })
  }
}

/** Every third n-gram of `text`, for the lengths given; some hashes twice with different values. */
function setsOf(text: Utf8Column, lengths: readonly number[]): NgramSet[] {
  return lengths.map((n) => {
    const { hashes } = reference.ngramHashes(text, n)
    const chosen = hashes.filter((_, i) => i % 3 === 0)
    return { n, hashes: chosen, values: Uint32Array.from(chosen, (_, i) => i * 7 + n) }
  })
}

describe('the kernel agrees with its reference on random, multilingual and hostile bytes', () => {
  test('normalize', () => {
    same((text) => [normalize(text), reference.normalize(text)])
  })

  test('normalize with word ranges', () => {
    same((text) => [normalize(text, { words: true }), reference.normalize(text, { words: true })])
  })

  test('sign', () => {
    same((text) => [sign(text), reference.sign(text)])
  })

  test('sign with character shingles', () => {
    for (const ngram of [1, 2, 9, 64])
      same((text) => {
        const options = { shingle: 'character', ngram, bands: 3 } as const
        return [sign(text, options), reference.sign(text, options)]
      })
  })

  test('sign with other shapes', () => {
    const shapes = fc.record({
      ngram: fc.integer({ min: 1, max: 64 }),
      shingle: fc.constantFrom('word' as const, 'character' as const),
      bands: fc.integer({ min: 1, max: 30 }),
      rows: fc.integer({ min: 1, max: 25 }),
      sketchBits: fc.constantFrom(4 as const, 8 as const),
      seed: fc.integer({ min: 0, max: 0xffffffff }),
    })
    fc.assert(
      fc.property(batch, shapes, fc.nat(), (text, shape, size) => {
        const options = { ...shape, sketchSize: size % (shape.bands * shape.rows + 1) }
        expect(sign(text, options)).toEqual(reference.sign(text, options))
      }),
      { numRuns: 100 },
    )
  })

  test('ngramHashes', () => {
    for (const n of [1, 2, 5, 13, 64])
      same((text) => [ngramHashes(text, n), reference.ngramHashes(text, n)])
  })

  test('NgramScanner', () => {
    same((text) => {
      const sets = setsOf(text, [3, 1, 2, 13])
      return [new NgramScanner(sets).scan(text), reference.scan(sets, text)]
    })
  })
})

describe('the kernel agrees with its reference on texts longer than its blocks and pieces', () => {
  const text = longTexts()

  test('normalize', () => {
    const { words, ...column } = normalize(text, { words: true })
    const { words: expectedWords, ...expected } = reference.normalize(text, { words: true })
    expectEqualArrays(column, expected)
    expectEqualArrays({ ...words }, { ...expectedWords })
  })

  test('sign', () => {
    const options = { bands: 2, rows: 3 }
    expect(sign(text, options)).toEqual(reference.sign(text, options))
  })

  test('sign with character shingles', () => {
    const options = { shingle: 'character', ngram: 33, bands: 1, rows: 2 } as const
    expect(sign(text, options)).toEqual(reference.sign(text, options))
  })

  test('ngramHashes', () => {
    const { n, ...actual } = ngramHashes(text, 13)
    const { n: expectedN, ...expected } = reference.ngramHashes(text, 13)
    expect(n).toBe(expectedN)
    expectEqualArrays(actual, expected)
  })

  test('NgramScanner', () => {
    const sets = setsOf(utf8Column(['on the mat twice', '字 か な']), [1, 3])
    expectEqualArrays({ ...new NgramScanner(sets).scan(text) }, { ...reference.scan(sets, text) })
  })
})

test('many rows, most of them empty, fill more than one call', () => {
  const values = Array.from({ length: 20_000 }, (_, i) => (i % 5 === 0 ? `row ${i}` : ''))
  const text = utf8Column(values)
  expect(normalize(text)).toEqual(utf8Column(values))
  const { shingles } = sign(text, { bands: 1, rows: 1 })
  expect(shingles.every((count, i) => count === (i % 5 === 0 ? 1 : 0))).toBe(true)
})

test('a column that is a view of another gives the same as its copy', () => {
  const whole = utf8Column(['first row', 'second row', 'third row'])
  const view = { offsets: whole.offsets.subarray(1), bytes: whole.bytes }
  expect(sign(view)).toEqual(sign(utf8Column(['second row', 'third row'])))
})

test('the memory of the kernel does not grow with the text', () => {
  const everything = (text: Utf8Column): number => {
    normalize(text, { words: true })
    ngramHashes(text, 5)
    sign(text)
    sign(text, { shingle: 'character', ngram: 64 })
    return textKernel().memory.buffer.byteLength
  }
  const small = everything(utf8Column(['a few words']))
  expect(everything(utf8Column(['many words '.repeat(2_000_000)]))).toBe(small)
})

test('no rows give no results', () => {
  const text = utf8Column([])
  expect(normalize(text).offsets).toEqual(Int32Array.of(0))
  expect(sign(text).bandKeys).toHaveLength(0)
  expect(new NgramScanner([]).scan(text).rows).toHaveLength(0)
})

import type { Utf8Column } from '@winnow/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type PassageHashOptions, passageHashes } from '../src/passages.js'
import * as reference from '../src/reference/index.js'
import { columnOf, document, longTexts } from './arbitraries.js'

const OPTIONS: PassageHashOptions[] = (['line', 'paragraph'] as const).flatMap((unit) =>
  (['folded', 'exact'] as const).map((normalise) => ({ unit, normalise })),
)

const lineEnd = fc.constantFrom('\n', '\r\n', '\n\n', '\r\n\r\n', ' \n\t\n', '\r', '\n \v\f\n', '')
const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

/** A document of lines: multilingual, broken and hostile bytes with line ends between them, or line ends alone. */
const lines = fc
  .array(fc.oneof(document, lineEnd.map(encode), fc.constant(encode('  Same Line 12.\n'))), {
    maxLength: 12,
  })
  .chain((parts) =>
    fc
      .array(lineEnd.map(encode), { minLength: parts.length, maxLength: parts.length })
      .map((ends) => Buffer.concat(parts.flatMap((part, i) => [part, ends[i] as Uint8Array]))),
  )

const batch = fc.array(lines, { maxLength: 5 }).map(columnOf)

function seedsOf(text: Utf8Column): BigUint64Array {
  return BigUint64Array.from(
    { length: text.offsets.length - 1 },
    (_, row) => BigInt(row % 3) * 0x123456789abcdefn,
  )
}

function expectSame(text: Utf8Column, options: PassageHashOptions): void {
  expect(passageHashes(text, options)).toEqual(reference.passageHashes(text, options))
}

describe('the kernel and its reference find the same passages with the same keys', () => {
  test.each(OPTIONS)('of random lines, by $unit, $normalise', (options) => {
    fc.assert(
      fc.property(batch, fc.integer({ min: 1, max: 30 }), (text, minBytes) => {
        expectSame(text, { ...options, minBytes, seeds: seedsOf(text) })
      }),
      { numRuns: 200 },
    )
  })

  test.each(OPTIONS)('of texts over blocks and pieces, by $unit, $normalise', (options) => {
    expectSame(longTexts(), options)
  })

  test.each(OPTIONS)('at the seams of pieces, by $unit, $normalise', (options) => {
    const piece = 262_144
    const seams = ['a \n b', '\r\n\r\nb', '   \n', '\n \nb']
    for (const seam of seams)
      for (let shift = 0; shift <= seam.length; shift++) {
        const before = 'x'
          .repeat(40)
          .concat('\n')
          .repeat(7_000)
          .slice(-(piece - shift))
        const text = columnOf([encode(before + seam), encode('y\nz'), encode('  \n')])
        expectSame(text, options)
      }
    expectSame(columnOf([encode('\n'.repeat(300_000)), encode(' '.repeat(300_000))]), options)
    expectSame(columnOf([encode(`a${' '.repeat(300_000)}b\n`)]), options)
    expectSame(columnOf([encode(`a${' '.repeat(300_000)}\nb`)]), options)
  })
})

test('as many passages as fit into a piece are told', () => {
  const { starts } = passageHashes(columnOf([encode('a\n'.repeat(200_000))]))
  expect(starts.length).toBe(200_000)
  expect(starts.every((start, i) => start === 2 * i)).toBe(true)
})

describe('a key says what a passage says', () => {
  const keys = (text: string, options: PassageHashOptions): bigint[] => [
    ...passageHashes(columnOf([encode(text)]), options).keys,
  ]

  test('folded: case, accents, punctuation, spaces and which digits stand there do not count', () => {
    const [a, b, c] = keys('Page 12 of 30: À propos\n  page 99 OF 11 -- a  propos.\nabout', {})
    expect(a).toBe(b)
    expect(c).not.toBe(a)
  })

  test('exact: only white space at the ends does not count', () => {
    const [a, b, c] = keys('One line.\r\n\t One line. \none line.', { normalise: 'exact' })
    expect(a).toBe(b)
    expect(c).not.toBe(a)
  })

  test('another seed makes other keys', () => {
    const text = columnOf([encode('same\n'), encode('same\n'), encode('same\n')])
    const { keys: all } = passageHashes(text, { seeds: BigUint64Array.of(1n, 2n, 1n) })
    expect(all[0]).toBe(all[2])
    expect(all[0]).not.toBe(all[1])
  })
})

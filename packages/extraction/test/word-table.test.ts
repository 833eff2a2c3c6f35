import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Hint, readHints } from '../src/hints.js'
import { WordTable } from '../src/word-table.js'

const numberOf = (table: WordTable, text: string): number =>
  table.find(`<${text}>`, 1, 1 + text.length)

describe('words are found where they stand', () => {
  it('in any case, and nothing else is taken for one', () => {
    const words = ['a', 'ab', 'ba', 'h1', 'aria-hidden', 'itemprop=text', 'b']
    const table = new WordTable(words)
    const text = fc.oneof(
      fc.constantFrom(...words, ...words.map((word) => word.toUpperCase()), 'h\u0011', '\r'),
      fc.string({ unit: fc.constantFrom('a', 'B', 'h', '1', '-', '\u212a'), minLength: 1 }),
    )
    fc.assert(
      fc.property(text, (written) => {
        const known = words.includes(written.toLowerCase()) ? written.toLowerCase() : ''
        expect(table.list[numberOf(table, written)]).toBe(known)
      }),
      { numRuns: 1000, seed: 5 },
    )
  })
})

describe('hints are read by their words', () => {
  const meaning = (hint: string) => {
    const hints = ['before', hint, 'nav']
    const { bits, unseen } = readHints(hints, hints.join('\n'))
    return { bits: bits[1], unseen: unseen[1] }
  }

  it('whole ones, parted by marks or capitals', () => {
    expect(meaning('site-footer').bits).toBe(Hint.footer)
    expect(meaning('siteFooter x').bits).toBe(Hint.footer)
    expect(meaning('sitefooter').bits).toBe(0)
    expect(meaning('entry-content').bits).toBe(Hint.article | Hint.main | Hint.body)
  })

  it('and not by utility classes', () => {
    expect(meaning('md:footer nav').bits).toBe(Hint.navigation)
    expect(meaning('w-[nav] nav:x').bits).toBe(0)
  })

  it('and tell what readers do not see', () => {
    expect(meaning('a sr-only').unseen).toBe(1)
    expect(meaning('d-none').unseen).toBe(1)
    expect(meaning('d-none d-md-block').unseen).toBe(0)
    expect(meaning('SR-ONLY not-hidden').unseen).toBe(0)
  })
})

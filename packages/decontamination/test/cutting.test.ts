import { removeRanges } from '@winnow/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { planCuts } from '../src/cutting.js'
import { MATCH_DEFAULTS } from '../src/options.js'

const encode = (text: string) => new TextEncoder().encode(text)

function cut(text: string, from: string, options = {}) {
  const start = encode(text.slice(0, text.indexOf(from))).length
  const plan = planCuts(encode(text), [start, start + encode(from).length], {
    ...MATCH_DEFAULTS,
    ...options,
  })
  if (plan.drop) return plan.why
  return new TextDecoder('utf-8', { fatal: true }).decode(removeRanges(encode(text), plan.ranges))
}

describe('planCuts', () => {
  it('removes the match and the margin in characters, not in bytes', () => {
    const text = `${'é'.repeat(10)}MATCH${'𝟙'.repeat(10)}`
    expect(cut(text, 'MATCH', { cutMargin: 3, minRest: 0 })).toBe(
      `${'é'.repeat(7)}${'𝟙'.repeat(7)}`,
    )
  })

  it('removes rests that are too short to be kept', () => {
    const text = `${'a'.repeat(500)}MATCH${'b'.repeat(399)}`
    expect(cut(text, 'MATCH')).toBe('a'.repeat(300))
    expect(cut(`${text}b`, 'MATCH')).toBe('a'.repeat(300) + 'b'.repeat(200))
  })

  it('drops a document of which nothing would be left', () => {
    expect(cut(`short MATCH page`, 'MATCH')).toBe('nothing would be left')
  })

  it('drops a document that is cut in more than ten places', () => {
    const text = encode('x'.repeat(12_000))
    const places = (count: number) =>
      Array.from({ length: count }, (_, i) => [i * 1000, i * 1000 + 9]).flat()
    expect(planCuts(text, places(10), MATCH_DEFAULTS).drop).toBe(false)
    expect(planCuts(text, places(11), MATCH_DEFAULTS).drop).toBe(true)
  })

  it('cuts on code point boundaries whatever the text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.string({ unit: 'grapheme' }),
        fc.nat(5),
        (a, b, margin) => {
          const left = cut(`${a}MATCH${b}`, 'MATCH', { cutMargin: margin, minRest: 0 })
          const expected =
            [...a].slice(0, Math.max(0, [...a].length - margin)).join('') +
            [...b].slice(margin).join('')
          expect(left).toBe(expected === '' ? 'nothing would be left' : expected)
        },
      ),
    )
  })
})

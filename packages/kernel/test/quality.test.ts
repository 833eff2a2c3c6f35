import { Utf8Builder, type Utf8Column, utf8Column } from '@winnow/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { measureQuality, QUALITY_METRICS, QualityGroup, QualityMeter } from '../src/quality.js'
import {
  CharacterClass,
  CLASSED_CODE_POINTS,
  fillCharacterClasses,
} from '../src/quality-classes.js'
import { referenceQuality } from '../src/quality-reference.js'

const ALL = QualityGroup.quality | QualityGroup.repetition | QualityGroup.fineweb
const STOP_WORDS = ['the', 'be', 'to', 'of', 'and', 'that', 'have', 'with', 'und', 'та', '的']

const classes = new Uint8Array(CLASSED_CODE_POINTS)
fillCharacterClasses(classes)
const charactersWith = (test: (bits: number) => boolean): Set<string> =>
  new Set(
    Array.from(classes.entries())
      .filter(([, bits]) => test(bits))
      .map(([code]) => String.fromCodePoint(code)),
  )
const punctuation = charactersWith((bits) => (bits & CharacterClass.notPunctuation) === 0)
const terminals = charactersWith((bits) => (bits & CharacterClass.terminal) !== 0)

function bytesColumn(rows: readonly Uint8Array[]): Utf8Column {
  const builder = new Utf8Builder(rows.length)
  for (const row of rows) builder.appendBytes(row)
  return builder.finish()
}

function expectSame(column: Utf8Column, texts: readonly string[]): void {
  const measured = measureQuality(column, { groups: ALL, stopWords: STOP_WORDS })
  texts.forEach((text, row) => {
    const expected = referenceQuality(text, { stopWords: STOP_WORDS, punctuation, terminals })
    const actual = Object.fromEntries(QUALITY_METRICS.map((name) => [name, measured[name][row]]))
    expect(actual).toEqual(expected)
  })
}

// Few words, so that lines, paragraphs and n-grams repeat; and every kind of character that a rule looks at.
const word = fc.constantFrom(
  ...[
    'the',
    'a',
    'aa',
    'and',
    'with',
    'to',
    'of',
    'water',
    'Straße',
    'и',
    'та',
    '的',
    '水素',
    'ไทย',
  ],
  ...[
    '...',
    '…',
    '....',
    '#',
    '##tag',
    '-',
    '•',
    '!?',
    '1',
    '12',
    '３',
    '𝒳𝒴',
    '😀',
    '𐐷',
    'é',
    'e\u0301',
  ],
  ...[
    'internationalisation',
    'x'.repeat(70),
    '\u0000',
    '\u007f',
    '\ufeff',
    'end.',
    '"quoted"',
    '》',
  ],
)
const gap = fc.constantFrom(
  ...[
    ' ',
    ' ',
    ' ',
    '  ',
    '\n',
    '\n\n',
    '\n\n\n',
    '\r\n',
    '\r',
    '\t',
    '\v',
    '\f',
    '\x1c',
    '\x1e',
    '\x1f',
  ],
  ...[
    '\x85',
    '\u00a0',
    '\u2028',
    '\u2029',
    '\u3000',
    '\u1680',
    '\u2009',
    '\u200b',
    ' - ',
    '\n- ',
    '...\n',
  ],
)
const prose = fc
  .array(fc.tuple(word, gap), { maxLength: 120 })
  .map((pairs) => pairs.flat().join(''))
const text = fc.oneof(
  prose,
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({ unit: 'grapheme' }),
)

describe('the quality kernel', () => {
  it('measures what the plain version measures, on any text', () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 6 }), (raw) => {
        const texts = raw.map((value) => value.toWellFormed())
        expectSame(utf8Column(texts), texts)
      }),
      { numRuns: 300 },
    )
  })

  it('reads broken UTF-8 as U+FFFD', () => {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 6 }),
      prose.map((value) => new TextEncoder().encode(value)),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const bytes = Uint8Array.from(pieces.flatMap((part) => [...part]))
        expectSame(bytesColumn([bytes]), [decoder.decode(bytes)])
      }),
      { numRuns: 200 },
    )
  })

  it.each([
    ['nothing', ''],
    ['blank lines', '\n\n \n'],
    ['one huge word', 'w'.repeat(100_000)],
    ['one word ten thousand times', 'word '.repeat(10_000)],
    [
      'numbers that only spaces tell apart',
      '1 23 1 23 12 3 123 1 2 3 1 23 1 23 12 3 123'.repeat(3),
    ],
    ['a byte order mark', '\ufeffthe text'],
  ])('agrees on %s', (_, value) => {
    expectSame(utf8Column([value]), [value])
  })

  it('forgets the document before', () => {
    const texts = [
      'the cat sat on the mat with a hat\n'.repeat(20),
      'the cat',
      '',
      'the cat sat on the mat',
    ]
    expectSame(utf8Column(texts), texts)
  })

  it('changes stop words between documents', () => {
    const meter = new QualityMeter()
    const index = QUALITY_METRICS.indexOf('stop_word_count')
    const bytes = new TextEncoder().encode('the und und')
    expect(meter.measure(bytes, QualityGroup.quality, ['und', 'oder'])[index]).toBe(1)
    expect(meter.measure(bytes, QualityGroup.quality, ['the', 'und'])[index]).toBe(2)
    expect(meter.measure(bytes, QualityGroup.quality, [])[index]).toBe(0)
  })

  it('takes a document of 200 MB in bounded time and memory', () => {
    const bytes = new Uint8Array(200_000_000).fill(0x61)
    for (let i = 1; i < bytes.length; i += 2) bytes[i] = i % 14 === 1 ? 0x0a : 0x20
    const started = performance.now()
    const values = new QualityMeter().measure(bytes, ALL, STOP_WORDS)
    expect(values[QUALITY_METRICS.indexOf('word_count')]).toBe(8 * 1024 * 1024)
    expect(performance.now() - started).toBeLessThan(20_000)
  })
})

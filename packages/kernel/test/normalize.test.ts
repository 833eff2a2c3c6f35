import { readFileSync } from 'node:fs'
import { strings, utf8Column } from '@winnow/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { normalize } from '../src/index.js'
import * as reference from '../src/reference/index.js'
import { columnOf } from './arbitraries.js'

const normalized = (text: string): string => strings(normalize(utf8Column([text])))[0] ?? ''

test.each([
  ['Héllo,   WORLD! don’t', 'hello world don t'],
  ['3.14 \u0661\u0662 x² ½', '3 14 \u0661\u0662 x2 1 2'],
  ['Straße ﬁn ΣΊΣΥΦΟΣ İstanbul', 'strasse fin σισυφοσ istanbul'],
  ['東京tower 3月', '東 京 tower 3 月'],
  ['ｶﾞ ガ カ\u3099', 'カ\u3099 カ\u3099 カ\u3099'],
  ['हिन्दी में', 'हिन्दी में'],
  ['soft\u00adhyphen zero\u200bwidth join\u200ded', 'softhyphen zero width joined'],
  ['مَرْحَبًا', 'مرحبا'],
  ['a😀b €5', 'a b 5'],
])('%j is normalised to %j', (text, expected) => {
  expect(normalized(text)).toBe(expected)
})

test('text is normalised alike in every Unicode normal form', () => {
  const parts = fc.constantFrom(...'éÀñçßÅệ한국각ガパЙѐΆώｆﬁ½가A b.1')
  fc.assert(
    fc.property(fc.array(parts), (characters) => {
      const text = characters.join('')
      const forms = ['NFC', 'NFD', 'NFKC', 'NFKD'].map((form) => normalized(text.normalize(form)))
      expect(new Set([...forms, normalized(text)]).size).toBe(1)
    }),
  )
})

test('normalised text is normal', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
      const once = normalized(text)
      expect(normalized(once)).toBe(once)
    }),
  )
})

test('bytes that are no UTF-8 separate words', () => {
  const text = columnOf([Uint8Array.of(0x61, 0xff, 0x62, 0xc3, 0x63, 0xed, 0xa0, 0x80, 0x64, 0xe6)])
  expect(strings(normalize(text))).toEqual(['a b c d'])
})

test('a word is found where it stood, its accent with it', () => {
  const { words } = normalize(utf8Column(['', '(Cafe\u0301), 東京']), { words: true })
  expect(words).toEqual({
    offsets: Int32Array.of(0, 0, 3),
    starts: Int32Array.of(1, 10, 13),
    ends: Int32Array.of(7, 13, 16),
  })
})

const TABLE = readFileSync(new URL('../assembly/shared/unicode-table.txt', import.meta.url), 'utf8')
const VERSION = TABLE.slice(0, TABLE.indexOf(' '))

/** Planes 4 to 13 are empty, 15 and 16 private: their ends stand for them. */
function* codePoints(): Generator<number> {
  for (let codePoint = 0; codePoint < 0x40000; codePoint++)
    if (codePoint < 0xd800 || codePoint >= 0xe000) yield codePoint
  for (let codePoint = 0xe0000; codePoint < 0xe1000; codePoint++) yield codePoint
  for (let plane = 4; plane <= 16; plane++) yield* [plane * 0x10000, plane * 0x10000 + 0xffff]
}

describe.skipIf(process.versions.unicode !== VERSION)(
  `with Unicode ${VERSION}, as the table`,
  () => {
    test('every code point folds as this engine says', () => {
      const text = utf8Column(
        Array.from(codePoints(), (codePoint) => String.fromCodePoint(codePoint)),
      )
      const actual = normalize(text)
      const expected = reference.normalize(text)
      expect(Buffer.compare(actual.bytes, expected.bytes)).toBe(0)
      expect(actual.offsets.every((offset, row) => offset === expected.offsets[row])).toBe(true)
    })
  },
)

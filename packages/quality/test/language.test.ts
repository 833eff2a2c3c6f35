import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { strings, utf8Column } from '@winnow/core'
import { eld } from 'eld/extrasmall'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { identifyLanguages, requireIdentifiable } from '../src/index.js'
import { type IdentifiedLanguage, LanguageModel } from '../src/language-model.js'
import { languageWords } from '../src/language-words.js'

const folder =
  process.env.WINNOW_TEST_DATA ?? new URL('../../../../shared/data', import.meta.url).pathname
const file = `${folder}/languages/udhr.jsonl.gz`
const present = existsSync(file)
if (!present) console.log(`skipped: no language samples at ${file}`)

describe('language identification', () => {
  it('labels texts and scores them between 0 and 1', async () => {
    const { language, score } = await identifyLanguages(
      utf8Column([
        'This is plainly a sentence in English.',
        'Dies ist ein deutscher Satz über das Wetter.',
        '',
        '12345',
      ]),
    )
    expect(strings(language).slice(0, 3)).toEqual(['en', 'de', ''])
    for (const value of score) expect(value >= 0 && value <= 1).toBe(true)
    expect(score[2]).toBe(0)
  })

  it('looks at a long text in several places', async () => {
    const menu = 'Home Kontakt Impressum Datenschutz Anmelden '.repeat(10)
    const body =
      'The river has been the border between the two provinces for more than a century. '.repeat(60)
    const { language } = await identifyLanguages(utf8Column([menu + body]))
    expect(strings(language)).toEqual(['en'])
  })

  it.skipIf(!present)('knows the major languages by a paragraph', async () => {
    const labels: Readonly<Record<string, string>> = {
      eng: 'en',
      deu_1901: 'de',
      fra: 'fr',
      spa: 'es',
      ita: 'it',
      por_PT: 'pt',
      nld: 'nl',
      pol: 'pl',
      rus: 'ru',
      ukr: 'uk',
      ces: 'cs',
      swe: 'sv',
      fin: 'fi',
      hun: 'hu',
      tur: 'tr',
      vie: 'vi',
      tha: 'th',
      jpn: 'ja',
      kor: 'ko',
      arb: 'ar',
      heb: 'he',
      hin: 'hi',
      ell_monotonic: 'el',
      bul: 'bg',
    }
    const rows = gunzipSync(readFileSync(file))
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { code: string; text: string })
      .filter((row) => labels[row.code] !== undefined)
    const { language } = await identifyLanguages(utf8Column(rows.map((row) => row.text)))
    const right = strings(language).filter(
      (label, i) => label === labels[rows[i]?.code ?? ''],
    ).length
    expect(right / rows.length).toBeGreaterThan(0.97)
  })
})

describe('the language model labels and scores as eld does', () => {
  eld.enableTextCleanup(true)
  const model = new LanguageModel()
  const theirs = (text: string): IdentifiedLanguage => {
    const result = eld.detect(text)
    return { language: result.language, score: result.getScores()[result.language] ?? 0 }
  }
  const ours = (text: string): IdentifiedLanguage => model.identify(languageWords(text))
  const piece = fc.oneof(
    fc.constantFrom(
      ...['Don’t', "rock'n'roll", '`', 'ΟΔΟΣ', 'İstanbul', 'Straße', '水素', 'ไทย', '𝒳', 'ދިވެހި'],
      ...['http://a.b/c', 'WWW.x', 'me@mail.example.org', 'shop.com/a', 'a1b2', '３', '\n', '. '],
      ...['Donaudampfschifffahrtsgesellschaftskapitän'.repeat(3), 'the', 'und', 'для'],
    ),
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.string({ maxLength: 12 }),
  )

  it('on any text', () => {
    const text = fc.array(piece, { maxLength: 80 })
    const gap = fc.constantFrom('', ' ')
    fc.assert(
      fc.property(text, gap, (pieces, between) => {
        const whole = pieces.join(between).slice(0, 1000).toWellFormed()
        expect(ours(whole)).toEqual(theirs(whole))
      }),
      { numRuns: 500 },
    )
  })

  it.skipIf(!present)('on paragraphs in all languages there are', () => {
    const texts = gunzipSync(readFileSync(file))
      .toString()
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { text: string }).text.slice(0, 1000).toWellFormed())
    expect(texts.map(ours)).toEqual(texts.map(theirs))
  })
})

describe('languages to keep', () => {
  it('that cannot be identified are refused with those that can', () => {
    expect(() => requireIdentifiable(['en', 'de'])).not.toThrow()
    expect(() => requireIdentifiable(['en', 'zz'])).toThrow(/zz is no language/)
  })
})

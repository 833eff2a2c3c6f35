import {
  type Attributes,
  applyCuts,
  reasonOf,
  strings,
  UsageError,
  utf8Column,
  VERDICT_NAMES,
} from '@winnow/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  hostColumn,
  PassageIndex,
  type PassageOptions,
  passageAttributes,
  passageKeys,
  passageOptions,
  passageRules,
  type StoredPassages,
  verifyPassages,
} from '../src/passages/index.js'
import { cutAtRandom } from './documents.js'
import {
  type PassageDocument,
  passageDocuments,
  passageOptionSets,
  runPassages,
  utf8,
} from './passages-corpus.js'

function documents(texts: readonly string[], host = 'a.example'): PassageDocument[] {
  return texts.map((text, i) => ({ id: `d${i}`, url: `https://${host}/${i}`, bytes: utf8(text) }))
}

function keptTexts({ text, earlier, attributes }: StoredPassages): string[] {
  return strings(applyCuts(text, [...earlier, attributes]))
}

function only(stored: readonly StoredPassages[]): StoredPassages {
  return stored[0] as StoredPassages
}

function describeRow(attributes: Attributes, row: number): string {
  const verdict = VERDICT_NAMES[attributes.verdict[row] as number]
  return `${verdict} ${reasonOf(attributes, row)}: ${attributes.detail[row]}`
}

/** What became of each document, its cuts and metrics. */
function outcome(stored: readonly StoredPassages[]): string[] {
  return stored.flatMap(({ ids, attributes, ...rest }) => {
    const texts = keptTexts({ ids, attributes, ...rest })
    return ids.map((id, row) => {
      const metrics = Object.values(attributes.metrics).map((column) => column[row])
      return JSON.stringify([id, describeRow(attributes, row), metrics, texts[row]])
    })
  })
}

const SHARE = 'Share this page with your friends'
const lines = passageOptions()

describe('a line seen before', () => {
  test('is cut with its line end, in a later document and in the same one', () => {
    const stored = only(
      runPassages(
        [
          documents([
            `${SHARE}\nOne text of its own.\n`,
            `Another text altogether.\n${SHARE}\nEnd.`,
            `${SHARE}\nA third text, a longer one\n${SHARE}\n`,
          ]),
        ],
        lines,
      ),
    )
    expect(keptTexts(stored)).toEqual([
      `${SHARE}\nOne text of its own.\n`,
      'Another text altogether.\nEnd.',
      'A third text, a longer one\n',
    ])
    expect([0, 1, 2].map((row) => describeRow(stored.attributes, row))).toEqual([
      'keep : ',
      'cut duplicate_line: 1 line, 34 bytes, seen before',
      'cut duplicate_line: 2 lines, 68 bytes, seen before',
    ])
    expect(stored.attributes.metrics.duplicate_lines).toEqual(Float64Array.of(0, 1, 2))
    expect(stored.attributes.metrics.duplicate_line_bytes_fraction).toEqual(
      Float64Array.of(0, 34 / 63, 68 / 95),
    )
  })

  test('counts over CRLF, case, accents, punctuation and digits; not when it is short', () => {
    const texts = [
      'Página 1 de 20, más abajo\r\nmenu\r\nLeft',
      'pagina 7 DE 15 mas abajo\nmenu\nRight',
    ]
    expect(keptTexts(only(runPassages([documents(texts)], lines)))[1]).toBe('menu\nRight')
    const exact = passageOptions({ normalise: 'exact' })
    expect(keptTexts(only(runPassages([documents(texts)], exact)))).toEqual(texts)
    const all = passageOptions({ minBytes: 1 })
    expect(keptTexts(only(runPassages([documents(texts)], all)))[1]).toBe('Right')
  })

  test('in a document that was dropped as a whole neither counts nor is cut', () => {
    const [first, second, third] = documents([SHARE, `${SHARE}\nb`, `${SHARE}\nc`]) as [
      PassageDocument,
      PassageDocument,
      PassageDocument,
    ]
    const stored = only(runPassages([[{ ...first, dropped: true }, second, third]], lines))
    expect([0, 1, 2].map((row) => describeRow(stored.attributes, row))).toEqual([
      'drop duplicate_text: same normalised text',
      'keep : ',
      'cut duplicate_line: 1 line, 34 bytes, seen before',
    ])
    expect(stored.attributes.metrics.duplicate_lines?.[0]).toBeNaN()
  })

  test('of another host counts or not', () => {
    const shards = [
      documents([`${SHARE}\none\n`]),
      documents([`${SHARE}\ntwo\n`], 'b.example'),
      documents([`${SHARE}\nthree\n`], 'A.Example:8080'),
    ]
    const texts = (options: PassageOptions): string[] =>
      runPassages(shards, options).flatMap(keptTexts)
    expect(texts(passageOptions({ scope: 'host' }))).toEqual([
      `${SHARE}\none\n`,
      `${SHARE}\ntwo\n`,
      'three\n',
    ])
    expect(texts(lines)).toEqual([`${SHARE}\none\n`, 'two\n', 'three\n'])
  })
})

describe('a paragraph seen before', () => {
  const paragraphs = passageOptions({ unit: 'paragraph' })

  test('is cut with the blank lines after it, as a whole and not line by line', () => {
    const first = `Intro of the page at hand\n\n${SHARE}\nand with others too\n\nEnd of the page is here\n`
    const second = `Another intro that is new\n\n${SHARE}\r\n  and with others, too.\r\n \r\n\r\n${SHARE}\n\nfin`
    const stored = only(runPassages([documents([first, second])], paragraphs))
    expect(keptTexts(stored)).toEqual([first, `Another intro that is new\n\n${SHARE}\n\nfin`])
    expect(describeRow(stored.attributes, 1)).toBe(
      'cut duplicate_paragraph: 1 paragraph, 65 bytes, seen before',
    )
  })
})

describe('a document of which little is left', () => {
  const text = `${SHARE}\nSubscribe to our newsletter today\n`
  test('is dropped when nothing is left but blank lines', () => {
    const stored = only(runPassages([documents([text, `\n${text}\n \n`, `${text}.`])], lines))
    expect(describeRow(stored.attributes, 1)).toBe(
      'drop mostly_duplicate_lines: 2 lines, 68 bytes, seen before; 0 bytes left',
    )
    expect(describeRow(stored.attributes, 2)).toMatch('cut duplicate_line:')
  })

  test('is dropped when less than minKept is left, on request', () => {
    const options = passageOptions({ minKept: 0.2 })
    const rest = (length: number): string => text + 'x'.repeat(length)
    const stored = only(runPassages([documents([text, rest(16), rest(17)])], options))
    expect(describeRow(stored.attributes, 1)).toMatch(
      /^drop mostly_duplicate_lines:.* 16 bytes left$/,
    )
    expect(describeRow(stored.attributes, 2)).toMatch('cut duplicate_line:')
  })

  test('that never had anything is kept', () => {
    const stored = only(runPassages([documents(['', '\n\r\n', ' '])], lines))
    expect([...stored.attributes.verdict]).toEqual([0, 0, 0])
    expect(stored.attributes.metrics.duplicate_line_bytes_fraction).toEqual(
      Float64Array.of(0, 0, 0),
    )
  })
})

describe('over random documents', () => {
  test('every cut is the one that sets of normalised texts give, and nothing kept stands twice', async () => {
    await fc.assert(
      fc.asyncProperty(passageDocuments, passageOptionSets, async (corpus, options) => {
        const report = await verifyPassages(runPassages([corpus], options), options)
        expect(report).toMatchObject({ disagreements: [], keptTwice: [], sound: true })
      }),
      { numRuns: 300 },
    )
  })

  test('the outcome does not depend on how they are cut into shards', () => {
    fc.assert(
      fc.property(passageDocuments, passageOptionSets, fc.nat(), (corpus, options, seed) => {
        const whole = outcome(runPassages([corpus], options))
        expect(outcome(runPassages(cutAtRandom(corpus, seed), options))).toEqual(whole)
        const single = corpus.map((document) => [document])
        expect(outcome(runPassages(single, options))).toEqual(whole)
      }),
      { numRuns: 150 },
    )
  })

  test('deduplicating what is kept once more cuts nothing', () => {
    fc.assert(
      fc.property(passageDocuments, passageOptionSets, (corpus, options) => {
        const kept = runPassages([corpus], options).flatMap((stored) =>
          keptBytes(stored).flatMap((bytes, row) =>
            stored.attributes.verdict[row] === 1
              ? []
              : [{ id: `${row}`, url: corpus[row]?.url ?? '', bytes }],
          ),
        )
        const again = only(runPassages([kept], options))
        expect([...again.attributes.verdict]).toEqual(kept.map(() => 0))
      }),
      { numRuns: 150 },
    )
  })
})

function keptBytes({ text, earlier, attributes }: StoredPassages): Uint8Array[] {
  const { offsets, bytes } = applyCuts(text, [...earlier, attributes])
  return Array.from({ length: offsets.length - 1 }, (_, row) =>
    bytes.slice(offsets[row], offsets[row + 1]),
  )
}

test('huge lines, many lines and only line ends are cut like others', async () => {
  const long = 'é many words in one line '.repeat(12_000)
  const many = Array.from(
    { length: 6_000 },
    (_, i) => `these words of line ${i % 9} ${'abc'.repeat(i % 9)}`,
  )
  const corpus = documents(['\n'.repeat(270_000), `${long}\na`, `b\r\n${long}`, many.join('\n')])
  for (const unit of ['line', 'paragraph'] as const) {
    const options = passageOptions({ unit })
    const stored = runPassages([corpus], options)
    expect((await verifyPassages(stored, options)).sound).toBe(true)
    if (unit === 'line')
      expect(keptTexts(only(stored)).map((text) => text.length)).toEqual([
        270_000,
        long.length + 2,
        3,
        315,
      ])
  }
})

describe('the verifier', () => {
  const corpus = documents([`${SHARE}\na`, `${SHARE}\nb`, `c\n${SHARE}`])
  const stored = only(runPassages([corpus], lines))

  test('counts, and skips a shard that comes again', async () => {
    expect(await verifyPassages([stored, stored], lines)).toEqual({
      passages: 3,
      repeated: 2,
      disagreements: [],
      keptTwice: [],
      sound: true,
    })
  })

  test('names a cut that is missing, and one that is too much', async () => {
    const { spans } = stored.attributes
    const missing = {
      ...stored.attributes,
      spans: { ...spans, offsets: Int32Array.of(0, 0, 0, 2) },
    }
    const report = await verifyPassages([{ ...stored, attributes: missing }], lines)
    expect(report.keptTwice).toEqual([['d1', `${SHARE}\n`]])
    expect(report.disagreements.map(({ id }) => id)).toEqual(['d1', 'd2'])
    const values = spans.values.slice()
    values[1] = (values[1] as number) + 1
    const wider = { ...stored.attributes, spans: { ...spans, values } }
    const { disagreements } = await verifyPassages([{ ...stored, attributes: wider }], lines)
    expect(disagreements).toEqual([
      { shard: 's0', row: 1, id: 'd1', expected: 'cut 0 34', stored: 'cut 0 35' },
    ])
  })
})

describe('the host of a URL', () => {
  test('stands there, in lower case, without user and port', () => {
    const urls = {
      'https://www.Example.org/a?b=http://c.org': 'www.example.org',
      'http://example.org:8080': 'example.org',
      'http://user:word@example.org:1#x': 'example.org',
      'https://[2001:DB8::1]:80/': '[2001:db8::1]',
      'https://bücher.example?q': 'bücher.example',
      'urn:uuid:1': '',
      'example.org/a': '',
      'http://': '',
      '': '',
    }
    expect(strings(hostColumn(utf8Column(Object.keys(urls))))).toEqual(Object.values(urls))
  })

  test('is needed with scope host', () => {
    const options = passageOptions({ scope: 'host' })
    expect(() => passageKeys(utf8Column(['a']), undefined, options)).toThrow(UsageError)
    expect(() => passageKeys(utf8Column(['a']), utf8Column([]), options)).toThrow(UsageError)
  })
})

test('options out of range are refused', () => {
  for (const wrong of [
    { unit: 'word' },
    { scope: 'site' },
    { normalise: 'no' },
    { minBytes: 0 },
    { minBytes: 1.5 },
    { minKept: 1.1 },
    { minKept: Number.NaN },
  ])
    expect(() => passageOptions(wrong as Partial<PassageOptions>)).toThrow(UsageError)
})

test('the rules name what verdicts carry', () => {
  const passages = passageKeys(utf8Column([SHARE, `${SHARE}\nx`, SHARE]), undefined, lines)
  const decision = new PassageIndex().insert(passages, Uint8Array.of(1, 1, 1))
  const { reasons, metrics } = passageAttributes(passages, decision, lines)
  expect(passageRules(lines).map(({ reason }) => reason)).toEqual(reasons.slice(1))
  expect(passageRules(lines).map(({ metric }) => metric)).toEqual(Object.keys(metrics))
})

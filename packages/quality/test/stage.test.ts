import {
  type Attributes,
  applyCuts,
  type DocumentRow,
  documentBatch,
  reasonOf,
  strings,
  VERDICT_NAMES,
} from '@winnow/core'
import { describe, expect, it } from 'vitest'
import { createQualityStage, QUALITY_RULES, type QualityOptions } from '../src/index.js'

const SENTENCES = [
  'The river has been the border between the two provinces for more than a century.',
  'In spring the water rises to the lower steps of the mill and the miller opens both gates.',
  'Most of the grain that farmers bring here comes from fields within a day of travel.',
  'They have kept the old stones because new ones would heat the flour too much.',
  'A visitor who arrives before noon can watch the whole of the work with a guide.',
  'Nobody remembers who built the bridge, but its arches are older than the church.',
]
const PAGE = SENTENCES.join('\n')

async function evaluate(
  rows: readonly Partial<DocumentRow>[],
  options: QualityOptions = {},
): Promise<Attributes> {
  const batch = documentBatch(rows.map((row, i) => ({ id: String(i), text: PAGE, ...row })))
  return (await createQualityStage(options)).evaluate(batch)
}

const verdicts = (attributes: Attributes): string[] =>
  Array.from({ length: attributes.rows }, (_, row) =>
    `${VERDICT_NAMES[attributes.verdict[row] as number]} ${reasonOf(attributes, row)}`.trim(),
  )

describe('the quality stage', () => {
  it('keeps a good page and drops bad ones, each with its reason and value', async () => {
    const attributes = await evaluate([
      {},
      { text: '' },
      { text: 'The water of the river is too cold to swim with them.' },
      { text: `${PAGE}\n${'Buy it now. '.repeat(80)}` },
      {
        text: 'Der Fluss ist seit mehr als hundert Jahren die Grenze zwischen den beiden Provinzen, und niemand weiß, wer die Brücke gebaut hat.',
      },
      { url: 'https://www.pornhub.com/view?id=1' },
    ])
    expect(verdicts(attributes)).toEqual([
      'keep',
      'drop content.nothing_left',
      'drop gopher_quality.too_few_words',
      'drop gopher_repetition.top_2_gram_fraction',
      'drop language.not_selected',
      'drop content.blocked_word',
    ])
    expect(attributes.detail[2]).toBe('word_count 12 < 50')
    expect(attributes.labels.language?.slice(2)).toEqual(['en', 'en', 'de', 'en'])
  })

  it('stores the metrics of every set for dropped rows too', async () => {
    const attributes = await evaluate([{ url: 'http://xxx.example/' }])
    expect(attributes.verdict[0]).toBe(1)
    for (const [name, column] of Object.entries(attributes.metrics))
      expect(column[0], name).not.toBeNaN()
    expect(Object.keys(attributes.metrics)).toContain('duplicate_10_gram_fraction')
  })

  it('cuts boilerplate lines as spans of the original text, and prose about the same things stays', async () => {
    const prose = 'The privacy policy of the mill was read to all of the guests who came that day.'
    const text = `Skip to content\n${PAGE}\n${prose}\nPrivacy Policy | Terms of Use | Contact\nShare on Facebook`
    const batch = documentBatch([{ id: 'a', text }])
    const attributes = (await createQualityStage()).evaluate(batch)
    expect(verdicts(attributes)).toEqual(['cut content.boilerplate_line'])
    expect(strings(applyCuts(batch.text, [attributes]))).toEqual([`${PAGE}\n${prose}\n`])
  })

  it('drops a document of boilerplate alone', async () => {
    const attributes = await evaluate([
      { text: 'Skip to content\n\nPrivacy Policy\nAll rights reserved.\n' },
    ])
    expect(verdicts(attributes)).toEqual(['drop content.nothing_left'])
  })

  it('judges by what the cuts of earlier sets left, and keeps spans in bytes of the original', async () => {
    const text = `é Skip to content\nmenu home\n${PAGE} [1]`
    const batch = documentBatch([{ id: 'a', language: 'en', text }])
    const attributes = (
      await createQualityStage({ profile: ['content', 'c4', 'gopher_quality'] })
    ).evaluate(batch)
    expect(strings(applyCuts(batch.text, [attributes]))).toEqual([
      `${SENTENCES.slice(0, 5).join('\n')}\n`,
    ])
    expect(attributes.metrics.character_count?.[0]).toBe(
      SENTENCES.slice(0, 5).join('\n').length + 1,
    )
  })

  it('cuts citations and counts sentences as C4 does', async () => {
    const text = `${SENTENCES.slice(0, 5).join(' ')} It[12] is so[citation needed].`
    const batch = documentBatch([{ id: 'a', text }])
    const attributes = (await createQualityStage({ profile: ['c4'] })).evaluate(batch)
    expect(verdicts(attributes)).toEqual(['cut c4.citation'])
    expect(strings(applyCuts(batch.text, [attributes]))[0]).toMatch(/ It is so\.$/)
    expect(attributes.metrics.c4_sentence_count?.[0]).toBe(6)
  })

  it('drops on the share of flagged words, not on one', async () => {
    const text = (count: number): string => `${PAGE}\n${'They said shit. '.repeat(count)}`
    const rows = [{ text: text(1) }, { text: text(3) }]
    expect(verdicts(await evaluate(rows, { profile: ['content'] }))).toEqual([
      'keep',
      'drop content.flagged_words',
    ])
    expect(verdicts(await evaluate(rows, { profile: ['c4_badwords'] }))).toEqual([
      'drop c4_badwords.flagged_word',
      'drop c4_badwords.flagged_word',
    ])
  })

  it('moves and switches off thresholds', async () => {
    const rows = [{ text: 'The water of the river is too cold to swim with them.' }]
    const profile = ['gopher_quality'] as const
    const reason = 'gopher_quality.too_few_words'
    expect(verdicts(await evaluate(rows, { profile, thresholds: { [reason]: 12 } }))).toEqual([
      'keep',
    ])
    expect(verdicts(await evaluate(rows, { profile, thresholds: { [reason]: null } }))).toEqual([
      'keep',
    ])
    expect(verdicts(await evaluate(rows, { profile, thresholds: { [reason]: 13 } }))).toEqual([
      `drop ${reason}`,
    ])
  })

  it('parts words in languages without spaces, and divides by the length of the text as it is', async () => {
    const text = '今天天气很好，我们一起去公园散步，然后在湖边吃午饭，看孩子们放风筝。'
    const attributes = await evaluate([{ text, language: 'zh' }], { profile: ['gopher_quality'] })
    expect(attributes.metrics.word_count?.[0]).toBeGreaterThan(10)
    expect(attributes.metrics.character_count?.[0]).toBe([...text].length)
    expect(verdicts(attributes)).toEqual(['drop gopher_quality.too_few_words'])
  })

  it('uses the stop words of the language, and none where there is no list', async () => {
    const german = 'und nicht das ist der die von zu haben werden '.repeat(6)
    const unknown = 'qala sima tura welo panu kira '.repeat(10)
    const profile = ['gopher_quality'] as const
    const attributes = await evaluate(
      [
        { text: german, language: 'de' },
        { text: german, language: 'en' },
        { text: unknown, language: 'xx' },
      ],
      { profile },
    )
    expect(verdicts(attributes)).toEqual(['keep', 'drop gopher_quality.too_few_stop_words', 'keep'])
  })

  it('takes an empty batch, broken bytes and a huge line', async () => {
    expect((await evaluate([])).rows).toBe(0)
    const noise = Uint8Array.from({ length: 3000 }, (_, i) => (i * 7919) % 256)
    const batch = documentBatch([
      { id: 'a', text: 'x' },
      { id: 'b', text: 'pin it '.repeat(300_000) },
    ])
    const broken = {
      ...batch,
      text: {
        bytes: new Uint8Array([...noise, ...batch.text.bytes]),
        offsets: batch.text.offsets.map((at, i) => (i === 0 ? 0 : at + noise.length)),
      },
    }
    const stage = await createQualityStage({
      profile: [
        'content',
        'language',
        'gopher_quality',
        'gopher_repetition',
        'c4',
        'c4_badwords',
        'fineweb',
      ],
    })
    expect(stage.evaluate(broken).rows).toBe(2)
  })

  it('is not slowed down by runs of white space, slashes or dots', async () => {
    const blank = `a${' '.repeat(300_000)}a.`
    const url = `http://${'.'.repeat(300_000)}x${'/'.repeat(300_000)}y`
    const started = performance.now()
    await evaluate([{ text: blank, url }], { profile: ['content', 'c4', 'fineweb'] })
    expect(performance.now() - started).toBeLessThan(5000)
  })

  it('names every reason once, and gives no other', async () => {
    const names = QUALITY_RULES.map((rule) => rule.reason)
    expect(new Set(names).size).toBe(names.length)
    for (const name of names) expect(name).toMatch(/^[a-z0-9_]+\.[a-z0-9_]+$/)
  })
})

import { applyCuts, documentBatch, reasonOf, strings, UsageError, Verdict } from '@winnow/core'
import { describe, expect, it } from 'vitest'
import {
  benchmarkFromRecords,
  buildBenchmarkIndex,
  createDecontaminationStage,
  decodeMatches,
  type IndexOptions,
  type StageOptions,
} from '../src/index.js'
import { sentence, words } from './words.js'

const FILLER = sentence('filler', 120)

function evaluate(
  examples: readonly (string | object)[],
  texts: readonly string[],
  options: StageOptions & { index?: Partial<IndexOptions> } = {},
) {
  const { index: indexOptions, ...stage } = options
  const index = buildBenchmarkIndex([benchmarkFromRecords('My Test', examples)], indexOptions)
  const batch = documentBatch(texts.map((text, i) => ({ id: `doc${i}`, text })))
  const attributes = createDecontaminationStage(index, stage).evaluate(batch)
  return { attributes, batch, verdicts: [...attributes.verdict] }
}

describe('ngram mode', () => {
  const example = sentence('ex', 30)
  const part = (from: number, to: number) => words('ex', 30).slice(from, to).join(' ')

  it('drops a document that holds 13 tokens in a row of an example, and keeps one that holds 12', () => {
    const { attributes, verdicts } = evaluate(
      [{ id: 'q1', text: example }],
      [`${FILLER} ${part(5, 18)} ${FILLER}`, `${FILLER} ${part(5, 17)} ${FILLER}`, FILLER, ''],
    )
    expect(verdicts).toEqual([Verdict.drop, Verdict.keep, Verdict.keep, Verdict.keep])
    expect(reasonOf(attributes, 0)).toBe('contaminated.my_test')
    expect(attributes.labels.benchmark_example?.[0]).toBe('q1')
    expect([...(attributes.metrics.matched_ngrams ?? [])]).toEqual([1, 0, 0, 0])
    expect(attributes.metrics.coverage?.[0]).toBeCloseTo(13 / 30)
  })

  it('a match of several n-grams in one stretch stands from the first to the last of them', () => {
    const { attributes } = evaluate(
      [{ id: 'q1', text: example }],
      [`${FILLER} ${example} ${FILLER} ${part(0, 14)}`],
    )
    const start = FILLER.length + 1
    const [match] = decodeMatches(attributes.labels.benchmark_matches?.[0] ?? '').matches
    expect(match).toMatchObject({ ngrams: 18, start, end: start + example.length })
  })

  it('says where the match stands', () => {
    const { attributes } = evaluate(
      [{ id: 'q1', text: example }],
      [`${FILLER} ${part(0, 13)}, ${FILLER}`],
    )
    const start = FILLER.length + 1
    const [match] = decodeMatches(attributes.labels.benchmark_matches?.[0] ?? '').matches
    expect(match).toMatchObject({
      benchmark: 'My Test',
      example: 'q1',
      start,
      end: start + part(0, 13).length,
    })
    expect(attributes.detail[0]).toContain(
      `example q1: 1 n-gram, 43 % of its tokens, from byte ${start}`,
    )
  })

  it('finds copies in other case, spacing, punctuation and accents', () => {
    const retyped = part(0, 13).toUpperCase().replaceAll(' ', ' — \n').replaceAll('E', 'É')
    expect(evaluate([example], [`${FILLER} ${retyped}`]).verdicts).toEqual([Verdict.drop])
  })

  it('does not join n-grams across two examples or two passages', () => {
    const [a, b] = [sentence('one', 20), sentence('two', 20)]
    const bridge = `${words('one', 20).slice(-7).join(' ')} ${words('two', 20).slice(0, 7).join(' ')}`
    expect(evaluate([a, b], [bridge]).verdicts).toEqual([Verdict.keep])
    expect(evaluate([{ question: a, answer: b }], [bridge]).verdicts).toEqual([Verdict.keep])
  })

  it('does not take anchors that follow each other across two examples for an n-gram', () => {
    const page = words('page', 13)
    // The page's first 8 words end one example and its last 8 stand 5 positions on in the next; a third has those between.
    const examples = [
      [...words('one', 6), ...page.slice(0, 8)],
      [...words('two', 4), ...page.slice(5), ...words('four', 3)],
      [...page.slice(1, 12), ...words('three', 9)],
    ]
    const joined = examples.map((example) => example.join(' '))
    expect(evaluate(joined, [page.join(' ')]).verdicts).toEqual([Verdict.keep])
  })

  it('does not take words of two examples for an n-gram of one', () => {
    const shared = sentence('shared', 8)
    const examples = [`${shared} ${sentence('one', 12)}`, `${sentence('two', 12)} ${shared}`]
    const mixed = `${words('two', 12).slice(-2).join(' ')} ${shared} ${words('one', 12).slice(0, 2).join(' ')}`
    expect(evaluate(examples, [mixed]).verdicts).toEqual([Verdict.keep])
  })

  it('wants a short example whole', () => {
    for (const length of [8, 10, 12]) {
      const all = words('ex', length)
      const texts = [
        `${FILLER} ${all.join(' ')} ${FILLER}`,
        `${FILLER} ${all.slice(1).join(' ')}`,
        all.slice(0, -1).join(' '),
      ]
      expect(evaluate([all.join(' ')], texts).verdicts).toEqual([
        Verdict.drop,
        Verdict.keep,
        Verdict.keep,
      ])
    }
  })

  it('does not look for examples that are too short to be evidence, nor for short answers', () => {
    const tiny = 'What is the capital of France?'
    expect(evaluate([tiny, example], [`${tiny} ${FILLER}`]).verdicts).toEqual([Verdict.keep])
    const answer = sentence('answer', 10)
    expect(evaluate([{ question: example, answer }], [`${FILLER} ${answer}`]).verdicts).toEqual([
      Verdict.keep,
    ])
  })

  it('names the example of which most stands in the document', () => {
    const all = words('ex', 30)
    const { attributes } = evaluate(
      [
        { id: 'half', text: all.slice(0, 14).concat(words('other', 16)).join(' ') },
        { id: 'full', text: example },
      ],
      [`${FILLER} ${example}`],
    )
    expect(attributes.labels.benchmark_example?.[0]).toBe('full')
    const matches = decodeMatches(attributes.labels.benchmark_matches?.[0] ?? '')
    expect(matches.matches.map((match) => match.example)).toEqual(['full', 'half'])
    expect(attributes.metrics.matched_ngrams?.[0]).toBe(18)
  })

  it('protects scripts that are written without spaces', () => {
    const question = '小明有五个苹果他给了小红两个请问他现在还剩下几个苹果'
    expect(
      evaluate([question], [`前言。${question.slice(3, 17)}。后记`, '前言。后记']).verdicts,
    ).toEqual([1, 0])
  })

  it('finds a document that repeats one n-gram of many examples a million times, in time', () => {
    const template = sentence('template', 13)
    const examples = Array.from({ length: 300 }, (_, i) => `${template} ${sentence(`x${i}y`, 3)}`)
    const { attributes } = evaluate(examples, [`${template} `.repeat(500)])
    expect(decodeMatches(attributes.labels.benchmark_matches?.[0] ?? '').found).toBe(300)
  })
})

describe('coverage mode', () => {
  const all = words('ex', 40)
  const options = { mode: 'coverage', coverage: 0.5 } as const

  it('adds up parts in any order', () => {
    const parts = [all.slice(24, 34), all.slice(0, 10)].map((part) => part.join(' '))
    const text = `${FILLER} ${parts.join(` ${FILLER} `)}`
    expect(evaluate([all.join(' ')], [text], options).verdicts).toEqual([Verdict.drop])
    expect(evaluate([all.join(' ')], [text], { ...options, coverage: 0.51 }).verdicts).toEqual([
      Verdict.keep,
    ])
    expect(evaluate([all.join(' ')], [text]).verdicts).toEqual([Verdict.keep])
  })

  it('does not drop for less than 13 tokens', () => {
    const short = all.slice(0, 16)
    expect(evaluate([short.join(' ')], [short.slice(0, 12).join(' ')], options).verdicts).toEqual([
      0,
    ])
    expect(evaluate([short.join(' ')], [short.slice(0, 13).join(' ')], options).verdicts).toEqual([
      1,
    ])
  })

  it('finds a copy with changed numbers when numbers are folded', () => {
    const example =
      'Tom has 12 red apples and 30 green ones, eats 4 of them and sells 1,200 to a man for $3 each; how many are left?'
    const copy =
      'Tom has 7 red apples and 41 green ones, eats 19 of them and sells 9 to a man for $10.50 each; how many are left?'
    expect(evaluate([example], [copy], options).verdicts).toEqual([Verdict.keep])
    const { verdicts, attributes } = evaluate([example], [copy], {
      ...options,
      index: { foldNumbers: true },
    })
    expect(verdicts).toEqual([Verdict.drop])
    expect(attributes.metrics.coverage?.[0]).toBe(1)
  })
})

describe('jaccard mode', () => {
  it('drops a document that is the example and little else', () => {
    const example = sentence('ex', 100)
    const { verdicts, attributes } = evaluate(
      [example],
      [`${sentence('a', 5)} ${example} ${sentence('b', 5)}`, `${FILLER} ${example}`],
      { mode: 'jaccard' },
    )
    expect(verdicts).toEqual([Verdict.drop, Verdict.keep])
    expect(attributes.metrics.jaccard?.[0]).toBeCloseTo(88 / 98)
  })
})

describe('action cut', () => {
  it('leaves the document without the match and its margins', () => {
    const example = sentence('ex', 30)
    const long = sentence('filler', 400)
    const { attributes, batch } = evaluate([example], [`${long}\n${example}\n${long}`], {
      action: 'cut',
    })
    expect(attributes.verdict[0]).toBe(Verdict.cut)
    const [left] = strings(applyCuts(batch.text, [attributes]))
    expect(left).toBe(long.slice(0, -199) + long.slice(199))
  })

  it('finds nothing in what it left', () => {
    const example = sentence('ex', 30)
    const long = sentence('filler', 400)
    const text = [long, example, long, example, long].join(' ')
    const { attributes, batch } = evaluate([example], [text], { action: 'cut' })
    const again = evaluate([example], strings(applyCuts(batch.text, [attributes])), {
      action: 'cut',
    })
    expect(again.verdicts).toEqual([Verdict.keep])
  })
})

describe('options', () => {
  it('refuses values out of range with a sentence', () => {
    expect(() => evaluate(['x'], [], { index: { ngram: 17 } })).toThrow(UsageError)
    expect(() => evaluate(['x'], [], { index: { ngram: 13, minTokens: 5 } })).toThrow(
      /twice minTokens/,
    )
    expect(() => evaluate([sentence('ex', 30)], [], { coverage: 0 })).toThrow(/coverage is 0/)
    expect(() => evaluate([sentence('ex', 30)], [], { mode: 'bloom' as 'ngram' })).toThrow(
      /no mode bloom/,
    )
  })

  it('refuses benchmarks of which nothing can be protected', () => {
    expect(() => evaluate(['too short'], [])).toThrow(/no example of My Test can be protected/)
  })
})

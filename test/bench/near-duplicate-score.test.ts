import { expect, test } from 'vitest'
import type { EditedCorpus } from './edited-corpus.js'
import { NearDuplicateScorer } from './near-duplicate-score.js'

const words = (first: number, count: number) =>
  Array.from({ length: count }, (_, i) => `w${first + i}`).join(' ')

/** 0 and 1: the same words; 2 and 3: half of them; 4: like 0 and alone; 5: like nothing. */
const corpus: EditedCorpus = {
  documents: [
    words(0, 100),
    words(0, 100).toUpperCase(),
    words(200, 100),
    words(250, 100),
    words(0, 98),
    words(900, 50),
  ].map((text, i) => ({ id: `${i}`, text })),
  pairs: [
    { original: 0, copy: 1, edit: 'surface' },
    { original: 3, copy: 2, edit: '10 %' },
  ],
}

function score(...kept: number[]) {
  const [only] = new NearDuplicateScorer(corpus).score([new Set(kept)])
  if (only === undefined) throw new Error('no score')
  return only
}

test('recall is the share of pairs of which one was dropped, whichever', () => {
  expect(score(0, 2, 3, 4, 5).recall).toMatchObject({ surface: 1, '10 %': 0 })
  expect(score(1, 2, 3, 4, 5).recall).toMatchObject({ surface: 1, '10 %': 0 })
  expect(score(0, 1, 2, 4, 5).recall).toMatchObject({ surface: 0, '10 %': 1 })
  expect(score(0, 1, 2, 4, 5).recall['1 %']).toBeNaN()
  expect(score(0, 1, 2, 4, 5).recallNear).toBe(0)
  expect(score(0, 2, 3, 4, 5).recallNear).toBe(1)
})

test('a drop is right when a kept document is close, its partner or not', () => {
  expect(score(0, 2, 3, 4, 5)).toMatchObject({ dropped: 1, precision: 1 })
  // 1 goes with 0, but 4, which is like both, stays.
  expect(score(2, 3, 4, 5)).toMatchObject({ dropped: 2, precision: 1 })
  // Nothing kept is like 0, 1 and 4 any more.
  expect(score(2, 3, 5)).toMatchObject({ dropped: 3, precision: 0 })
  // A third of the 5-grams are those of its partner.
  expect(score(0, 1, 2, 4, 5)).toMatchObject({ dropped: 1, precision: 0 })
  expect(score(0, 1, 2, 3, 4)).toMatchObject({ dropped: 1, precision: 0 })
  expect(score(0, 2, 3, 4)).toMatchObject({ dropped: 2, precision: 0.5 })
})

test('several programs are scored as each alone', () => {
  const runs = [
    [0, 2, 3, 4, 5],
    [2, 3, 5],
    [0, 1, 2, 4],
  ]
  const together = new NearDuplicateScorer(corpus).score(runs.map((kept) => new Set(kept)))
  expect(together).toEqual(runs.map((kept) => score(...kept)))
})

test('closest strangers are looked for among all but the partner', () => {
  expect(new NearDuplicateScorer(corpus).closestStrangers()).toBeCloseTo(94 / 96, 12)
})

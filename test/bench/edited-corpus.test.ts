import { describe, expect, test } from 'vitest'
import { EDITS, edited, editedCorpus } from './edited-corpus.js'
import { RandomStream } from './random.js'
import { TrueJaccard } from './true-jaccard.js'
import { BENCH_LANGUAGES, writingOf } from './writing.js'

describe.each(BENCH_LANGUAGES)('an edited corpus in %s', (language) => {
  const corpus = editedCorpus({ originals: 140, language })
  const truth = new TrueJaccard(corpus.documents.map(({ text }) => text))

  test('has an edited copy of every original, the edits in equal shares, and as many single documents', () => {
    expect(corpus.documents).toHaveLength(420)
    expect(corpus.documents.map(({ id }) => id)).toEqual([...Array(420).keys()].map(String))
    const rows = corpus.pairs.flatMap(({ original, copy }) => [original, copy])
    expect(new Set(rows).size).toBe(280)
    for (const edit of EDITS)
      expect(corpus.pairs.filter((pair) => pair.edit === edit)).toHaveLength(20)
    const copyFirst = corpus.pairs.filter(({ original, copy }) => copy < original).length
    expect(copyFirst).toBeGreaterThan(40)
    expect(copyFirst).toBeLessThan(100)
  })

  test('is the same for the same seed and another for another', () => {
    expect(editedCorpus({ originals: 140, language })).toEqual(corpus)
    expect(editedCorpus({ originals: 140, language, seed: 2 })).not.toEqual(corpus)
  })

  test('has documents unlike all but their own copy', () => {
    const partner = new Map(
      corpus.pairs.flatMap(
        (p) =>
          [
            [p.original, p.copy],
            [p.copy, p.original],
          ] as const,
      ),
    )
    const rows = [...corpus.documents.keys()]
    for (const [row, found] of truth.neighbours(rows, 0.4))
      expect(found.filter((other) => other.row !== partner.get(row))).toEqual([])
  })

  test('has copies as close as their edit says', () => {
    const mean = (edit: string) => {
      const own = corpus.pairs.filter((pair) => pair.edit === edit)
      return own.reduce((sum, { original, copy }) => sum + truth.of(original, copy), 0) / own.length
    }
    // A word replaced changes 5 of the 5-grams: (1 - s)^5 of them stay, of (2 - (1 - s)^5) in all.
    for (const share of [1, 2, 5, 10]) {
      const stay = (1 - share / 100) ** 5
      expect(Math.abs(mean(`${share} %`) - stay / (2 - stay))).toBeLessThan(0.05)
    }
    expect(mean('surface')).toBe(1)
    expect(mean('moved')).toBeGreaterThan(0.8)
    expect(mean('moved')).toBeLessThan(1)
    expect(mean('boilerplate')).toBeGreaterThan(0.7)
    expect(mean('boilerplate')).toBeLessThan(0.95)
  })

  test('replaces exactly the share of words that it names', () => {
    const writing = writingOf(language, undefined)
    const random = new RandomStream(5, 0)
    for (let i = 0; i < 20; i++) {
      const text = writing.document(random)
      const before = writing.pieces(text)
      const after = writing.pieces(edited(text, '10 %', writing, random))
      expect(after).toHaveLength(before.length)
      const words = before.filter(writing.isWord).length
      expect(after.filter((piece, at) => piece !== before[at])).toHaveLength(Math.round(words / 10))
    }
  })

  test('changes the look of a text and none of its words', () => {
    for (const { original, copy, edit } of corpus.pairs) {
      if (edit !== 'surface') continue
      expect(corpus.documents[copy]?.text).not.toBe(corpus.documents[original]?.text)
      expect(truth.shingles(copy)).toEqual(truth.shingles(original))
    }
  })
})

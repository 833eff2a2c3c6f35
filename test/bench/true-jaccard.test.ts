import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { TrueJaccard } from './true-jaccard.js'

const text = fc
  .array(fc.constantFrom('a', 'b', 'c', 'D'), { maxLength: 12 })
  .map((words) => words.join(', '))

test('the neighbours of a row are the rows that the definition gives', () => {
  fc.assert(
    fc.property(
      fc.array(text, { maxLength: 12 }),
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      (texts, least) => {
        const truth = new TrueJaccard(texts)
        const rows = [...texts.keys()]
        const found = truth.neighbours(rows, least)
        for (const row of rows) {
          const expected = rows.filter(
            (other) => other !== row && jaccard(texts[row] ?? '', texts[other] ?? '') >= least,
          )
          expect(found.get(row)?.map((neighbour) => neighbour.row)).toEqual(expected)
          for (const other of rows)
            expect(truth.of(row, other)).toBeCloseTo(
              jaccard(texts[row] ?? '', texts[other] ?? ''),
              12,
            )
        }
      },
    ),
  )
})

function jaccard(first: string, second: string): number {
  const [a, b] = [grams(first), grams(second)]
  const union = new Set([...a, ...b])
  return union.size === 0
    ? 0
    : [...union].filter((gram) => a.has(gram) && b.has(gram)).length / union.size
}

function grams(value: string): Set<string> {
  const letters = value.toLowerCase().replaceAll(', ', '')
  if (letters.length <= 5) return new Set(letters === '' ? [] : [letters])
  return new Set(Array.from({ length: letters.length - 4 }, (_, i) => letters.slice(i, i + 5)))
}

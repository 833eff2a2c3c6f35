import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PhraseFinder } from '../src/phrases.js'

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

function find(
  phrases: readonly string[],
  text: string,
  wholeWords: boolean,
): [number, number, number][] {
  const found: [number, number, number][] = []
  const finder = new PhraseFinder(
    phrases.map((phrase, mark) => ({ text: phrase, mark })),
    wholeWords,
  )
  finder.scan(encode(text), (mark, start, end) => found.push([mark, start, end]))
  return found
}

describe('the phrase finder', () => {
  it('finds what a search for each phrase alone finds', () => {
    const piece = fc
      .array(fc.constantFrom('a', 'b', 'ab', ' ', 'B', 'é'), { minLength: 1, maxLength: 5 })
      .map((p) => p.join(''))
    fc.assert(
      fc.property(
        fc.uniqueArray(
          piece.map((p) => p.toLowerCase()),
          { maxLength: 8 },
        ),
        fc.array(piece),
        (phrases, parts) => {
          const text = parts.join('')
          const folded = Buffer.from(text.toLowerCase())
          const expected = phrases.flatMap((phrase, mark) => {
            const bytes = Buffer.from(phrase)
            const hits: [number, number, number][] = []
            for (let at = folded.indexOf(bytes); at >= 0; at = folded.indexOf(bytes, at + 1))
              hits.push([mark, at, at + bytes.length])
            return hits
          })
          const order = (hits: [number, number, number][]): string[] => hits.map(String).sort()
          expect(order(find(phrases, text, false))).toEqual(order(expected))
        },
      ),
    )
  })

  it('counts whole words only, in any case', () => {
    expect(find(['ass', 'über'], 'Class assume ASS, ass. ÜBER Überall über', true)).toEqual([
      [0, 13, 16],
      [0, 18, 21],
      [1, 23, 28],
      [1, 38, 43],
    ])
  })

  it('finds nothing without phrases', () => {
    expect(find([], 'anything', true)).toEqual([])
  })
})

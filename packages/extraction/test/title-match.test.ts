import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parsePage } from '../src/parse.js'
import { TEXT } from '../src/tags.js'
import { TitleMatch } from '../src/title-match.js'

describe('a text that begins like the title is told', () => {
  it('as by looking for its first 60 characters in any case', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'B', 'b', ' ', '\u00a0', 'É', 'é', 'İ') })
    fc.assert(
      fc.property(text, text, fc.string({ minLength: 1 }), (title, written, rest) => {
        const tree = parsePage(`<pre>x${written.replaceAll('<', '')}${rest.replaceAll('<', '')}`)
        const node = tree.tag.indexOf(TEXT)
        tree.from[node] = (tree.from[node] as number) + 1
        const start = tree.html
          .slice(
            tree.from[node],
            Math.min(tree.to[node] as number, (tree.from[node] as number) + 60),
          )
          .trim()
          .toLowerCase()
        for (const whole of [title, `${title}${written}`])
          expect(new TitleMatch(whole).holdsStartOf(tree, node)).toBe(
            start.length > 3 && whole.toLowerCase().includes(start),
          )
      }),
      { numRuns: 1000, seed: 3 },
    )
  })
})

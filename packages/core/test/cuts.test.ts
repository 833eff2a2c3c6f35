import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  AttributesBuilder,
  applyCuts,
  mergeRanges,
  removeRanges,
  strings,
  toOriginalRanges,
  utf8Column,
} from '../src/index.js'

const ranges = fc
  .array(fc.tuple(fc.nat(40), fc.nat(40)), { maxLength: 6 })
  .map((pairs) => pairs.flatMap(([a, b]) => [Math.min(a, b), Math.max(a, b)]))

/** The obvious way: a flag for each byte. */
function flags(length: number, list: readonly number[]): boolean[] {
  return Array.from({ length }, (_, i) =>
    list.some((start, at) => at % 2 === 0 && i >= start && i < (list[at + 1] ?? 0)),
  )
}

describe('cuts', () => {
  it('merged ranges cover the same bytes, ascending and apart', () => {
    fc.assert(
      fc.property(ranges, (list) => {
        const merged = mergeRanges(list)
        expect(flags(50, merged)).toEqual(flags(50, list))
        for (let i = 1; i < merged.length; i++)
          expect(merged[i]).toBeGreaterThan(merged[i - 1] as number)
      }),
    )
  })

  it('remove exactly the bytes of the ranges', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 45 }), ranges, (bytes, list) => {
        const removed = flags(bytes.length, list)
        expect([...removeRanges(bytes, mergeRanges(list))]).toEqual(
          [...bytes].filter((_, i) => !removed[i]),
        )
      }),
    )
  })

  it('a later cut, mapped back to the original, removes what it removed of the cut text', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 20, maxLength: 45 }),
        ranges,
        ranges,
        (bytes, a, b) => {
          const first = mergeRanges(a)
          const once = removeRanges(bytes, first)
          const second = mergeRanges(b.map((at) => Math.min(at, once.length)))
          const both = mergeRanges([...first, ...toOriginalRanges(second, first)])
          expect([...removeRanges(bytes, both)]).toEqual([...removeRanges(once, second)])
        },
      ),
    )
  })

  it('are applied row by row, those of all stages together', () => {
    const first = new AttributesBuilder(2)
    first.cut(1, 'x.first', [0, 2])
    const second = new AttributesBuilder(2)
    second.cut(1, 'x.second', [4, 6])
    const text = applyCuts(utf8Column(['kept', 'abcdef']), [first.finish(), second.finish()])
    expect(strings(text)).toEqual(['kept', 'cd'])
  })
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CELL_WORDS, IndexSlot } from '../src/index-slot.js'
import { MatchCollector } from '../src/matches.js'

/** Keys of one slot, many of them crowded at the end of the table, so that probing goes round to its start. */
const key = fc.record({
  low: fc.integer({ min: 0, max: 0xffffffff }),
  high: fc.oneof(
    fc.integer({ min: 0, max: 0x00ffffff }),
    fc.integer({ min: 0x00ffff00, max: 0x00ffffff }),
    fc.integer({ min: 0, max: 0xff }),
  ),
})
const batches = fc.array(
  fc.uniqueArray(key, { minLength: 1, maxLength: 150, selector: (k) => `${k.low} ${k.high}` }),
  { minLength: 1, maxLength: 6 },
)

function found(slot: IndexSlot, entries: Uint32Array, base: number): number {
  const matches = new MatchCollector()
  slot.insert(entries, base, 1, matches)
  return matches.finish().count
}

describe('a slot of the duplicate index', () => {
  test('keeps every key while it grows, is written and read', () => {
    fc.assert(
      fc.property(batches, fc.boolean(), (keys, sorted) => {
        const slot = new IndexSlot()
        const different = new Set<string>()
        for (const [number, batch] of keys.entries()) {
          if (sorted) batch.sort((a, b) => a.high - b.high)
          const entries = Uint32Array.from(batch.flatMap((k, row) => [k.low, k.high, row]))
          const known = batch.filter((k) => different.has(`${k.low} ${k.high}`)).length
          expect(found(slot, entries, number * 1000)).toBe(known)
          for (const k of batch) different.add(`${k.low} ${k.high}`)
        }
        expect(slot.keys).toBe(different.size)
        const words = new Uint32Array(slot.dumpWords)
        slot.dump(words, 0)
        const cells = words.subarray(2, 2 + slot.keys * CELL_WORDS)
        const loaded = IndexSlot.load(cells, words.subarray(2 + cells.length), 1e6)
        for (const batch of keys) {
          const entries = Uint32Array.from(batch.flatMap((k, row) => [k.low, k.high, row]))
          expect(loaded && found(loaded, entries, 1e6)).toBe(batch.length)
        }
        expect(loaded?.keys).toBe(different.size)
      }),
      { numRuns: 100 },
    )
  })
})

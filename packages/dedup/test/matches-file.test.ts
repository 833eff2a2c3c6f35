import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Matches } from '../src/matches.js'
import {
  decodeSlotMatches,
  encodeSlotMatches,
  joinSlotMatches,
  type SlotMatches,
} from '../src/matches-file.js'

/** Matches whose slot is told by their row, so that parts of any slots can be taken from them. */
const triples = fc.array(
  fc.record({
    row: fc.nat(255),
    tag: fc.nat(511),
    earlier: fc.maxSafeNat().map((n) => n % 2 ** 39),
  }),
  { maxLength: 60 },
)
type Triple = { row: number; tag: number; earlier: number }

function matchesOf(all: readonly Triple[]): Matches {
  return {
    count: all.length,
    row: Uint32Array.from(all, ({ row }) => row),
    tag: Uint16Array.from(all, ({ tag }) => tag),
    earlier: Float64Array.from(all, ({ earlier }) => earlier),
  }
}

function partOf(all: readonly Triple[], firstSlot: number, endSlot: number): SlotMatches {
  const own = all.filter(({ row }) => row >= firstSlot && row < endSlot)
  return { entry: 7, firstSlot, endSlot, matches: matchesOf(own) }
}

const names = ({ count, row, tag, earlier }: Matches): string[] =>
  Array.from({ length: count }, (_, at) => `${row[at]} ${tag[at]} ${earlier[at]}`).sort()

const unique = (all: readonly Triple[]): Triple[] => [
  ...new Map(all.map((one) => [`${one.row} ${one.tag} ${one.earlier}`, one])).values(),
]

describe('matches of slots', () => {
  it('come back from their file as they were', () => {
    fc.assert(
      fc.property(triples, fc.nat(2 ** 40), (all, entry) => {
        const part = { ...partOf(all, 16, 240), entry }
        expect(decodeSlotMatches(encodeSlotMatches(part), 'x')).toEqual(part)
      }),
    )
  })

  it('are refused where a byte was changed or lost', () => {
    const bytes = encodeSlotMatches(partOf([{ row: 3, tag: 2, earlier: 9 }], 0, 256))
    for (let at = 0; at < bytes.length; at++) {
      const changed = bytes.slice()
      changed[at] = (changed[at] as number) ^ 1
      expect(() => decodeSlotMatches(changed, 'x'), `byte ${at}`).toThrow(/x/)
      expect(() => decodeSlotMatches(bytes.subarray(0, at), 'x')).toThrow(/x/)
    }
  })

  it('of all slots make the whole, in any order and with parts that overlap or come twice', () => {
    const bounds = fc.uniqueArray(fc.integer({ min: 1, max: 255 }), { maxLength: 5 })
    fc.assert(
      fc.property(triples.map(unique), bounds, bounds, (all, one, other) => {
        const parts = [one, other].flatMap((cuts) => {
          const places = [0, ...cuts.sort((a, b) => a - b), 256]
          return places.slice(1).map((end, i) => partOf(all, places[i] as number, end))
        })
        const joined = joinSlotMatches([...parts.reverse(), ...parts.slice(0, 1)])
        expect(joined && names(joined)).toEqual(names(matchesOf(all)))
      }),
    )
  })

  it('are no whole while a slot is missing', () => {
    expect(joinSlotMatches([partOf([], 0, 100), partOf([], 101, 256)])).toBeUndefined()
    expect(joinSlotMatches([])).toBeUndefined()
  })
})

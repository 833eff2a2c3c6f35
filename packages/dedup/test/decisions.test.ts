import { CorruptError } from '@winnow/core'
import { describe, expect, test } from 'vitest'
import { Family } from '../src/candidates.js'
import { Decisions } from '../src/decisions.js'
import type { Edges } from '../src/verification.js'

type Edge = readonly [row: number, earlier: number, family: number]

function edges(list: readonly Edge[]): Edges {
  return {
    count: list.length,
    row: Uint32Array.from(list, (edge) => edge[0]),
    earlier: Float64Array.from(list, (edge) => edge[1]),
    family: Uint8Array.from(list, (edge) => edge[2]),
    jaccard: Float64Array.from(list, () => 0.9),
    bands: Uint16Array.from(list, () => 5),
  }
}

describe('decisions', () => {
  const { url, text, near } = Family

  test('the strongest family wins, then the oldest document', () => {
    const decisions = new Decisions('kept')
    decisions.decide(4, edges([]))
    const decision = decisions.decide(
      1,
      edges([
        [0, 0, near],
        [0, 1, text],
        [0, 2, url],
        [0, 3, url],
      ]),
    )
    expect([decision.duplicateOf[0], decision.family[0]]).toEqual([2, url])
  })

  test('C is like B and B like A, but C unlike A: C is kept, since B is gone', () => {
    const chain = edges([
      [1, 0, near],
      [2, 1, near],
    ])
    expect([...new Decisions('kept').decide(3, chain).duplicateOf]).toEqual([-1, 0, -1])
    expect([...new Decisions('every').decide(3, chain).duplicateOf]).toEqual([-1, 0, 1])
  })

  test('a chain over shards is judged alike', () => {
    const decisions = new Decisions('kept')
    decisions.decide(1, edges([]))
    decisions.decide(1, edges([[0, 0, near]]))
    expect(decisions.decide(1, edges([[0, 1, near]])).duplicateOf[0]).toBe(-1)
    expect([0, 1, 2].map((ordinal) => decisions.isDropped(ordinal))).toEqual([false, true, false])
  })

  test('are the same after a restart', () => {
    const decisions = new Decisions('kept')
    decisions.decide(
      20000,
      edges(Array.from({ length: 9000 }, (_, i) => [2 * i + 1, 2 * i, near] as const)),
    )
    const restored = Decisions.decode(decisions.encode(7), 'kept')
    expect(restored.position).toEqual({ entries: 7, ordinals: 20000 })
    for (let ordinal = 0; ordinal < 20000; ordinal++)
      expect(restored.decisions.isDropped(ordinal)).toBe(decisions.isDropped(ordinal))
  })

  test('torn or changed on disk are noticed', () => {
    const decisions = new Decisions('kept')
    decisions.decide(100, edges([[5, 1, near]]))
    const bytes = decisions.encode(1)
    for (let length = 0; length < bytes.length; length++)
      expect(() => Decisions.decode(bytes.subarray(0, length), 'kept')).toThrow(CorruptError)
    for (let at = 0; at < bytes.length; at++) {
      const changed = bytes.slice()
      changed[at] = (changed[at] as number) ^ 0x10
      expect(() => Decisions.decode(changed, 'kept')).toThrow(CorruptError)
    }
  })
})

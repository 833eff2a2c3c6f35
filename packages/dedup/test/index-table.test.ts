import { UsageError } from '@winnow/core'
import { describe, expect, test } from 'vitest'
import { MAX_ORDINAL } from '../src/index-slot.js'
import { DuplicateIndex } from '../src/index-table.js'
import { ENTRY_WORDS, ROW_BITS } from '../src/keys.js'
import { randomNumbers } from './documents.js'

interface Entry {
  readonly low: number
  readonly high: number
  readonly row: number
  readonly tag: number
}

function pack(entries: readonly Entry[]): Uint32Array {
  const sorted = [...entries].sort(
    (a, b) => (a.high >>> 24) - (b.high >>> 24) || a.row - b.row || a.tag - b.tag,
  )
  return Uint32Array.from(sorted.flatMap((e) => [e.low, e.high, (e.tag << ROW_BITS) | e.row]))
}

/** Batches in which keys repeat, some of them made to differ in a single bit only. */
function batches(count: number, rows: number, seed: number): Uint32Array[] {
  const random = randomNumbers(seed)
  const word = (): number => Math.floor(random() * 2 ** 32)
  const pool: [number, number][] = [
    [0, 0],
    [0xffffffff, 0xffffffff],
    [0, 0x00ffffff],
  ]
  return Array.from({ length: count }, () =>
    pack(
      Array.from({ length: rows }, (_, row) => {
        const old = pool[Math.floor(random() * pool.length)] as [number, number]
        let key: [number, number] = random() < 0.3 ? old : [word(), word()]
        if (random() < 0.05) key = [(old[0] ^ (1 << Math.floor(random() * 32))) >>> 0, old[1]]
        pool.push(key)
        return { low: key[0], high: key[1], row, tag: row % 17 }
      }),
    ),
  )
}

class NaiveIndex {
  private readonly chains = new Map<string, number[]>()
  constructor(private readonly chainLimit: number) {}

  insert(entries: Uint32Array, base: number): string[] {
    const matches: string[] = []
    for (let at = 0; at < entries.length; at += ENTRY_WORDS) {
      const packed = entries[at + 2] as number
      const row = packed & (2 ** ROW_BITS - 1)
      const key = `${entries[at]} ${entries[at + 1]}`
      const chain = this.chains.get(key) ?? []
      for (const earlier of chain) matches.push(`${row} ${packed >>> ROW_BITS} ${earlier}`)
      if (chain.length < this.chainLimit) chain.push(base + row)
      this.chains.set(key, chain)
    }
    return matches
  }

  get keys(): number {
    return this.chains.size
  }
}

function insert(index: DuplicateIndex, entries: Uint32Array, base: number): string[] {
  const { count, row, tag, earlier } = index.insert(entries, base)
  return Array.from({ length: count }, (_, i) => `${row[i]} ${tag[i]} ${earlier[i]}`)
}

describe('the duplicate index', () => {
  test.each([1, 2, 8])('agrees with a map of lists, chains of %i', (chainLimit) => {
    const index = new DuplicateIndex(chainLimit)
    const naive = new NaiveIndex(chainLimit)
    for (const [number, entries] of batches(30, 700, chainLimit).entries())
      expect(insert(index, entries, number * 700)).toEqual(naive.insert(entries, number * 700))
    expect(index.keys).toBe(naive.keys)
  })

  test('holds ordinals over 32 bits', () => {
    const base = 2 ** 32 - 350
    const index = new DuplicateIndex(8)
    const naive = new NaiveIndex(8)
    for (const [number, entries] of batches(10, 700, 9).entries())
      expect(insert(index, entries, base + number * 700)).toEqual(
        naive.insert(entries, base + number * 700),
      )
  })

  test('refuses more documents than it can number', () => {
    expect(() => new DuplicateIndex(8).insert(new Uint32Array(0), MAX_ORDINAL)).toThrow(UsageError)
  })

  test('finds the same split over workers by slots', () => {
    const whole = new DuplicateIndex(8)
    const parts = [0, 64, 200].map(
      (first, i) => new DuplicateIndex(8, first, [64, 200, 256][i] as number),
    )
    for (const [number, entries] of batches(8, 700, 4).entries()) {
      const found = parts.flatMap((part) => {
        const own: number[] = []
        for (let at = 0; at < entries.length; at += ENTRY_WORDS) {
          const slot = (entries[at + 1] as number) >>> 24
          if (slot >= part.firstSlot && slot < part.endSlot)
            own.push(...entries.subarray(at, at + ENTRY_WORDS))
        }
        return insert(part, Uint32Array.from(own), number * 700)
      })
      expect(found).toEqual(insert(whole, entries, number * 700))
    }
  })

  test('refuses entries of a slot that it does not own', () => {
    const entries = pack([{ low: 1, high: 0x80000000, row: 0, tag: 0 }])
    expect(() => new DuplicateIndex(8, 0, 64).insert(entries, 0)).toThrow(RangeError)
  })

  test('takes a large shard into an empty slot in time that grows with its size', () => {
    const random = randomNumbers(7)
    const keys = Array.from({ length: 150_000 }, () => Math.floor(random() * 2 ** 24))
    keys.sort((a, b) => a - b)
    const entries = Uint32Array.from(keys.flatMap((high, row) => [row, high, row]))
    const started = performance.now()
    const index = new DuplicateIndex(8, 0, 1)
    expect(index.insert(entries, 0).count).toBe(0)
    // 0.05 s where it is linear, over 10 s where sorted keys crowd the start of a table that grows on the way.
    expect(performance.now() - started).toBeLessThan(4000)
  })

  test('takes at most 16 bytes a key once it holds many, at every moment of its growth', () => {
    const index = new DuplicateIndex(8, 0, 1)
    const random = randomNumbers(6)
    for (let batch = 0; batch < 300; batch++) {
      const entries = Array.from({ length: 200 }, (_, row) => ({
        low: Math.floor(random() * 2 ** 32),
        high: Math.floor(random() * 2 ** 24),
        row,
        tag: 2,
      }))
      index.insert(pack(entries), batch * 200)
      if (batch > 10) expect(index.bytes / index.keys).toBeLessThanOrEqual(16)
    }
  })
})

import { UsageError } from '@winnow/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BloomIndex } from '../src/bloom-index.js'
import type { SeenKeys } from '../src/bloom-slot.js'
import { ENTRY_WORDS, ROW_BITS, ROW_MASK, sortByKey } from '../src/keys.js'

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

/** A generator of 32-bit words (Marsaglia's xorshift, period 2^128 - 1). */
function randomWords(seed: number): () => number {
  let [x, y, z, w] = [123456789, 362436069, 521288629, 2 * seed + 1]
  const word = (): number => {
    const t = x ^ (x << 11)
    x = y
    y = z
    z = w
    w = w ^ (w >>> 19) ^ t ^ (t >>> 8)
    return w >>> 0
  }
  for (let i = 0; i < 64; i++) word()
  return word
}

/** A shard of random keys, one a row, sorted as `keyEntries` sorts them. */
function shard(rows: number, word: () => number): Uint32Array {
  const entries = new Uint32Array(rows * ENTRY_WORDS)
  for (let row = 0; row < rows; row++) {
    entries[row * ENTRY_WORDS] = word()
    entries[row * ENTRY_WORDS + 1] = word()
    entries[row * ENTRY_WORDS + 2] = row
  }
  return sortByKey(entries)
}

function fill(index: BloomIndex, keys: number, word: () => number): void {
  for (let left = keys; left > 0; left -= 50_000) index.insert(shard(Math.min(left, 50_000), word))
}

function falsePositives(index: BloomIndex, lookups: number, word: () => number): number {
  let found = 0
  for (let i = 0; i < lookups; i++) if (index.has(word(), word())) found++
  return found
}

function strings({ count, row, tag }: SeenKeys): string[] {
  return Array.from({ length: count }, (_, i) => `${row[i]} ${tag[i]}`)
}

/** What a Bloom index without false positives finds. */
class NaiveIndex {
  private readonly firstRow = new Map<string, string>()
  private shards = 0

  get keys(): number {
    return this.firstRow.size
  }

  insert(entries: Uint32Array): string[] {
    const seen: string[] = []
    this.shards++
    for (let at = 0; at < entries.length; at += ENTRY_WORDS) {
      const packed = entries[at + 2] as number
      const key = `${entries[at]} ${entries[at + 1]}`
      const place = `${this.shards} ${packed & ROW_MASK}`
      const first = this.firstRow.get(key)
      if (first === undefined) this.firstRow.set(key, place)
      else if (first !== place) seen.push(`${packed & ROW_MASK} ${packed >>> ROW_BITS}`)
    }
    return seen
  }
}

/** Few different keys, so that they repeat in shards, rows and tags; slots 0, 1 and 255. */
const shards = fc.array(
  fc.array(
    fc.record({
      low: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constant(0xffffffff)),
      high: fc.constantFrom(0, 1, 0x00ffffff, 0x01000000, 0xff000000, 0xffffffff),
      row: fc.integer({ min: 0, max: 5 }),
      tag: fc.integer({ min: 0, max: 16 }),
    }),
    { maxLength: 60 },
  ),
  { minLength: 1, maxLength: 5 },
)

describe('the Bloom index', () => {
  test('finds what a map finds, in earlier shards and in other rows of the same one', () => {
    fc.assert(
      fc.property(shards, (batches) => {
        const index = new BloomIndex({ expectedKeys: 1000, falsePositiveRate: 1e-8 })
        const naive = new NaiveIndex()
        for (const batch of batches)
          expect(strings(index.insert(pack(batch)))).toEqual(naive.insert(pack(batch)))
        expect(index.keys).toBe(naive.keys)
      }),
      { numRuns: 30 },
    )
  })

  test.each([1e-6, 1e-2])('never misses a key that was inserted, at a rate of %d', (rate) => {
    const index = new BloomIndex({ expectedKeys: 5000, falsePositiveRate: rate })
    const inserted: Uint32Array[] = []
    const word = randomWords(5)
    for (let round = 0; round < 30; round++) {
      const entries = shard(5000, word)
      inserted.push(entries)
      index.insert(entries)
    }
    for (const entries of inserted) {
      for (let at = 0; at < entries.length; at += ENTRY_WORDS)
        if (!index.has(entries[at] as number, entries[at + 1] as number))
          expect.unreachable(`key ${entries[at]} ${entries[at + 1]} was lost`)
      expect(index.insert(entries).count).toBe(5000)
    }
  })

  test('holds a million keys in 4.5 bytes each, at the rate of false positives asked for', () => {
    const index = new BloomIndex({ expectedKeys: 1_000_000 })
    fill(index, 1_000_000, randomWords(1))
    expect(index.keys).toBeGreaterThan(999_990)
    expect(index.bytes / index.keys).toBeLessThanOrEqual(4.5)
    expect(index.falsePositiveRate).toBeLessThanOrEqual(1e-6)
    // Five are the mean at the rate asked for; 15 or more have a chance of 2 in 10,000 then.
    expect(falsePositives(index, 5_000_000, randomWords(2))).toBeLessThan(15)
  })

  test('says its rate of false positives, also with further layers', () => {
    const index = new BloomIndex({ expectedKeys: 50_000, falsePositiveRate: 1e-3 })
    for (const keys of [50_000, 100_000, 150_000]) {
      fill(index, keys, randomWords(keys))
      expect(index.falsePositiveRate).toBeLessThanOrEqual(1e-3)
      const found = falsePositives(index, 1_000_000, randomWords(-keys))
      const computed = index.falsePositiveRate * 1_000_000
      expect(Math.abs(found - computed)).toBeLessThan(5 * Math.sqrt(computed) + 0.1 * computed)
    }
  })

  test('grows beyond the keys expected without losing its rate, at 8 bytes a key or less', () => {
    const index = new BloomIndex({ expectedKeys: 200_000 })
    const word = randomWords(3)
    let worst = 0
    for (let batch = 0; batch < 40; batch++) {
      fill(index, 25_000, word)
      if (index.keys > 250_000) worst = Math.max(worst, index.bytes / index.keys)
    }
    expect(index.keys).toBeGreaterThan(999_980)
    expect(worst).toBeLessThanOrEqual(8)
    expect(index.falsePositiveRate).toBeLessThanOrEqual(1e-6)
    expect(falsePositives(index, 500_000, randomWords(4))).toBeLessThan(6)
  })

  test('finds the same split over workers by slots', () => {
    const options = { expectedKeys: 2000, falsePositiveRate: 0.1 }
    const whole = new BloomIndex(options)
    const parts = [0, 64, 200].map(
      (firstSlot, i) => new BloomIndex({ ...options, firstSlot, endSlot: [64, 200, 256][i] }),
    )
    const word = randomWords(8)
    for (let round = 0; round < 20; round++) {
      const entries = shard(2000, word)
      const found = parts.flatMap((part) => {
        const own: number[] = []
        for (let at = 0; at < entries.length; at += ENTRY_WORDS) {
          const slot = (entries[at + 1] as number) >>> 24
          if (slot >= part.firstSlot && slot < part.endSlot)
            own.push(...entries.subarray(at, at + ENTRY_WORDS))
        }
        return strings(part.insert(Uint32Array.from(own)))
      })
      expect(found).toEqual(strings(whole.insert(entries)))
    }
    expect(parts.reduce((sum, part) => sum + part.keys, 0)).toBe(whole.keys)
  })

  test('refuses a slot that it does not own, and numbers out of range', () => {
    const entries = pack([{ low: 1, high: 0x80000000, row: 0, tag: 0 }])
    const part = new BloomIndex({ expectedKeys: 10, endSlot: 64 })
    expect(() => part.insert(entries)).toThrow(RangeError)
    for (const wrong of [
      { expectedKeys: 0 },
      { expectedKeys: 1.5 },
      { expectedKeys: 10, falsePositiveRate: 0 },
      { expectedKeys: 10, falsePositiveRate: 1 },
      { expectedKeys: 10, firstSlot: 4, endSlot: 4 },
      { expectedKeys: 10, endSlot: 257 },
    ])
      expect(() => new BloomIndex(wrong)).toThrow(UsageError)
  })
})

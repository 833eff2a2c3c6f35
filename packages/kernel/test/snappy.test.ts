import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { snappyDecompress } from '../src/reference/index.js'
import { snappyCompress } from '../src/snappy.js'
import { document, longTexts } from './arbitraries.js'

/** Bytes that repeat near and far, in runs of one byte, and not at all. */
const repetitive = fc
  .array(
    fc.tuple(
      fc.oneof(document, fc.uint8Array({ maxLength: 300 })),
      fc.integer({ min: 1, max: 40 }),
    ),
    { maxLength: 30 },
  )
  .map((parts) =>
    Buffer.concat(parts.flatMap(([bytes, times]) => Array<Uint8Array>(times).fill(bytes))),
  )

function expectRoundTrip(bytes: Uint8Array): void {
  const packed = snappyCompress(bytes)
  expect(packed.length).toBeLessThanOrEqual(32 + bytes.length + bytes.length / 6)
  expect(Buffer.compare(snappyDecompress(packed), bytes)).toBe(0)
}

describe('Snappy', () => {
  test('what is compressed comes out again, by the reference', () => {
    fc.assert(
      fc.property(fc.oneof(document, repetitive), (bytes) => expectRoundTrip(bytes)),
      { numRuns: 500 },
    )
  })

  test('texts of megabytes, blocks at their seams, and long runs', () => {
    expectRoundTrip(longTexts().bytes)
    for (const length of [
      0, 1, 14, 15, 16, 59, 60, 61, 255, 256, 257, 65535, 65536, 65537, 200_000,
    ])
      for (const make of [
        () => 7,
        (i: number) => i % 251,
        (i: number) => Math.imul(i, 0x9e3779b1) >>> 24,
      ])
        expectRoundTrip(Uint8Array.from({ length }, (_, i) => make(i)))
  })

  test('the result depends on the input alone', () => {
    const first = snappyCompress(longTexts().bytes)
    snappyCompress(new Uint8Array(500_000).fill(3))
    expect(Buffer.compare(snappyCompress(longTexts().bytes), first)).toBe(0)
  })

  test('text shrinks to what Snappy is known for', () => {
    const text = Buffer.from('The cat sat on the mat, and the dog sat by the cat. '.repeat(2000))
    expect(snappyCompress(text).length).toBeLessThan(text.length / 15)
  })
})

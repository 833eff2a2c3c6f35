import { AttributesBuilder, CorruptError, documentBatch, utf8Column, Verdict } from '@winnow/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeAttributes,
  decodeDocuments,
  decodeSkipped,
  encodeAttributes,
  encodeDocuments,
  encodeSkipped,
  openParquet,
} from '../src/index.js'

const rows = fc.array(
  fc.record({
    id: fc.string(),
    url: fc.string({ unit: 'grapheme' }),
    text: fc.string({ unit: 'binary', maxLength: 200 }),
    languageScore: fc.float({ min: 0, max: 1, noNaN: true }),
    position: fc.nat(),
  }),
  { maxLength: 40 },
)

describe('document shards', () => {
  it('survive Parquet byte for byte', async () => {
    await fc.assert(
      fc.asyncProperty(rows, async (list) => {
        const batch = documentBatch(list)
        expect(await decodeDocuments('d', encodeDocuments(batch, {}))).toEqual(batch)
      }),
      { numRuns: 40 },
    )
  })

  it('have the same bytes whatever was written before', () => {
    let state = 1
    const below = (n: number) => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0
      return (state >>> 16) % n
    }
    const letters = () => String.fromCharCode(97 + below(26))
    const words = Array.from({ length: 150 }, () =>
      Array.from({ length: 2 + below(8) }, letters).join(''),
    )
    const shard = () =>
      documentBatch([
        {
          id: 'a',
          text: Array.from({ length: 400 + below(3000) }, () => words[below(150)]).join(' '),
        },
      ])
    const batches = Array.from({ length: 150 }, shard)
    const first = batches.map((batch) => encodeDocuments(batch, {}))
    const second = [...batches].reverse().map((batch) => encodeDocuments(batch, {}))
    expect(second.reverse()).toEqual(first)
  })

  it('that are torn are told from others', () => {
    const bytes = encodeDocuments(documentBatch([{ id: 'a', text: 'b' }]), {})
    expect(() => openParquet('d', bytes.subarray(0, bytes.length - 5))).toThrow(CorruptError)
    expect(() => openParquet('d', new Uint8Array(0))).toThrow(CorruptError)
  })
})

describe('attributes', () => {
  it('survive Parquet', async () => {
    const builder = new AttributesBuilder(4, ['score'], ['duplicate_of'])
    builder.drop(0, 'near_duplicate', 'why')
    builder.label(0, 'duplicate_of', 'x')
    builder.cut(1, 'c4.short_line', [4, 9, 0, 2])
    builder.metric('score')[2] = 0.1
    builder.unseen(3)
    const attributes = builder.finish()
    const back = await decodeAttributes(
      'a',
      encodeAttributes(utf8Column(['a', 'b', 'c', 'd']), attributes, {}),
    )
    expect(back).toEqual(attributes)
    expect(back.verdict[3]).toBe(Verdict.unseen)
  })
})

describe('skipped records', () => {
  it('survive Parquet, none of them too', async () => {
    const records = [
      { url: '', position: 2 ** 40, recordType: 'response', reason: 'http_status', detail: '404' },
    ]
    expect(await decodeSkipped('s', encodeSkipped(records, {}))).toEqual(records)
    expect(await decodeSkipped('s', encodeSkipped([], {}))).toEqual([])
  })
})

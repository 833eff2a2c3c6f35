import { utf8Column } from '@winnow/core'
import { describe, expect, test } from 'vitest'
import {
  ENTRY_WORDS,
  FIRST_BAND_TAG,
  keyEntries,
  ROW_BITS,
  ROW_MASK,
  slotStarts,
  TEXT_TAG,
  URL_TAG,
} from '../src/keys.js'
import { dedupParameters } from '../src/parameters.js'
import { signDocuments, type TestDocument, testCorpus } from './documents.js'

const parameters = dedupParameters()

function entriesOf(documents: readonly TestDocument[]) {
  const { signatures, urls } = signDocuments(documents, parameters)
  const entries = keyEntries(signatures, urls, parameters.bands)
  return Array.from({ length: entries.length / ENTRY_WORDS }, (_, i) => {
    const [low, high, packed] = entries.subarray(i * ENTRY_WORDS) as unknown as number[]
    return {
      key: ((BigInt(high ?? 0) << 32n) | BigInt(low ?? 0)).toString(16),
      row: (packed ?? 0) & ROW_MASK,
      tag: (packed ?? 0) >>> ROW_BITS,
    }
  })
}

describe('keys', () => {
  test('a document has one key for its URL, one for its text and one a band', () => {
    const entries = entriesOf([{ id: 'a', url: 'https://a.example/', text: 'some words here' }])
    const tags = entries.map((entry) => entry.tag).sort((a, b) => a - b)
    expect(tags).toEqual(Array.from({ length: FIRST_BAND_TAG + 14 }, (_, tag) => tag))
  })

  test('an empty URL has no URL key, an empty text neither text nor band keys', () => {
    const noUrl = entriesOf([{ id: 'a', url: '', text: 'some words here' }])
    expect(noUrl.some((entry) => entry.tag === URL_TAG)).toBe(false)
    for (const text of ['', '  \n', '... !?'])
      expect(entriesOf([{ id: 'a', url: 'https://a.example', text }]).map((e) => e.tag)).toEqual([
        URL_TAG,
      ])
    expect(entriesOf([{ id: 'a', url: 'not a URL', text: '' }])).toEqual([])
  })

  test('one hash gives different keys in different families and bands', () => {
    const hashes = new BigUint64Array(14).fill(77n)
    const entries = keyEntries(
      {
        textHash: hashes.slice(0, 1),
        textLength: Uint32Array.of(3),
        shingles: Uint32Array.of(1),
        bandKeys: hashes,
        sketches: new Uint8Array(0),
        sketchBytes: 0,
      },
      utf8Column(['']),
      14,
    )
    const keys = new Set<string>()
    for (let at = 0; at < entries.length; at += ENTRY_WORDS)
      keys.add(`${entries[at]} ${entries[at + 1]}`)
    expect(keys.size).toBe(15)
  })

  test('entries stand slot by slot, and those of one key in row order', () => {
    const { signatures, urls } = signDocuments(testCorpus(300, 3), parameters)
    const entries = keyEntries(signatures, urls, parameters.bands)
    const starts = slotStarts(entries)
    const lastRow = new Map<string, number>()
    for (let at = 0, i = 0; at < entries.length; at += ENTRY_WORDS, i++) {
      const slot = (entries[at + 1] as number) >>> 24
      expect(i).toBeGreaterThanOrEqual(starts[slot] as number)
      expect(i).toBeLessThan(starts[slot + 1] as number)
      const key = `${entries[at]} ${entries[at + 1]}`
      const row = (entries[at + 2] as number) & ROW_MASK
      expect(row).toBeGreaterThan(lastRow.get(key) ?? -1)
      lastRow.set(key, row)
    }
    expect(starts[256]).toBe(entries.length / ENTRY_WORDS)
  })

  test('the same text up to case, accents and punctuation has the same text key', () => {
    const texts = ['Éa bé, cé!', 'ea  be ce', 'ea be ce de']
    const keys = texts.map((text) =>
      entriesOf([{ id: 'a', url: '', text }]).find((entry) => entry.tag === TEXT_TAG),
    )
    expect(keys[0]).toEqual(keys[1])
    expect(keys[0]?.key).not.toEqual(keys[2]?.key)
  })
})

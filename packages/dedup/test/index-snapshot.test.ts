import { CorruptError } from '@winnow/core'
import { describe, expect, test } from 'vitest'
import { seal } from '../src/checksum.js'
import { decodeIndexSnapshot, encodeIndexSnapshot } from '../src/index-snapshot.js'
import { DuplicateIndex } from '../src/index-table.js'
import { keyEntries } from '../src/keys.js'
import { dedupParameters, fingerprint } from '../src/parameters.js'
import { randomNumbers, signDocuments, testCorpus } from './documents.js'

const parameters = dedupParameters()
const { signatures, urls } = signDocuments(testCorpus(150, 12), parameters)
const entries = keyEntries(signatures, urls, parameters.bands)
const position = { entries: 1, ordinals: 150 }

function snapshot(): Uint8Array {
  const index = new DuplicateIndex(parameters.chainLimit)
  index.insert(entries, 0)
  return encodeIndexSnapshot({ index, position, fingerprint: fingerprint(parameters) })
}

describe('an index snapshot', () => {
  test('gives an index that answers as the one that was written', () => {
    const index = new DuplicateIndex(parameters.chainLimit)
    index.insert(entries, 0)
    const restored = decodeIndexSnapshot(snapshot())
    expect(restored.position).toEqual(position)
    expect(restored.fingerprint).toBe(fingerprint(parameters))
    expect(restored.index.keys).toBe(index.keys)
    for (const base of [150, 300])
      expect(restored.index.insert(entries, base)).toEqual(index.insert(entries, base))
  })

  test('of one slot holds that slot alone', () => {
    const index = new DuplicateIndex(8, 7, 8)
    const bytes = encodeIndexSnapshot({ index, position, fingerprint: '' })
    const restored = decodeIndexSnapshot(bytes).index
    expect([restored.firstSlot, restored.endSlot]).toEqual([7, 8])
  })

  test('torn or changed is noticed', () => {
    const bytes = snapshot()
    const random = randomNumbers(3)
    for (let round = 0; round < 150; round++) {
      const at = round < 60 ? round : Math.floor(random() * bytes.length)
      const changed = bytes.slice()
      changed[at] = (changed[at] as number) ^ (1 + Math.floor(random() * 255))
      expect(() => decodeIndexSnapshot(changed)).toThrow(CorruptError)
      expect(() => decodeIndexSnapshot(bytes.subarray(0, at))).toThrow(CorruptError)
    }
  })

  test('forged with a right checksum gives an error or an index, never a hang', () => {
    const bytes = snapshot()
    const random = randomNumbers(4)
    for (let round = 0; round < 150; round++) {
      const forged = bytes.slice()
      for (let change = 0; change < 3; change++) {
        const at = 8 + Math.floor(random() * (round < 75 ? 60 : forged.length - 16))
        forged[at] = Math.floor(random() * 256)
      }
      seal(forged)
      try {
        decodeIndexSnapshot(forged).index.insert(entries.subarray(0, 0), 200)
      } catch (error) {
        expect(error).toBeInstanceOf(CorruptError)
      }
    }
  })
})

import { CorruptError } from '@winnow/core'
import { describe, expect, test } from 'vitest'
import { BloomIndex } from '../src/bloom-index.js'
import { decodeBloomSnapshot, encodeBloomSnapshot } from '../src/bloom-snapshot.js'
import { seal } from '../src/checksum.js'
import { keyEntries } from '../src/keys.js'
import { dedupParameters, fingerprint } from '../src/parameters.js'
import { randomNumbers, signDocuments, testCorpus } from './documents.js'

const parameters = dedupParameters()
const name = fingerprint(parameters)
const position = { entries: 2, ordinals: 300 }
/** So few keys expected that slots have further layers. */
const options = { expectedKeys: 1000, falsePositiveRate: 0.01, firstSlot: 16, endSlot: 20 }

const [first, second, third] = [11, 12, 13].map((seed) => {
  const { signatures, urls } = signDocuments(testCorpus(600, seed), parameters)
  const entries = keyEntries(signatures, urls, parameters.bands)
  return entries.filter((_, at) => {
    const slot = (entries[at - (at % 3) + 1] as number) >>> 24
    return slot >= options.firstSlot && slot < options.endSlot
  })
}) as [Uint32Array, Uint32Array, Uint32Array]

function filled(): BloomIndex {
  const index = new BloomIndex(options)
  for (let copy = 0; copy < 12; copy++) {
    index.insert(first.map((word, at) => (at % 3 === 0 ? word ^ (copy * 0x9e3779b1) : word)))
    index.insert(second.map((word, at) => (at % 3 === 0 ? word ^ (copy * 0x9e3779b1) : word)))
  }
  return index
}

function snapshot(): Uint8Array {
  return encodeBloomSnapshot({ index: filled(), position, fingerprint: name })
}

describe('a Bloom index snapshot', () => {
  test('gives an index that answers as the one that was written', () => {
    const index = filled()
    const restored = decodeBloomSnapshot(snapshot())
    expect(restored.position).toEqual(position)
    expect(restored.fingerprint).toBe(name)
    expect(restored.index.keys).toBe(index.keys)
    expect(restored.index.bytes).toBe(index.bytes)
    for (const entries of [first, third, third])
      expect(restored.index.insert(entries)).toEqual(index.insert(entries))
    const write = (index: BloomIndex) => encodeBloomSnapshot({ index, position, fingerprint: name })
    expect(write(restored.index)).toEqual(write(index))
  })

  test('is a function of what was inserted', () => {
    expect(snapshot()).toEqual(snapshot())
  })

  test('is read from any place in a larger buffer', () => {
    const bytes = snapshot()
    for (const offset of [1, 4]) {
      const larger = new Uint8Array(bytes.length + offset)
      larger.set(bytes, offset)
      const { index } = decodeBloomSnapshot(larger.subarray(offset))
      expect(index.insert(first).count).toBe(first.length / 3)
    }
  })

  test('torn or changed is noticed', () => {
    const bytes = snapshot()
    const random = randomNumbers(3)
    for (let round = 0; round < 150; round++) {
      const at = round < 70 ? round : Math.floor(random() * bytes.length)
      const changed = bytes.slice()
      changed[at] = (changed[at] as number) ^ (1 + Math.floor(random() * 255))
      expect(() => decodeBloomSnapshot(changed)).toThrow(CorruptError)
      expect(() => decodeBloomSnapshot(bytes.subarray(0, at))).toThrow(CorruptError)
    }
  })

  test('forged with a right checksum gives an error or an index, never a hang', () => {
    const bytes = snapshot()
    const random = randomNumbers(4)
    for (let round = 0; round < 150; round++) {
      const forged = bytes.slice()
      for (let change = 0; change < 3; change++) {
        const at = 8 + Math.floor(random() * (round < 100 ? 160 : forged.length - 16))
        forged[at] = Math.floor(random() * 256)
      }
      seal(forged)
      try {
        decodeBloomSnapshot(forged).index.insert(first.subarray(0, 0))
      } catch (error) {
        expect(error).toBeInstanceOf(CorruptError)
      }
    }
  })
})

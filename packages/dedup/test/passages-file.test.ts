import { CorruptError, UsageError } from '@winnow/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seal } from '../src/checksum.js'
import {
  decodePassageFile,
  decodePassageSnapshot,
  ExactSeenSet,
  encodePassageFile,
  encodePassageSnapshot,
  PassageIndex,
  type PassageOptions,
  passageFingerprint,
  passageKeys,
  passageOptions,
} from '../src/passages/index.js'
import { randomNumbers } from './documents.js'
import { passageDocuments, textColumn, utf8 } from './passages-corpus.js'

const options = passageOptions({ minBytes: 3 })
const texts = Array.from({ length: 40 }, (_, i) =>
  utf8(`a line that everyone has\nline number ${'x'.repeat(i * 13)} of its own\n\nshort\n`),
)
const passages = passageKeys(textColumn(texts), undefined, options)
const file = encodePassageFile(passages, options)

describe('a passage file', () => {
  test('gives back what was written', () => {
    fc.assert(
      fc.property(passageDocuments, (documents) => {
        const made = passageKeys(
          textColumn(documents.map(({ bytes }) => bytes)),
          undefined,
          options,
        )
        expect(decodePassageFile(encodePassageFile(made, options), options)).toEqual(made)
      }),
      { numRuns: 100 },
    )
  })

  test('takes 12 bytes a key and a few for the places', () => {
    expect(file.length / passages.starts.length).toBeLessThan(17.5)
  })

  test('is read from bytes at any offset', () => {
    const shifted = new Uint8Array(file.length + 1)
    shifted.set(file, 1)
    expect(decodePassageFile(shifted.subarray(1), options)).toEqual(passages)
  })

  test('of other options is refused, and they are named', () => {
    const others: [Partial<PassageOptions>, string][] = [
      [
        { unit: 'paragraph' },
        'f was made with other deduplication parameters: unit is line, not paragraph',
      ],
      [{ minBytes: 4 }, 'minBytes is 3, not 4'],
      [{ scope: 'host' }, 'scope is all, not host'],
      [{ normalise: 'exact' }, 'normalise is folded, not exact'],
    ]
    for (const [change, message] of others) {
      const read = (): unknown => decodePassageFile(file, { ...options, ...change }, 'f')
      expect(read).toThrow(UsageError)
      expect(read).toThrow(message)
    }
    expect(decodePassageFile(file, { ...options, minKept: 0.5 })).toEqual(passages)
  })

  test('cut off anywhere, with something appended, or of noise is noticed', () => {
    for (let length = 0; length < file.length; length += 7)
      expect(() => decodePassageFile(file.subarray(0, length), options)).toThrow(CorruptError)
    const longer = new Uint8Array(file.length + 4)
    longer.set(file)
    expect(() => decodePassageFile(longer, options)).toThrow(CorruptError)
  })

  test('with any byte changed is noticed', () => {
    const random = randomNumbers(1)
    for (let round = 0; round < 400; round++) {
      const changed = file.slice()
      const at = round < 40 ? round : Math.floor(random() * file.length)
      changed[at] = (changed[at] as number) ^ (1 + Math.floor(random() * 255))
      expect(() => decodePassageFile(changed, options)).toThrow(CorruptError)
    }
  })

  test('forged, with a right checksum over wrong counts, is noticed', () => {
    const random = randomNumbers(2)
    for (let round = 0; round < 200; round++) {
      const forged = file.slice()
      const view = new DataView(forged.buffer)
      const at = 8 + 4 * (round % 4)
      const was = view.getUint32(at, true)
      view.setUint32(at, round < 100 ? was + 1 + (round >> 2) : random() * 2 ** 32, true)
      expect(() => decodePassageFile(seal(forged), options)).toThrow()
    }
    const forged = file.slice()
    const places = file.length - 8
    forged.fill(255, places - 20, places)
    expect(() => decodePassageFile(seal(forged), options)).toThrow(CorruptError)
  })

  test('forged, with a passage named twice or none, is noticed', () => {
    const entriesAt = 24 + Math.ceil(passageFingerprint(options).length / 4) * 4
    for (const passage of [passages.entries[5] as number, passages.starts.length, 2 ** 32 - 1]) {
      const forged = file.slice()
      new DataView(forged.buffer).setUint32(entriesAt + 8, passage, true)
      expect(() => decodePassageFile(seal(forged), options)).toThrow(CorruptError)
    }
  })
})

describe('a set of seen keys', () => {
  const key = fc.tuple(
    fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0xffffffff),
    fc.oneof(fc.constantFrom(0, 1, 0xffffff, 0x1000000, 0x80000000, 0xffffffff), fc.nat(3)),
  )

  test('says of each key whether it came before', () => {
    fc.assert(
      fc.property(fc.array(key, { maxLength: 60 }), (keys) => {
        const seen = new ExactSeenSet()
        const model = new Set<string>()
        for (const [low, high] of keys) {
          expect(seen.add(low, high)).toBe(model.has(`${low} ${high}`))
          model.add(`${low} ${high}`)
        }
        expect(seen.keys).toBe(model.size)
      }),
    )
  })

  test('grows to any size at 11 bytes a key or less, whatever the order of keys', () => {
    const random = randomNumbers(3)
    const keys = Array.from({ length: 200_000 }, () => [
      Math.floor(random() * 2 ** 32),
      Math.floor(random() * 2 ** 24),
    ]) as [number, number][]
    const seen = new ExactSeenSet()
    const different = new Set(keys.map(([low, high]) => high * 2 ** 32 + low)).size
    let again = 0
    for (const [low, high] of keys) if (seen.add(low, high)) again++
    expect([seen.keys, again]).toEqual([different, keys.length - different])
    expect((seen.bytes - 255 * 16 * 8) / seen.keys).toBeLessThan(11)
    expect(keys.every(([low, high]) => seen.add(low, high))).toBe(true)
  })

  test('is used through two methods alone', () => {
    const model = new Set<string>()
    const other = {
      bytes: 0,
      add: (low: number, high: number): boolean => {
        const known = model.has(`${low} ${high}`)
        model.add(`${low} ${high}`)
        return known
      },
    }
    const kept = new Uint8Array(passages.rows).fill(1)
    expect(new PassageIndex(other).insert(passages, kept)).toEqual(
      new PassageIndex().insert(passages, kept),
    )
  })
})

test('decisions on other rows than those of the passages are refused', () => {
  const fewer = new Uint8Array(passages.rows - 1)
  expect(() => new PassageIndex().insert(passages, fewer)).toThrow(CorruptError)
})

describe('a snapshot of seen passages', () => {
  const position = { entries: 7, ordinals: 2 ** 33 + 1 }
  const kept = new Uint8Array(passages.rows).fill(1)
  const index = new PassageIndex(new ExactSeenSet())
  index.insert(passages, kept)
  const snapshot = encodePassageSnapshot({
    seen: index.seen as ExactSeenSet,
    position,
    fingerprint: passageFingerprint(options),
  })

  test('gives back the set, its place in the log and its options', () => {
    const read = decodePassageSnapshot(snapshot)
    expect(read.position).toEqual(position)
    expect(read.fingerprint).toBe(passageFingerprint(options))
    expect(read.seen.keys).toBe((index.seen as ExactSeenSet).keys)
    const { repeated } = new PassageIndex(read.seen).insert(passages, kept)
    expect(repeated.every((flag) => flag === 1)).toBe(true)
    const other = passageKeys(textColumn([utf8('not met before')]), undefined, options)
    expect([...new PassageIndex(read.seen).insert(other, Uint8Array.of(1)).repeated]).toEqual([0])
  })

  test('torn, changed or forged is noticed', () => {
    const random = randomNumbers(4)
    for (let length = 0; length < snapshot.length; length += 31)
      expect(() => decodePassageSnapshot(snapshot.subarray(0, length))).toThrow(CorruptError)
    for (let round = 0; round < 200; round++) {
      const changed = snapshot.slice()
      const at = round < 40 ? round : Math.floor(random() * snapshot.length)
      changed[at] = (changed[at] as number) ^ (1 + Math.floor(random() * 255))
      expect(() => decodePassageSnapshot(changed)).toThrow(CorruptError)
    }
    for (const at of [8, 16, 36 + passageFingerprint(options).length]) {
      const forged = snapshot.slice()
      new DataView(forged.buffer).setUint32(at, 0xfffffff1, true)
      new DataView(forged.buffer).setUint32(at + 4, 0xfffffff1, true)
      expect(() => decodePassageSnapshot(seal(forged))).toThrow(CorruptError)
    }
  })
})

import { CorruptError, UsageError, utf8Column } from '@winnow/core'
import { describe, expect, test } from 'vitest'
import { seal } from '../src/checksum.js'
import {
  decodeEntries,
  decodeKeyFile,
  decodeRows,
  encodeKeyFile,
  FAMILY_BITS,
  KEY_FILE_HEAD_BYTES,
  readKeyFileHeader,
  rowRange,
  slotRange,
} from '../src/key-file.js'
import { keyEntries, MAX_ROWS } from '../src/keys.js'
import { dedupParameters, signatureFingerprint } from '../src/parameters.js'
import { randomNumbers, signDocuments, testCorpus } from './documents.js'

const parameters = dedupParameters()
const { signatures, urls } = signDocuments(testCorpus(60, 5), parameters)
const documentRows = Uint32Array.from({ length: 60 }, (_, row) => row * 3 + 1)
const file = encodeKeyFile(signatures, urls, parameters, documentRows)

describe('a key file', () => {
  test('gives back what was written', () => {
    const { header, entries, table } = decodeKeyFile(file)
    expect(entries).toEqual(keyEntries(signatures, urls, parameters.bands))
    expect(table.documentRow).toEqual(documentRows)
    expect(table.textLength).toEqual(signatures.textLength)
    expect(table.sketches).toEqual(signatures.sketches)
    expect(header.fingerprint).toBe(signatureFingerprint(parameters))
    expect(header.families).toBe(FAMILY_BITS.url | FAMILY_BITS.text | FAMILY_BITS.band)
  })

  test('of no rows is a key file too', () => {
    const empty = signDocuments([], parameters)
    const { header, entries } = decodeKeyFile(
      encodeKeyFile(empty.signatures, empty.urls, parameters),
    )
    expect([header.rows, header.entries, header.families, entries.length]).toEqual([0, 0, 0, 0])
  })

  test('depends on the documents alone', () => {
    expect(encodeKeyFile(signatures, urls, parameters, documentRows)).toEqual(file)
  })

  test('has a header that does not keep the file in memory', () => {
    const { header } = decodeKeyFile(file)
    for (const words of [header.slotStarts, header.slotChecksums])
      expect(words.buffer.byteLength).toBe(words.byteLength)
  })

  test('is read by ranges: the header, a range of slots, one row', () => {
    const header = readKeyFileHeader(file.subarray(0, KEY_FILE_HEAD_BYTES))
    const whole = decodeKeyFile(file)
    const slots = slotRange(header, 64, 128)
    const part = decodeEntries(header, 64, 128, file.slice(slots.start, slots.end))
    expect(part).toEqual(
      whole.entries.subarray(
        (header.slotStarts[64] as number) * 3,
        (header.slotStarts[128] as number) * 3,
      ),
    )
    const range = rowRange(header, 17, 18)
    const row = decodeRows(header, 17, 18, file.slice(range.start, range.end))
    expect(row.textLength[0]).toBe(signatures.textLength[17])
    expect(row.sketches).toEqual(signatures.sketches.subarray(17 * 112, 18 * 112))
  })

  test('is read from bytes at any offset', () => {
    const shifted = new Uint8Array(file.length + 1)
    shifted.set(file, 1)
    expect(decodeKeyFile(shifted.subarray(1)).entries).toEqual(decodeKeyFile(file).entries)
  })

  test('cut off anywhere, or with something appended, is noticed', () => {
    const lengths = [0, 1, 31, 40, 2000, 2092, 2200, file.length - 1]
    for (let length = 0; length < file.length; length += 97) lengths.push(length)
    for (const length of lengths)
      expect(() => decodeKeyFile(file.subarray(0, length))).toThrow(CorruptError)
    const longer = new Uint8Array(file.length + 4)
    longer.set(file)
    expect(() => decodeKeyFile(longer)).toThrow(CorruptError)
  })

  test('with any byte changed is noticed', () => {
    const random = randomNumbers(1)
    for (let round = 0; round < 500; round++) {
      const changed = file.slice()
      const at = round < 40 ? round : Math.floor(random() * file.length)
      changed[at] = (changed[at] as number) ^ (1 + Math.floor(random() * 255))
      expect(() => decodeKeyFile(changed)).toThrow(CorruptError)
    }
  })

  test('of noise is noticed', () => {
    const random = randomNumbers(2)
    for (let round = 0; round < 200; round++) {
      const noise = Uint8Array.from({ length: Math.floor(random() * 5000) }, () => random() * 256)
      if (round % 2 === 0) noise.set(file.subarray(0, Math.min(32, noise.length)))
      expect(() => decodeKeyFile(noise)).toThrow(CorruptError)
    }
  })

  test('forged, with a right checksum over wrong numbers, is noticed', () => {
    const { headBytes } = readKeyFileHeader(file)
    const random = randomNumbers(3)
    for (let round = 0; round < 300; round++) {
      const forged = file.slice()
      const word = Math.floor(random() * (round < 100 ? 10 : (headBytes - 8) / 4))
      const view = new DataView(forged.buffer)
      const was = view.getUint32(4 * word, true)
      view.setUint32(4 * word, round % 2 === 0 ? was + 1 : Math.floor(random() * 2 ** 32), true)
      seal(forged.subarray(0, headBytes))
      // Nothing in the file contradicts another number of bands, other families or another name of the parameters:
      // the name is compared by `requireSameFingerprint`.
      if ([4, 5, 7].includes(word) || 4 * word >= 2092) continue
      expect(() => decodeKeyFile(forged)).toThrow(CorruptError)
    }
  })

  test('is refused for a shard with more rows than an entry can name', () => {
    const many = { ...signatures, textLength: new Uint32Array(MAX_ROWS + 1) }
    expect(() => encodeKeyFile(many, utf8Column([]), parameters)).toThrow(UsageError)
  })
})

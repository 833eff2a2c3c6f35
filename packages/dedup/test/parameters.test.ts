import { UsageError } from '@winnow/core'
import type { ShingleUnit } from '@winnow/kernel'
import { describe, expect, test } from 'vitest'
import {
  type DedupParameters,
  dedupParameters,
  fingerprint,
  PROFILE_NAMES,
  type ProfileName,
  requireSameFingerprint,
  signatureFingerprint,
  signOptionsOf,
} from '../src/parameters.js'

describe('parameters', () => {
  test('the profiles are the published ones', () => {
    const shapes = PROFILE_NAMES.map((name) => {
      const { ngram, bands, rows, verify } = dedupParameters(name)
      return [name, ngram, bands, rows, verify]
    })
    expect(shapes).toEqual([
      ['default', 5, 14, 8, 0.7],
      ['fineweb', 5, 14, 8, 'off'],
      ['lee', 5, 450, 20, 0.8],
      ['strict', 5, 20, 6, 0.75],
    ])
  })

  test.each<[string, Partial<DedupParameters>]>([
    ['ngram', { ngram: 65 }],
    ['shingle', { shingle: 'byte' as ShingleUnit }],
    ['bands', { bands: 0 }],
    ['bands', { bands: 511 }],
    ['rows', { rows: 1.5 }],
    ['sketchMinimums', { sketchMinimums: 113 }],
    ['verify', { verify: 1.1 }],
    ['verify', { verify: Number.NaN }],
    ['chainLimit', { chainLimit: 0 }],
    ['sketchMinimums', { sketchMinimums: 0 }],
    ['sketchMinimums', { sketchMinimums: 5, sketchBits: 4 }],
  ])('a value out of range is refused by name: %s %j', (name, changes) => {
    expect(() => dedupParameters('default', changes)).toThrow(UsageError)
    expect(() => dedupParameters('default', changes)).toThrow(name)
  })

  test('an unknown profile is refused', () => {
    expect(() => dedupParameters('sloppy' as ProfileName)).toThrow(/no deduplication profile/)
  })

  test('fewer bands take a sketch that fits', () => {
    expect(dedupParameters('default', { bands: 4 }).sketchMinimums).toBe(32)
  })

  test('key files of word shingles are valid as they were before there were others', () => {
    expect(signatureFingerprint(dedupParameters())).toBe(
      'keys=1 ngram=5 bands=14 rows=8 sketch=112x8',
    )
    expect(fingerprint(dedupParameters('strict'))).toBe(
      'keys=1 ngram=5 bands=20 rows=6 sketch=120x8 verify=0.75 against=kept chain=8',
    )
  })

  test('key files of character shingles are others, and the message says so', () => {
    const words = signatureFingerprint(dedupParameters())
    const characters = signatureFingerprint(dedupParameters('default', { shingle: 'character' }))
    expect(characters).toBe(`${words} shingle=character`)
    expect(() => requireSameFingerprint(words, characters, 'the index')).toThrow(
      'parameters: shingle is character, not word',
    )
    expect(() => requireSameFingerprint(characters, words, 'the index')).toThrow(
      'parameters: shingle is word, not character',
    )
  })

  test('character shingles reach the kernel', () => {
    const options = signOptionsOf(dedupParameters('lee', { shingle: 'character', ngram: 64 }))
    expect(options).toMatchObject({ shingle: 'character', ngram: 64, bands: 450 })
  })

  test('resolution does not change what key files depend on', () => {
    const other = dedupParameters('default', { verify: 0.9, against: 'every', chainLimit: 3 })
    expect(signatureFingerprint(other)).toBe(signatureFingerprint(dedupParameters()))
    expect(fingerprint(other)).not.toBe(fingerprint(dedupParameters()))
  })

  test('data made with other parameters is refused, and the message names each difference', () => {
    const mine = fingerprint(dedupParameters('default'))
    const stored = fingerprint(dedupParameters('strict'))
    expect(() => requireSameFingerprint(mine, mine, 'the index')).not.toThrow()
    expect(() => requireSameFingerprint(mine, stored, 'the index')).toThrow(UsageError)
    expect(() => requireSameFingerprint(mine, stored, 'the index')).toThrow(
      'the index was made with other deduplication parameters: bands is 20, not 14; rows is 6, not 8; sketch is 120x8, not 112x8; verify is 0.75, not 0.7',
    )
    expect(() => requireSameFingerprint(mine, 'nonsense', 'the index')).toThrow('ngram is absent')
  })
})

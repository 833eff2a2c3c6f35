import { UsageError } from '@winnow/core'
import { describe, expect, test } from 'vitest'
import {
  type DedupParameters,
  dedupParameters,
  fingerprint,
  PROFILE_NAMES,
  type ProfileName,
  requireSameFingerprint,
  signatureFingerprint,
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

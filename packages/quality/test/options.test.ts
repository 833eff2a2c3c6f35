import { UsageError } from '@winnow/core'
import { describe, expect, it } from 'vitest'
import { DEFAULT_PROFILE, type QualityOptions, validateQualityOptions } from '../src/index.js'

const wrong =
  (options: unknown): (() => void) =>
  () =>
    validateQualityOptions(options as QualityOptions)

describe('quality options', () => {
  it('have the documented defaults', () => {
    expect(validateQualityOptions()).toMatchObject({
      profile: DEFAULT_PROFILE,
      languages: ['en'],
      minFlaggedWords: 3,
      builtInBlockList: true,
    })
  })

  it.each([
    [{ profil: [] }, 'profile'],
    [{ profile: ['gopher_qualty'] }, 'gopher_quality'],
    [{ thresholds: { 'gopher_quality.few_words': 3 } }, 'gopher_quality.too_few_words'],
    [{ thresholds: { 'c4.citation': 3 } }, 'nearest'],
  ])('refuse unknown names and suggest the nearest: %j', (options, suggestion) => {
    expect(wrong(options)).toThrow(UsageError)
    expect(wrong(options)).toThrow(suggestion)
  })

  it.each([
    [{ profile: [] }],
    [{ profile: ['c4', 'c4'] }],
    [{ languages: [] }],
    [{ languages: ['English'] }],
    [{ thresholds: { 'gopher_quality.too_few_words': Number.NaN } }],
    [{ thresholds: { 'gopher_quality.too_few_words': '50' } }],
    [{ minFlaggedWords: 0 }],
  ])('refuse %j', (options) => {
    expect(wrong(options)).toThrow(UsageError)
  })
})

import { describe, expect, it } from 'vitest'
import {
  formatBytes,
  formatLarge,
  formatPower,
  formatQuantile,
  formatSeconds,
  formatShare,
  formatValue,
} from '../src/format.js'
import { shellWord } from '../src/html/parts.js'

describe('numbers for people', () => {
  it('keep three digits and never show 1000 of a unit', () => {
    expect(formatBytes(0)).toBe('0 B')
    expect(formatBytes(999)).toBe('999 B')
    expect(formatBytes(999_600)).toBe('1.00 MB')
    expect(formatBytes(12_345_678)).toBe('12.3 MB')
    expect(formatLarge(1.4e12)).toBe('1.40 T')
    expect(formatPower(5.88e23)).toBe('5.88 × 10²³')
  })

  it('never call something nothing or a part the whole', () => {
    expect(formatShare(0)).toBe('0 %')
    expect(formatShare(0.00001)).toBe('< 0.1 %')
    expect(formatShare(0.99999)).toBe('> 99.9 %')
    expect(formatShare(1)).toBe('100 %')
    expect(formatValue(4e-99)).toBe('< 0.0001')
  })

  it('turn seconds to minutes and hours', () => {
    expect(formatSeconds(1.234)).toBe('1.23 s')
    expect(formatSeconds(250)).toBe('4 min 10 s')
    expect(formatSeconds(11_100)).toBe('3 h 05 min')
  })
})

describe('a quantile', () => {
  it('shows no more digits than are known', () => {
    expect(formatQuantile({ value: 1600, exact: false }, formatBytes)).toBe('about 1.6 kB')
    expect(formatQuantile({ value: 200, exact: false }, formatBytes)).toBe('about 200 B')
    expect(formatQuantile({ value: 10_000, exact: false }, formatBytes)).toBe('about 10 kB')
    expect(formatQuantile({ value: 180, exact: false })).toBe('about 180')
    expect(formatQuantile({ value: 0.00005, exact: false })).toBe('< 0.0001')
    expect(formatQuantile({ value: 1604, exact: true }, formatBytes)).toBe('1.60 kB')
    expect(formatQuantile(null)).toBe('none')
  })
})

describe('a command to paste', () => {
  it('stays one word of the shell whatever the id holds', () => {
    expect(shellWord('0000f778-20azp')).toBe('0000f778-20azp')
    expect(shellWord('a b; rm -rf ~')).toBe("'a b; rm -rf ~'")
    expect(shellWord("it's\n$(x)")).toBe("'it'\\''s?$(x)'")
    expect(shellWord('')).toBe("''")
  })
})

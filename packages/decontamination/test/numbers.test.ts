import { describe, expect, it } from 'vitest'
import { foldNumbers } from '../src/numbers.js'

const fold = (text: string) => new TextDecoder().decode(foldNumbers(new TextEncoder().encode(text)))

describe('foldNumbers', () => {
  it('makes every number the same token', () => {
    expect(fold('12 apples')).toBe('0  apples')
    expect(fold('1,250.75 apples')).toBe('0        apples')
  })

  it('makes a run of numbers one token', () => {
    expect(fold('so 60*2=<<60*2=120>>120 miles').split(/\s+/)).toEqual(['so', '0', 'miles'])
  })

  it('keeps numbers apart that words stand between', () => {
    expect(fold('3 cats, 40 dogs')).toBe('0 cats, 0  dogs')
    expect(fold('3 é 4')).toBe('0 é 0')
  })

  it('moves no byte', () => {
    const text = new TextEncoder().encode('Ünï 123 — 4５6 𝟙2\n3')
    expect(foldNumbers(text).length).toBe(text.length)
  })
})

import { hash64, utf8Column, valueBytes, valueString } from '@winnow/core'
import fc from 'fast-check'
import * as published from 'gpt-tokenizer/encoding/cl100k_base'
import { describe, expect, it } from 'vitest'
import { ChunkSample, countTokens, tokenRatio } from '../src/tokens.js'
import { random } from './corpus.js'

describe('tokens', () => {
  it('are counted as the tokenizer counts them, control tokens as plain text', () => {
    expect(countTokens('hello world')).toBe(2)
    expect(countTokens('<|endoftext|>')).toBeGreaterThan(1)
  })

  it('are as many as the published encoder makes, whatever the text', () => {
    const words = [
      'It',
      "'S",
      ' don',
      "'t",
      '  ',
      '\n\n',
      '\r\n',
      '12345',
      '水',
      ' построен',
      '👩‍🚀',
      '\u0301',
      ' --',
      '\ud800',
      'ſ',
    ]
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.constantFrom(...words)).map((parts) => parts.join('')),
      fc.array(fc.constantFrom('a', 'b', 'ab'), { maxLength: 400 }).map((parts) => parts.join('')),
    )
    fc.assert(
      fc.property(text, (text) => {
        expect(countTokens(text)).toBe(
          published.countTokens(text, { disallowedSpecial: new Set() }),
        )
      }),
      { numRuns: 2000 },
    )
  })

  it('of a sample predict those of all text, within the interval, about 95 times in 100', () => {
    const next = random(11)
    const words =
      'river bridge incomprehensibly a of the zxqj1 Überraschung 水 построен 12345 -- hill'.split(
        ' ',
      )
    const texts = Array.from({ length: 300 }, () => {
      const bias = next()
      return Array.from(
        { length: 30 + Math.floor(next() * 400) },
        () => words[Math.floor(next() * (2 + bias * 11))] ?? '',
      ).join(' ')
    })
    const column = utf8Column(texts)
    const whole = texts.reduce((sum, text) => sum + countTokens(text), 0) / column.bytes.length
    let inside = 0
    const runs = 60
    for (let run = 0; run < runs; run++) {
      const sample = new ChunkSample(column, 48)
      texts.forEach((_, row) => {
        sample.offer(row, hash64(new TextEncoder().encode(`${run}/${row}`)))
      })
      const estimate = tokenRatio(sample.count(), column.bytes.length)
      if (Math.abs((estimate?.ratio ?? 0) - whole) <= (estimate?.margin ?? 0)) inside++
    }
    expect(inside / runs).toBeGreaterThan(0.85)
  })

  it('of all the text are exact: chunks overlap nowhere and leave nothing out', () => {
    const text = utf8Column(['水'.repeat(4000), 'word '.repeat(3000), '', 'x'])
    const sample = new ChunkSample(text, 1000)
    for (let row = 0; row < 4; row++) sample.offer(row, hash64(valueBytes(text, row)))
    const chunks = sample.count()
    expect(chunks.reduce((sum, [, bytes]) => sum + bytes, 0)).toBe(text.bytes.length)
    const exact = countTokens(valueString(text, 1)) + countTokens(valueString(text, 0)) + 1
    expect(chunks.reduce((sum, [, , tokens]) => sum + tokens, 0) / exact).toBeCloseTo(1, 1)
    expect(tokenRatio(chunks, text.bytes.length)?.margin).toBe(0)
  })

  it('of a few pieces have no interval, whether or not they are all there is', () => {
    expect(tokenRatio([[1, 1000, 250]], 1000)).toMatchObject({ ratio: 0.25, margin: null })
    expect(tokenRatio([[1, 1000, 250]], 50_000)?.margin).toBeNull()
  })

  it('have no ratio without a sample', () => {
    expect(tokenRatio([], 100)).toBeNull()
  })
})

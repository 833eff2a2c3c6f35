import { documentBatch } from '@winnow/core'
import { describe, expect, it } from 'vitest'
import {
  addNgramDocuments,
  benchmarkFromRecords,
  buildBenchmarkIndex,
  commonNgrams,
  createDecontaminationStage,
  createNgramCounter,
} from '../src/index.js'
import { sentence } from './words.js'

const quote = sentence('quote', 13)
const own = sentence('own', 20)
const index = buildBenchmarkIndex([
  benchmarkFromRecords('b', [
    { id: 'plain', text: `${sentence('x', 13)} ${own}` },
    { id: 'quoting', text: `${sentence('y', 13)} ${quote}` },
  ]),
])
const part = (from: number, to: number) =>
  documentBatch(
    Array.from({ length: to - from }, (_, i) => ({
      id: `d${from + i}`,
      text: `${sentence(`f${from + i}x`, 20)} ${quote} ${from + i === 3 ? own : ''} ${quote}`,
    })),
  )

describe('commonNgrams', () => {
  it('are the n-grams in more than ten documents, whatever the parts they were counted in', () => {
    const whole = createNgramCounter(index)
    whole.count(part(0, 11))
    const [a, b] = [createNgramCounter(index), createNgramCounter(index)]
    a.count(part(0, 4))
    b.count(part(4, 11))
    const sum = new Map(b.documents())
    addNgramDocuments(sum, a.documents())
    const common = commonNgrams(index, whole.documents())
    expect(commonNgrams(index, sum)).toEqual(common)
    expect(common).toEqual([
      { position: expect.any(Number), documents: 11, benchmark: 'b', example: 'quoting', word: 13 },
    ])
  })

  it('convict nobody in the second pass, and rarer ones still do', () => {
    const counter = createNgramCounter(index)
    counter.count(part(0, 11))
    const ignoredNgrams = commonNgrams(index, counter.documents()).map(({ position }) => position)
    const { verdict } = createDecontaminationStage(index, { ignoredNgrams }).evaluate(part(2, 5))
    expect([...verdict]).toEqual([0, 1, 0])
  })
})

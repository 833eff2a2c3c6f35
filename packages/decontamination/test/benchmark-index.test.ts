import { documentBatch } from '@winnow/core'
import { describe, expect, it } from 'vitest'
import {
  benchmarkFromRecords,
  buildBenchmarkIndex,
  createDecontaminationStage,
} from '../src/index.js'
import { sentence } from './words.js'

describe('buildBenchmarkIndex', () => {
  const first = benchmarkFromRecords('first', [sentence('a', 20), 'too short', { label: 1 }])
  const second = benchmarkFromRecords('second', [sentence('b', 9), sentence('a', 20)])

  it('counts what is protected', () => {
    expect(buildBenchmarkIndex([first, second]).benchmarks).toEqual([
      { name: 'first', examples: 2, protectedExamples: 1, tooShort: 1, rejected: 1 },
      { name: 'second', examples: 2, protectedExamples: 2, tooShort: 0, rejected: 0 },
    ])
  })

  it('lists every position of a key once', () => {
    const index = buildBenchmarkIndex([first, second])
    expect([...index.postings].sort((a, b) => a - b)).toEqual([...index.anchors.keys()])
    for (let key = 0; key < index.keys.length; key++)
      for (const position of index.postings.subarray(
        index.postingStart[key],
        index.postingStart[key + 1],
      ))
        expect(index.anchors[position]).toBe(key)
    expect(new Set(index.keys).size).toBe(index.keys.length)
  })

  it('works the same after a trip to another thread', () => {
    const index = buildBenchmarkIndex([first, second])
    const batch = documentBatch([{ id: 'x', text: sentence('a', 20) }])
    const there = createDecontaminationStage(structuredClone(index)).evaluate(batch)
    expect(there).toEqual(createDecontaminationStage(index).evaluate(batch))
    expect(there.reasons).toContain('contaminated.first')
  })

  it('refuses two benchmarks of one name', () => {
    expect(() => buildBenchmarkIndex([first, first])).toThrow(/two benchmarks are named first/)
  })
})

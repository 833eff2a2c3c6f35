import { describe, expect, it } from 'vitest'
import {
  AttributesBuilder,
  countVerdicts,
  keptRows,
  reasonOf,
  scatterAttributes,
  Verdict,
} from '../src/index.js'

describe('attributes', () => {
  it('the first drop of a row stands, and a drop wins over a cut', () => {
    const builder = new AttributesBuilder(2)
    builder.cut(0, 'a.cut', [0, 1])
    builder.drop(0, 'a.first', 'why')
    builder.drop(0, 'a.second')
    builder.cut(0, 'a.cut', [2, 3])
    const attributes = builder.finish()
    expect(attributes.verdict[0]).toBe(Verdict.drop)
    expect(reasonOf(attributes, 0)).toBe('a.first')
    expect(attributes.detail[0]).toBe('why')
    expect(attributes.spans.values.length).toBe(0)
    expect(reasonOf(attributes, 1)).toBe('')
  })

  it('scattered over a shard, rows that were not judged are unseen and not kept', () => {
    const part = new AttributesBuilder(2, ['m'], ['l'])
    part.drop(0, 'a.b')
    part.cut(1, 'a.c', [1, 2])
    part.metric('m')[1] = 7
    part.label(1, 'l', 'x')
    const whole = scatterAttributes(part.finish(), Int32Array.of(1, 3), 4)
    expect([...whole.verdict]).toEqual([Verdict.unseen, Verdict.drop, Verdict.unseen, Verdict.cut])
    expect([...whole.spans.offsets]).toEqual([0, 0, 0, 0, 2])
    expect(whole.metrics.m?.[3]).toBe(7)
    expect(whole.metrics.m?.[0]).toBeNaN()
    expect(whole.labels.l).toEqual(['', '', '', 'x'])
    expect([...keptRows(4, [whole])]).toEqual([3])
  })
})

describe('countVerdicts', () => {
  it('adds up verdicts by reason, without the rows that were not seen', () => {
    const builder = new AttributesBuilder(6)
    builder.drop(0, 'a.b')
    builder.drop(1, 'a.c')
    builder.drop(2, 'a.b')
    builder.cut(3, 'a.d', [0, 1])
    builder.unseen(4)
    expect(countVerdicts(builder.finish())).toEqual([
      { verdict: 'keep', reason: '', documents: 1 },
      { verdict: 'drop', reason: 'a.b', documents: 2 },
      { verdict: 'drop', reason: 'a.c', documents: 1 },
      { verdict: 'cut', reason: 'a.d', documents: 1 },
    ])
  })
})

import { describe, expect, it } from 'vitest'
import { exampleId, passagesOf } from '../src/fields.js'

describe('passagesOf', () => {
  it('finds the question and the worked answer by name', () => {
    expect(passagesOf({ question: 'How many?', answer: 'Five, since 2 + 3', level: 1 })).toEqual([
      { text: 'How many?', whole: true },
      { text: 'Five, since 2 + 3', whole: false },
    ])
    expect(passagesOf({ problem: 'Prove it.', solution: 'By induction' })[0]?.text).toBe(
      'Prove it.',
    )
    expect(passagesOf({ prompt: 'def f():', canonical_solution: 'return 1' })).toHaveLength(2)
  })

  it('protects each named field by itself, and joined ones as one passage', () => {
    const record = {
      question: 'Which?',
      choices: { label: ['A', 'B'], text: ['red', 'blue'] },
      answer: 'red',
    }
    expect(passagesOf(record, ['question', 'answer']).map(({ text }) => text)).toEqual([
      'Which?',
      'red',
    ])
    expect(passagesOf(record, ['question + choices.text'])).toEqual([
      { text: 'Which?\nred\nblue', whole: true },
    ])
  })

  it('finds nothing where there is no text', () => {
    expect(passagesOf({ label: 3, question: '  ' })).toEqual([])
    expect(passagesOf({ question: 'Which?' }, ['context'])).toEqual([])
  })

  it('survives records that are nested without end', () => {
    let nested: unknown = 'deep'
    for (let i = 0; i < 10_000; i++) nested = [nested]
    expect(passagesOf({ text: nested, question: 'Which?' })[0]?.text).toBe('Which?')
  })
})

describe('exampleId', () => {
  it('takes the usual names, and numbers too', () => {
    expect(exampleId({ task_id: 'HumanEval/0' })).toBe('HumanEval/0')
    expect(exampleId({ idx: 0 })).toBe('0')
    expect(exampleId({ text: 'x' })).toBeUndefined()
  })
})

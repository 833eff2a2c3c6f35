import { describe, expect, it } from 'vitest'
import { formatPercent } from '../src/commands/dedup-curve-text.js'
import { areaPlot, beside } from '../src/terminal/area-plot.js'

describe('a plot in block characters', () => {
  it('fills up to the lower curve, shades up to the upper one, and marks a place', () => {
    const lines = areaPlot({
      filled: (x) => (x < 0.5 ? 0 : x),
      shaded: () => 0.5,
      mark: 0.5,
      width: 12,
      height: 4,
    })
    expect(lines.slice(0, 5)).toEqual([
      '100 ┤·········▁▄▇',
      '    │      ▁▄▇███',
      ' 50 ┤░░░░░░██████',
      '    │░░░░░░██████',
      '  0 └┴─┴─┴─▲┴─┴─┴',
    ])
    expect(lines.every((line) => line.length === 17)).toBe(true)
  })

  it('has its numbers under their ticks', () => {
    const none = { filled: () => 0, shaded: () => 0 }
    expect(areaPlot({ ...none, width: 31, height: 1 }).slice(1)).toEqual([
      '  0 └┴─────┴─────┴─────┴─────┴─────┴',
      '     0.0  0.2   0.4   0.6   0.8  1.0',
    ])
  })

  it('next to another keeps its columns', () => {
    expect(beside([['ab', 'c'], ['d'], ['', 'ef']], 2)).toEqual(['ab  d', 'c      ef'])
  })
})

describe('a probability in %', () => {
  it('says how far it is from 0 and 100', () => {
    const given = [0, 1e-9, 0.0000123, 0.0009, 0.0123, 0.5, 0.9237, 0.99462, 0.99998, 1 - 1e-9, 1]
    expect(given.map(formatPercent)).toEqual([
      '0',
      '~0',
      '0.0012',
      '0.090',
      '1.2',
      '50.0',
      '92.4',
      '99.46',
      '99.9980',
      '~100',
      '100',
    ])
  })
})

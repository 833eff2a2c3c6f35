import { describe, expect, it } from 'vitest'
import { type CurveSeries, renderCurveChart } from '../src/html/curve.js'

const series = (name: string, threshold?: number): CurveSeries => ({
  name,
  detail: '14 × 8',
  half: 0.7,
  ...(threshold === undefined ? {} : { threshold }),
  points: [0, 0.25, 0.5, 0.75, 1].map((jaccard) => ({
    jaccard,
    candidate: jaccard,
    detected: threshold === undefined ? jaccard : jaccard ** 2,
  })),
})

describe('a chart of detection curves', () => {
  it('draws a solid line for each, and a dashed one and a mark where something is verified', () => {
    const svg = renderCurveChart([series('verified', 0.8), series('not')])
    expect(svg.match(/<path class="detected/g)).toHaveLength(2)
    expect(svg.match(/<path class="candidate/g)).toHaveLength(1)
    expect(svg).toContain(
      '<path class="detected c0" d="M64,438L231,415.5L398,348L565,235.5L732,78">',
    )
    expect(svg).toContain('<path class="candidate c0" d="M64,438L231,348L398,258L565,168L732,78">')
    // 0.8 of the way from 64 to 732.
    expect(svg).toContain('<path class="f0" d="M592.4,438L604.4,438L598.4,428Z"/>')
  })

  it('is a file of its own in which no name can be markup', () => {
    const svg = renderCurveChart([series('<script>"&')])
    expect(svg.startsWith('<svg xmlns="http://www.w3.org/2000/svg"')).toBe(true)
    expect(svg).not.toContain('<script')
    expect(svg).not.toMatch(/NaN|undefined/)
  })
})

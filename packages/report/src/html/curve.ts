import { scaleLinear } from 'd3-scale'
import { area, line } from 'd3-shape'
import { html, Markup } from './markup.js'

/** One curve of a chart of detection. */
export interface CurveSeries {
  readonly name: string
  /** Its parameters in a few words. */
  readonly detail: string
  /** Jaccard index at which half of the pairs are detected. */
  readonly half: number
  /** Estimated Jaccard index from which on a pair passes verification, where there is one. */
  readonly threshold?: number
  /** Probabilities from Jaccard 0 to 1, ascending. */
  readonly points: readonly { jaccard: number; candidate: number; detected: number }[]
}

const WIDTH = 760
const MARGIN = { top: 78, right: 28, left: 64 } as const
const BASE = 438
const RIGHT = WIDTH - MARGIN.right
const TENTHS = Array.from({ length: 11 }, (_, i) => i / 10)
/** Under the axis, in two columns. */
const LEGEND = { top: 514, column: 344, line: 48 } as const
/** Colours of the curves, told apart by people who do not see all of them (after Okabe and Ito), for light and dark. */
const COLOURS = [
  ['#14746a', '#4fb8a6'],
  ['#b3401f', '#f0936f'],
  ['#3b5fa8', '#8fb0f0'],
  ['#8a6a00', '#e0b94a'],
] as const

const STYLE = `
text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif; fill: #5c6763 }
.page { fill: #fcfcfa } .title { font-size: 19px; font-weight: 650; fill: #1c2422 } .name { font-weight: 650; fill: #1c2422 }
.grid { stroke: #e2e4de } .axis { stroke: #5c6763 } .half { stroke: #5c6763; stroke-dasharray: 2 4 }
.detected { fill: none; stroke-width: 2.5; stroke-linejoin: round } .candidate { fill: none; stroke-width: 1.5; stroke-dasharray: 6 4 }
.rejected { opacity: .13; stroke: none } .neutral { stroke: #5c6763 } path.neutral { fill: #5c6763 }
${COLOURS.map(([light], i) => `.c${i} { stroke: ${light} } .f${i} { fill: ${light} }`).join('\n')}
@media (prefers-color-scheme: dark) {
text { fill: #9aa6a1 } .page { fill: #121716 } .title, .name { fill: #e6eae7 } .grid { stroke: #2b3533 }
.axis, .half, .neutral { stroke: #9aa6a1 } path.neutral { fill: #9aa6a1 }
${COLOURS.map(([, dark], i) => `.c${i} { stroke: ${dark} } .f${i} { fill: ${dark} }`).join('\n')}
}`

const x = scaleLinear().domain([0, 1]).range([MARGIN.left, RIGHT])
const y = scaleLinear().domain([0, 1]).range([BASE, MARGIN.top])
const round = (value: number) => Math.round(value * 10) / 10

/**
 * A chart as an SVG file: the probability that a pair is detected over its Jaccard index, solid, and that its bands propose
 * it, dashed; between the two, what verification takes back. Colours repeat from the fifth curve on.
 */
export function renderCurveChart(series: readonly CurveSeries[]): string {
  const label = `Probability of detection over the Jaccard index: ${series.map(({ name }) => name).join(', ')}`
  const height = LEGEND.top + LEGEND.line * Math.ceil(series.length / 2)
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${label}">
<title>${label}</title>
<style>${new Markup(STYLE)}</style>
<rect class="page" width="${WIDTH}" height="${height}"/>
<text class="title" x="${MARGIN.left}" y="34">How likely a pair of near duplicates is detected</text>
${lineKey()}
${frame()}
${series.map(rejectedArea)}
${series.map(detectedLine)}
${series.map(candidateLine)}
${series.map(thresholdMark)}
${series.map(legendEntry)}
</svg>
`.source
}

type Point = CurveSeries['points'][number]

function colour(index: number): number {
  return index % COLOURS.length
}

function frame(): Markup {
  return html`${TENTHS.map((tenth) => {
    const [column, row] = [round(x(tenth)), round(y(tenth))]
    return html`<line class="grid" x1="${column}" x2="${column}" y1="${MARGIN.top}" y2="${BASE}"/><line class="grid" x1="${MARGIN.left}" x2="${RIGHT}" y1="${row}" y2="${row}"/>
<text x="${column}" y="${BASE + 22}" text-anchor="middle">${tenth.toFixed(1)}</text><text x="${MARGIN.left - 10}" y="${row + 4}" text-anchor="end">${Math.round(100 * tenth)} %</text>
`
  })}<line class="half" x1="${MARGIN.left}" x2="${RIGHT}" y1="${y(0.5)}" y2="${y(0.5)}"/><line class="axis" x1="${MARGIN.left}" x2="${RIGHT}" y1="${BASE}" y2="${BASE}"/>
<text x="${(MARGIN.left + RIGHT) / 2}" y="${BASE + 48}" text-anchor="middle">Jaccard index of their shingles</text>`
}

/** What the kinds of lines mean, under the title. */
function lineKey(): Markup {
  const at = (left: number, className: string, text: string) =>
    html`<line class="${className} neutral" x1="${left}" x2="${left + 28}" y1="54" y2="54"/><text x="${left + 36}" y="58">${text}</text>`
  return html`${at(MARGIN.left, 'detected', 'detected')}${at(MARGIN.left + 112, 'candidate', 'proposed by a shared band')}<path class="neutral" d="${triangle(MARGIN.left + 352, 60)}"/><text x="${MARGIN.left + 366}" y="58">verified at this estimate</text>`
}

function rejectedArea({ points }: CurveSeries, index: number): Markup {
  const shape = area<Point>()
    .x(({ jaccard }) => round(x(jaccard)))
    .y0(({ detected }) => round(y(detected)))
    .y1(({ candidate }) => round(y(candidate)))
  return html`<path class="rejected f${colour(index)}" d="${shape([...points]) ?? ''}"/>`
}

function curve(points: readonly Point[], value: 'candidate' | 'detected'): string {
  const shape = line<Point>()
    .x(({ jaccard }) => round(x(jaccard)))
    .y((point) => round(y(point[value])))
  return shape([...points]) ?? ''
}

function detectedLine({ name, points }: CurveSeries, index: number): Markup {
  return html`<path class="detected c${colour(index)}" d="${curve(points, 'detected')}"><title>${name}, detected</title></path>`
}

/** Over the solid ones: two sets of parameters may have the same bands and differ in verification only. */
function candidateLine({ name, points }: CurveSeries, index: number): Markup | null {
  if (points.every(({ candidate, detected }) => candidate === detected)) return null
  return html`<path class="candidate c${colour(index)}" d="${curve(points, 'candidate')}"><title>${name}, proposed</title></path>`
}

function thresholdMark({ threshold }: CurveSeries, index: number): Markup | null {
  if (threshold === undefined) return null
  return html`<path class="f${colour(index)}" d="${triangle(round(x(threshold)), BASE)}"/>`
}

/** A triangle that stands on a line and points up. */
function triangle(middle: number, base: number): string {
  return `M${middle - 6},${base}L${middle + 6},${base}L${middle},${base - 10}Z`
}

function legendEntry({ name, detail, half }: CurveSeries, index: number): Markup {
  const left = MARGIN.left + (index % 2) * LEGEND.column
  const top = LEGEND.top + Math.floor(index / 2) * LEGEND.line
  return html`<rect class="f${colour(index)}" x="${left}" y="${top - 10}" width="4" height="30" rx="2"/><text class="name" x="${left + 14}" y="${top}">${name}</text><text x="${left + 14}" y="${top + 18}">${detail}; half detected at ${half.toFixed(3)}</text>`
}

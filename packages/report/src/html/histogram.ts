import { scaleLinear, scaleLog, scaleSqrt } from 'd3-scale'
import { area, curveStepAfter } from 'd3-shape'
import { binRange } from '../bins.js'
import { formatCount, formatValue } from '../format.js'
import type { Histogram, HistogramBin } from '../summary-schema.js'
import { html, type Markup } from './markup.js'

/** One unit is about one pixel: figures are laid out in columns of this width, on a telephone as on a screen. */
const WIDTH = 340
const HEIGHT = 150
const MARGIN = { top: 20, right: 4, bottom: 24, left: 2 } as const
/** Room for the zeros beside a logarithmic axis, which has no place for them. */
const ZERO = { width: 12, gap: 8 } as const
const BASE = HEIGHT - MARGIN.bottom
/** Bars of a logarithmic axis; a linear one has up to LINEAR_BARS, as wide as a round number says. */
const LOG_BARS = 56
const LINEAR_BARS = 100
const TABLE_ROWS = 10
/** A positive range of at most this ratio, and all shares, are drawn on a linear axis. */
const LINEAR_RATIO = 30
/** An axis is no longer than the bins go, and no shorter than the bin around 0. */
const FURTHEST = 1e16
const SHORTEST = 2e-4

export interface Threshold {
  readonly value: number
  readonly label: string
}

interface Axis {
  readonly log: boolean
  readonly integers: boolean
  readonly low: number
  readonly high: number
  readonly bars: number
}

/**
 * A histogram: all documents behind, the kept ones in front, dashed lines at thresholds. The axis goes from the smallest
 * value to the largest, and to the thresholds. Heights are square roots, so that a tail of a few documents shows
 * beside a peak of thousands.
 */
export function histogramChart(
  histogram: Histogram,
  label: string,
  thresholds: readonly Threshold[],
  format: (value: number) => string = formatValue,
): Markup {
  const axis = axisOf(histogram, thresholds)
  const zeros = axis.log ? histogram.bins.find(([bin]) => bin === 0) : undefined
  const left = MARGIN.left + (zeros === undefined ? 0 : ZERO.width + ZERO.gap)
  const x = (axis.log ? scaleLog() : scaleLinear())
    .domain([axis.low, axis.high])
    .range([left, WIDTH - MARGIN.right])
  const bars = spread(histogram, axis, x, left)
  const y = scaleSqrt()
    .domain([0, Math.max(1, zeros?.[1] ?? 0, ...bars.all)])
    .range([BASE, MARGIN.top])
  const edges = Array.from({ length: axis.bars + 1 }, (_, i) => i)
  const outline = (counts: readonly number[]) =>
    area<number>()
      .x((i) => round(left + (i / axis.bars) * (WIDTH - MARGIN.right - left)))
      .y0(BASE)
      .y1((i) => round(y(counts[i] ?? 0)))
      .curve(curveStepAfter)(edges) ?? ''
  return html`<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">
<path class="removed" d="${outline(bars.all)}"/><path class="kept" d="${outline(bars.kept)}"/>
${zeros === undefined ? null : zeroBar(zeros, y)}<line class="axis" x1="${left}" x2="${WIDTH - MARGIN.right}" y1="${BASE}" y2="${BASE}"/>
${axisTicks(x, axis).map((tick) => {
  const at = round(x(tick))
  const anchor = at < MARGIN.left + 12 ? 'start' : at > WIDTH - MARGIN.right - 12 ? 'end' : 'middle'
  return html`<line class="axis" x1="${at}" x2="${at}" y1="${BASE}" y2="${BASE + 4}"/><text x="${at}" y="${HEIGHT - 6}" text-anchor="${anchor}">${tickLabel(format(tick))}</text>`
})}
${thresholdLines(thresholds, x)}</svg>`
}

/** From where to where, and how, an axis goes. */
function axisOf(histogram: Histogram, thresholds: readonly Threshold[]): Axis {
  const lines = thresholds.map(({ value }) => value)
  const ends = [histogram.bins[0]?.[0] ?? 0, histogram.bins.at(-1)?.[0] ?? 1]
  const values = [...ends, histogram.min ?? 0, histogram.max ?? 1, ...lines]
  const low = Math.max(-FURTHEST, Math.min(...values))
  const high = Math.min(FURTHEST, Math.max(...values))
  const positive = histogram.bins.flatMap(([bin]) => (bin > 0 ? [bin] : []))
  const smallest = Math.min(high, ...positive, ...lines.filter((value) => value > 0))
  const { integers } = histogram
  // A whole number takes up the place to the next one.
  const top = integers ? high + 1 : high
  if (low < 0) return linearAxis(low, Math.max(top, 0), integers)
  if (top <= 1) return linearAxis(0, top > 0.5 || top === 0 ? 1 : top, integers)
  if (high <= LINEAR_RATIO || high / smallest <= LINEAR_RATIO) return linearAxis(0, top, integers)
  return { log: true, integers, low: smallest, high: top, bars: LOG_BARS }
}

/** Its bars begin at round numbers, so that a threshold does not fall into the middle of one. */
function linearAxis(low: number, high: number, integers: boolean): Axis {
  const size = roundStep(Math.max(SHORTEST, high - low) / LINEAR_BARS, integers)
  const first = Math.floor(steps(low, size))
  const last = Math.max(first + 1, Math.ceil(steps(high, size)))
  return { log: false, integers, low: first * size, high: last * size, bars: last - first }
}

/** How many steps make `value`: whole where only the division keeps it from being so. */
function steps(value: number, step: number): number {
  const whole = Math.round(value / step)
  return Math.abs(value / step - whole) < 1e-9 * Math.abs(whole) ? whole : value / step
}

/** The first of 1, 2 and 5 times a power of ten from `size` on; at least 1 for whole numbers. */
function roundStep(size: number, integers: boolean): number {
  const power = Math.floor(Math.log10(size))
  const steps = [1, 2, 5, 10].map((digit) => Number(`${digit}e${power}`))
  return Math.max(integers ? 1 : 0, steps.find((step) => step >= size * (1 - 1e-9)) ?? size)
}

/**
 * Counts per bar of equal width on the axis. A bin's rows are spread evenly over its length there; whole numbers, which
 * fill only the start of a bin narrower than 1, over all up to the next one.
 */
function spread(
  { bins, min, max, integers }: Histogram,
  axis: Axis,
  x: (value: number) => number,
  left: number,
): { all: number[]; kept: number[] } {
  const all = new Array<number>(axis.bars).fill(0)
  const kept = new Array<number>(axis.bars).fill(0)
  const width = (WIDTH - MARGIN.right - left) / axis.bars
  const place = (value: number) =>
    (x(Math.min(axis.high, Math.max(axis.low, value))) - left) / width
  for (const [bin, rows, keptRows] of bins) {
    if (axis.log && bin <= 0) continue
    const [low, high] = binRange(bin)
    const narrow = integers && high - low < 1
    const from = place(narrow ? bin : Math.max(low, min ?? low))
    const to = place(narrow ? bin + 1 : integers ? high : Math.min(high, max ?? high))
    const first = Math.min(axis.bars - 1, Math.floor(from))
    const last = Math.max(first, Math.min(axis.bars - 1, Math.ceil(to) - 1))
    for (let bar = first; bar <= last; bar++) {
      const part = first === last ? 1 : (Math.min(to, bar + 1) - Math.max(from, bar)) / (to - from)
      all[bar] = (all[bar] ?? 0) + part * rows
      kept[bar] = (kept[bar] ?? 0) + part * keptRows
    }
  }
  return { all, kept }
}

function zeroBar([, all, kept]: HistogramBin, y: (count: number) => number): Markup {
  const bar = (name: string, count: number) =>
    html`<rect class="${name}" x="${MARGIN.left}" width="${ZERO.width}" y="${round(y(count))}" height="${round(BASE - y(count))}"/>`
  return html`${bar('removed', all)}${bar('kept', kept)}<line class="axis" x1="${MARGIN.left}" x2="${MARGIN.left + ZERO.width}" y1="${BASE}" y2="${BASE}"/><text x="${MARGIN.left + ZERO.width / 2}" y="${HEIGHT - 6}" text-anchor="middle">0</text>`
}

function thresholdLines(thresholds: readonly Threshold[], x: (value: number) => number): Markup[] {
  return thresholds.flatMap(({ value, label }) => {
    const at = round(x(value))
    // A threshold of 0 has no place on a logarithmic axis.
    if (!Number.isFinite(at)) return []
    const left = at > WIDTH / 2
    return [
      html`<line class="threshold" x1="${at}" x2="${at}" y1="${MARGIN.top - 6}" y2="${BASE}"/><text class="threshold" x="${left ? at - 4 : at + 4}" y="${MARGIN.top - 8}" text-anchor="${left ? 'end' : 'start'}">${label}</text>`,
    ]
  })
}

/** At most five ticks or so at round numbers. */
function axisTicks(
  x: { ticks(count?: number): number[] },
  { log, integers, low, high }: Axis,
): number[] {
  if (!log) return x.ticks(4).filter((tick) => !integers || Number.isInteger(tick))
  const decades: number[] = []
  for (let power = Math.ceil(Math.log10(low)); 10 ** power <= high; power++)
    decades.push(Number(`1e${power}`))
  if (decades.length < 3)
    return roundNumbers(low, high).filter((tick) => tick >= low && tick <= high)
  const step = Math.ceil(decades.length / 5)
  return decades.filter((_, i) => i % step === 0)
}

/** 1, 2 and 5 times the powers of ten, from the last one below `low` to the first one above `high`. */
function roundNumbers(low: number, high: number): number[] {
  const numbers: number[] = []
  const first = Math.floor(Math.log10(low))
  for (let power = first; numbers.length === 0 || (numbers.at(-1) ?? 0) <= high; power++)
    for (const digit of [1, 2, 5]) numbers.push(Number(`${digit}e${power}`))
  const from = numbers.findLastIndex((number) => number <= low)
  const to = numbers.findIndex((number) => number > high)
  return numbers.slice(Math.max(0, from), to + 1)
}

/** The same figures as a table, in about ten rows. Its edges are edges of bins: no row is a guess. */
export function histogramTable(
  histogram: Histogram,
  unit: string,
  format: (value: number) => string = formatValue,
): Markup {
  const edges = tableEdges(histogram)
  const rows = edges.slice(0, -1).map((low, i) => {
    const high = edges[i + 1] ?? low
    const inside = histogram.bins.filter(
      ([bin]) => bin >= low && (bin < high || (bin === high && i === edges.length - 2)),
    )
    const sum = (column: 1 | 2) => inside.reduce((total, entry) => total + entry[column], 0)
    return { range: `${format(low)} to ${format(high)}`, all: sum(1), kept: sum(2) }
  })
  return html`<details class="numbers"><summary>Numbers</summary><table><thead><tr><th scope="col">${unit}</th><th scope="col" class="n">Documents</th><th scope="col" class="n">Kept</th></tr></thead><tbody>${rows.map(
    (row) =>
      html`<tr><th scope="row">${row.range}</th><td class="n">${formatCount(row.all)}</td><td class="n">${formatCount(row.kept)}</td></tr>`,
  )}</tbody></table></details>`
}

function tableEdges(histogram: Histogram): number[] {
  const { log, integers, low, high } = axisOf(histogram, [])
  if (log) {
    const numbers = roundNumbers(low, high)
    const edges = numbers.length > 16 ? numbers.filter((_, i) => i % 3 === 0) : numbers
    const zero = histogram.bins.some(([bin]) => bin === 0) ? [0] : []
    // Leaving out numbers must not leave out the ends.
    return [...new Set([...zero, numbers[0] ?? low, ...edges, numbers.at(-1) ?? high])]
  }
  const step = roundStep((high - low) / TABLE_ROWS, integers)
  const first = Math.floor(steps(low, step))
  const last = Math.max(first + 1, Math.ceil(steps(high, step)))
  return Array.from({ length: last - first + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  )
}

/** `10.0 kB` is `10 kB` on an axis. */
function tickLabel(text: string): string {
  return text.replace(/\.0+(?= )/, '')
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

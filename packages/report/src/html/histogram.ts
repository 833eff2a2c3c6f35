import { scaleLinear, scaleLog, scaleSqrt } from 'd3-scale'
import { area, curveStepAfter } from 'd3-shape'
import { binEdge } from '../bins.js'
import { formatCount, formatValue } from '../format.js'
import type { Bins, Histogram } from '../summary-schema.js'
import { html, type Markup } from './markup.js'

/** One unit is about one pixel: figures are laid out in columns of this width, on a telephone as on a screen. */
const WIDTH = 340
const HEIGHT = 150
const MARGIN = { top: 20, right: 4, bottom: 24, left: 2 } as const
const TABLE_ROWS = 10

export interface Threshold {
  readonly value: number
  readonly label: string
}

/** The bins that the figure shows: a logarithmic axis is cut to where there are values. */
interface Shown {
  readonly from: number
  readonly to: number
}

/**
 * A histogram: all documents behind, the kept ones in front, dashed lines at thresholds. Heights are square roots, so
 * that a tail of a few documents shows beside a peak of thousands.
 */
export function histogramChart(
  histogram: Histogram,
  label: string,
  thresholds: readonly Threshold[],
  format: (value: number) => string = formatValue,
): Markup {
  const { bins } = histogram
  const shown = shownBins(histogram, thresholds)
  const low = binEdge(bins, shown.from)
  const high = binEdge(bins, shown.to)
  const scale = bins.scale === 'log' ? scaleLog() : scaleLinear()
  const x = scale.domain([low, high]).range([MARGIN.left, WIDTH - MARGIN.right])
  const peak = Math.max(1, ...histogram.all.slice(shown.from + 1, shown.to + 1))
  const y = scaleSqrt()
    .domain([0, peak])
    .range([HEIGHT - MARGIN.bottom, MARGIN.top])
  const indexes = Array.from({ length: shown.to - shown.from + 1 }, (_, i) => shown.from + i)
  const outline = (counts: readonly number[]) =>
    area<number>()
      .x((bin) => round(x(binEdge(bins, bin))))
      .y0(HEIGHT - MARGIN.bottom)
      .y1((bin) => round(y(bin < shown.to ? (counts[bin + 1] ?? 0) : 0)))
      .curve(curveStepAfter)(indexes) ?? ''
  return html`<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">
<path class="removed" d="${outline(histogram.all)}"/><path class="kept" d="${outline(histogram.kept)}"/>
<line class="axis" x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${HEIGHT - MARGIN.bottom}" y2="${HEIGHT - MARGIN.bottom}"/>
${axisTicks(x, bins).map((tick) => {
  const at = round(x(tick))
  const anchor = at < MARGIN.left + 12 ? 'start' : at > WIDTH - MARGIN.right - 12 ? 'end' : 'middle'
  return html`<line class="axis" x1="${at}" x2="${at}" y1="${HEIGHT - MARGIN.bottom}" y2="${HEIGHT - MARGIN.bottom + 4}"/><text x="${at}" y="${HEIGHT - 6}" text-anchor="${anchor}">${tickLabel(format(tick))}</text>`
})}
${thresholdLines(thresholds, x, low, high)}</svg>`
}

function thresholdLines(
  thresholds: readonly Threshold[],
  x: (value: number) => number,
  low: number,
  high: number,
): Markup[] {
  const inside = thresholds.filter(({ value }) => value >= low && value <= high)
  return inside.map(({ value, label }) => {
    const at = round(x(value))
    const left = at > WIDTH / 2
    return html`<line class="threshold" x1="${at}" x2="${at}" y1="${MARGIN.top - 6}" y2="${HEIGHT - MARGIN.bottom}"/><text class="threshold" x="${left ? at - 4 : at + 4}" y="${MARGIN.top - 8}" text-anchor="${left ? 'end' : 'start'}">${label}</text>`
  })
}

/** At most five ticks at round numbers. */
function axisTicks(
  x: { ticks(count?: number): number[]; domain(): number[] },
  { scale }: Bins,
): number[] {
  if (scale === 'linear') return x.ticks(4)
  const [low = 1, high = 10] = x.domain()
  const decades: number[] = []
  for (let power = Math.ceil(Math.log10(low)); 10 ** power <= high; power++)
    decades.push(10 ** power)
  if (decades.length < 3) {
    const finer = decades
      .concat(low / 10)
      .flatMap((decade) => [1, 2, 5].map((m) => m * 10 ** Math.floor(Math.log10(decade * 1.01))))
    return [...new Set(finer)].filter((tick) => tick >= low && tick <= high)
  }
  const step = Math.ceil(decades.length / 5)
  return decades.filter((_, i) => i % step === 0)
}

function shownBins(histogram: Histogram, thresholds: readonly Threshold[]): Shown {
  const { bins, all } = histogram
  if (bins.scale === 'linear') return { from: 0, to: bins.count }
  const used = all.slice(1, -1)
  let from = used.findIndex((count) => count > 0)
  let to = used.findLastIndex((count) => count > 0) + 1
  if (from < 0) return { from: 0, to: bins.count }
  for (const { value } of thresholds) {
    while (from > 0 && binEdge(bins, from) > value) from--
    while (to < bins.count && binEdge(bins, to) < value) to++
  }
  return { from: Math.max(0, from - 1), to: Math.min(bins.count, to + 1) }
}

/** The same figures as a table, in at most ten rows of equal axis length. */
export function histogramTable(
  histogram: Histogram,
  unit: string,
  format: (value: number) => string = formatValue,
): Markup {
  const { bins, all, kept } = histogram
  const shown = shownBins(histogram, [])
  const size = Math.ceil((shown.to - shown.from) / TABLE_ROWS)
  const rows: { range: string; all: number; kept: number }[] = []
  if ((all[0] ?? 0) > 0)
    rows.push({ range: `under ${format(bins.from)}`, all: all[0] ?? 0, kept: kept[0] ?? 0 })
  for (let from = shown.from; from < shown.to; from += size) {
    const to = Math.min(shown.to, from + size)
    const sum = (counts: readonly number[]) =>
      counts.slice(from + 1, to + 1).reduce((total, count) => total + count, 0)
    rows.push({
      range: `${format(binEdge(bins, from))} to ${format(binEdge(bins, to))}`,
      all: sum(all),
      kept: sum(kept),
    })
  }
  const over = bins.count + 1
  if ((all[over] ?? 0) > 0)
    rows.push({ range: `over ${format(bins.to)}`, all: all[over] ?? 0, kept: kept[over] ?? 0 })
  return html`<details class="numbers"><summary>Numbers</summary><table><thead><tr><th scope="col">${unit}</th><th scope="col" class="n">Documents</th><th scope="col" class="n">Kept</th></tr></thead><tbody>${rows.map(
    (row) =>
      html`<tr><th scope="row">${row.range}</th><td class="n">${formatCount(row.all)}</td><td class="n">${formatCount(row.kept)}</td></tr>`,
  )}</tbody></table></details>`
}

/** `10.0 kB` is `10 kB` on an axis. */
function tickLabel(text: string): string {
  return text.replace(/\.0+(?= )/, '')
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

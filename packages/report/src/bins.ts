import type { Histogram, HistogramBin } from './summary-schema.js'

/**
 * One set of bins for every metric, whatever its range: the numbers of two significant digits from 0.0001 to 10^15, both
 * signs, and 0. They depend on no data and no setting, so any two histograms can be added up; whole numbers below 100
 * have a bin of their own; a threshold of two digits lies on an edge.
 */
const SMALLEST_POWER = -4
const LARGEST_POWER = 15
const BINS_PER_DECADE = 90
/** Parsed from decimals, not multiplied up: 0.3 is the double that a threshold of 0.3 is. */
const EDGES = Array.from(
  { length: (LARGEST_POWER - SMALLEST_POWER) * BINS_PER_DECADE + 1 },
  (_, i) =>
    Number(`${10 + (i % BINS_PER_DECADE)}e${Math.floor(i / BINS_PER_DECADE) + SMALLEST_POWER - 1}`),
)
const SMALLEST = EDGES[0] as number
const LAST = EDGES.length - 1

/** The bin of a value, named by its edge next to 0: 0.137 is in bin 0.13, -0.137 in -0.13, anything under 0.0001 in 0. */
export function binOf(value: number): number {
  const size = Math.abs(value)
  if (size < SMALLEST) return 0
  const edge = EDGES[edgeIndex(size)] as number
  return value < 0 ? -edge : edge
}

/** The ends of a bin, lower first; the outermost bins have no outer end. */
export function binRange(bin: number): readonly [number, number] {
  if (bin === 0) return [-SMALLEST, SMALLEST]
  const outer = EDGES[edgeIndex(Math.abs(bin)) + 1] ?? Number.POSITIVE_INFINITY
  return bin < 0 ? [-outer, bin] : [bin, outer]
}

function edgeIndex(size: number): number {
  if (size >= (EDGES[LAST] as number)) return LAST
  const decade = Math.max(0, Math.floor(Math.log10(size)) - SMALLEST_POWER)
  const first = decade * BINS_PER_DECADE
  let index = first + Math.floor((size / (EDGES[first] as number)) * 10) - 10
  // The logarithm and the division round; the edges decide.
  while (index < LAST && (EDGES[index + 1] as number) <= size) index++
  while (index > 0 && (EDGES[index] as number) > size) index--
  return index
}

export function emptyHistogram(): Histogram {
  return { bins: [], min: null, max: null, integers: true }
}

/** A histogram in the making. */
export class HistogramBuilder {
  /** Rows by bin, and those kept: negative bins, then 0, then positive ones. */
  private readonly all = new Uint32Array(2 * EDGES.length + 1)
  private readonly kept = new Uint32Array(2 * EDGES.length + 1)
  private min = Number.POSITIVE_INFINITY
  private max = Number.NEGATIVE_INFINITY
  private integers = true

  /** NaN, a value that was not measured, is counted nowhere. */
  add(value: number, kept: boolean): void {
    if (Number.isNaN(value)) return
    const size = Math.abs(value)
    const distance = size < SMALLEST ? 0 : edgeIndex(size) + 1
    const bin = EDGES.length + (value < 0 ? -distance : distance)
    ;(this.all[bin] as number)++
    if (kept) (this.kept[bin] as number)++
    if (!Number.isFinite(value)) return
    if (!Number.isInteger(value)) this.integers = false
    if (value < this.min) this.min = value
    if (value > this.max) this.max = value
  }

  finish(): Histogram {
    const some = this.min <= this.max
    const bins: HistogramBin[] = []
    this.all.forEach((all, i) => {
      const distance = Math.abs(i - EDGES.length)
      const edge = distance === 0 ? 0 : (EDGES[distance - 1] as number)
      if (all > 0) bins.push([i < EDGES.length ? -edge : edge, all, this.kept[i] as number])
    })
    return {
      bins,
      min: some ? this.min : null,
      max: some ? this.max : null,
      integers: this.integers,
    }
  }
}

/** Adds `other` to `into`; the result does not depend on order or grouping. */
export function addHistogram(into: Histogram, other: Histogram): void {
  const bins = new Map(into.bins.map(([bin, all, kept]) => [bin, [bin, all, kept] as HistogramBin]))
  for (const [bin, all, kept] of other.bins) {
    const own = bins.get(bin)
    bins.set(bin, [bin, all + (own?.[1] ?? 0), kept + (own?.[2] ?? 0)])
  }
  into.bins = [...bins.values()].sort((a, b) => a[0] - b[0])
  into.integers &&= other.integers
  if (other.min !== null) into.min = into.min === null ? other.min : Math.min(into.min, other.min)
  if (other.max !== null) into.max = into.max === null ? other.max : Math.max(into.max, other.max)
}

/** Where a quantile lies. */
export interface Quantile {
  /** Exact, or else rounded to the two significant digits that the bins know. */
  readonly value: number
  readonly exact: boolean
}

/** The value that a share `q` of all (or all kept) rows does not exceed; null when there are none. */
export function quantile(
  histogram: Histogram,
  q: number,
  which: 'all' | 'kept' = 'all',
): Quantile | null {
  const { bins, min, max, integers } = histogram
  const column = which === 'all' ? 1 : 2
  const total = bins.reduce((sum, entry) => sum + entry[column], 0)
  if (total === 0 || min === null || max === null) return null
  let left = Math.max(1, Math.ceil(q * total))
  for (const entry of bins) {
    const here = entry[column]
    if (left > here) {
      left -= here
      continue
    }
    const [lowEnd, highEnd] = binRange(entry[0])
    const [low, high] = [Math.max(min, lowEnd), Math.min(max, highEnd)]
    if (low === high) return { value: low, exact: true }
    if (integers && entry[0] > -100 && entry[0] < 100) return { value: entry[0], exact: true }
    const value = low + ((left - 0.5) / here) * (high - low)
    return { value: Number(value.toPrecision(2)), exact: false }
  }
  return null
}

import { type RuleDescription, UsageError } from '@winnow/core'
import type { Bins, Histogram } from './summary-schema.js'

/** Document length in bytes: four bins an octave, from 16 bytes to 16 MiB. */
export const LENGTH_BINS: Bins = { scale: 'log', from: 16, to: 2 ** 24, count: 80 }

/**
 * The bins of a metric. They depend on the rules alone, never on the data, so that shards can be added up:
 * shares (every threshold from 0 to 1) get 1 % steps, or a finer axis when all thresholds lie under 5 %;
 * small numbers a linear axis of twice the largest threshold; large ones and metrics without a rule a logarithmic one.
 */
export function binsFor(rules: readonly RuleDescription[]): Bins {
  const thresholds = rules.flatMap((rule) => (rule.threshold === undefined ? [] : [rule.threshold]))
  if (thresholds.length === 0) return { scale: 'log', from: 1e-4, to: 1e8, count: 72 }
  const largest = Math.max(...thresholds)
  if (largest <= 0.05)
    return { scale: 'linear', from: 0, to: Math.max(largest * 10, 0.01), count: 100 }
  if (largest <= 1) return { scale: 'linear', from: 0, to: 1, count: 100 }
  if (largest <= 30) return { scale: 'linear', from: 0, to: Math.max(10, 2 * largest), count: 80 }
  return { scale: 'log', from: 1, to: 1e7, count: 70 }
}

export function emptyHistogram(bins: Bins): Histogram {
  const zeros = () => new Array<number>(bins.count + 2).fill(0)
  return { bins, all: zeros(), kept: zeros(), min: null, max: null }
}

/** Index into `all` and `kept`: 0 below the axis, `count + 1` at or above its end (1 itself belongs to a share's last bin). */
export function binOf(bins: Bins, value: number): number {
  const { scale, from, to, count } = bins
  if (value < from) return 0
  if (value >= to) return value === to && scale === 'linear' ? count : count + 1
  const share =
    scale === 'linear' ? (value - from) / (to - from) : Math.log(value / from) / Math.log(to / from)
  // A value on an edge belongs to the bin that starts there, whatever the division rounds to.
  return Math.min(count, Math.floor(share * count + 1e-9) + 1)
}

/** The lower edge of axis bin `index` (0-based); `index = count` gives the upper end. */
export function binEdge(bins: Bins, index: number): number {
  const share = index / bins.count
  return bins.scale === 'linear'
    ? bins.from + share * (bins.to - bins.from)
    : bins.from * (bins.to / bins.from) ** share
}

export function addValue(histogram: Histogram, value: number, kept: boolean): void {
  if (Number.isNaN(value)) return
  const bin = binOf(histogram.bins, value)
  histogram.all[bin] = (histogram.all[bin] ?? 0) + 1
  if (kept) histogram.kept[bin] = (histogram.kept[bin] ?? 0) + 1
  if (!Number.isFinite(value)) return
  if (histogram.min === null || value < histogram.min) histogram.min = value
  if (histogram.max === null || value > histogram.max) histogram.max = value
}

/** Adds `other` to `into`. Throws UsageError when their bins differ: the two were made under other rules. */
export function addHistogram(into: Histogram, other: Histogram, name: string): void {
  const [a, b] = [into.bins, other.bins]
  if (a.scale !== b.scale || a.from !== b.from || a.to !== b.to || a.count !== b.count)
    throw new UsageError(
      `the shards of this run were summed up under different rules: ${name} has other thresholds in some than in others`,
      'Run again with one configuration into a new folder.',
    )
  for (let i = 0; i < into.all.length; i++) {
    into.all[i] = (into.all[i] ?? 0) + (other.all[i] ?? 0)
    into.kept[i] = (into.kept[i] ?? 0) + (other.kept[i] ?? 0)
  }
  if (other.min !== null) into.min = into.min === null ? other.min : Math.min(into.min, other.min)
  if (other.max !== null) into.max = into.max === null ? other.max : Math.max(into.max, other.max)
}

/** A quantile of all rows, read off the bins (linear within a bin); null when empty. */
export function quantile(
  histogram: Histogram,
  q: number,
  which: 'all' | 'kept' = 'all',
): number | null {
  const counts = histogram[which]
  const total = counts.reduce((sum, value) => sum + value, 0)
  if (total === 0) return null
  let left = q * total
  for (let i = 0; i < counts.length; i++) {
    const here = counts[i] ?? 0
    if (here > 0 && left <= here) {
      if (i === 0) return histogram.min ?? histogram.bins.from
      if (i === counts.length - 1) return histogram.max ?? histogram.bins.to
      const [low, high] = [binEdge(histogram.bins, i - 1), binEdge(histogram.bins, i)]
      const value = low + (left / here) * (high - low)
      return Math.min(histogram.max ?? value, Math.max(histogram.min ?? value, value))
    }
    left -= here
  }
  return histogram.max
}

import { formatQuantile, formatValue } from '../format.js'
import { STAGE_LABELS } from '../funnel.js'
import type { RunReport } from '../report-schema.js'
import { histogramChart, histogramTable } from './histogram.js'
import { html, type Markup } from './markup.js'
import { section } from './parts.js'

type Metric = RunReport['metrics'][number]

const SYMBOL: Readonly<Record<string, string>> = { '<=': '≤', '>=': '≥', '==': '=' }

/** A histogram per metric with the lines at which its rules fire. */
export function metricsSection({ metrics }: RunReport): Markup | null {
  const measured = metrics.filter(({ histogram }) => histogram.min !== null)
  if (measured.length === 0) return null
  const ruled = measured.filter(({ thresholds }) => thresholds.length > 0)
  const others = measured.filter(({ thresholds }) => thresholds.length === 0)
  return section(
    'metrics',
    'Where the thresholds fall',
    html`Every metric that was measured, on all documents the stage saw. <span class="pair"><span class="key kept"></span>kept</span> <span class="pair"><span class="key removed"></span>removed by any rule</span> <span class="pair"><span class="key threshold"></span>threshold, dropped beyond.</span> Heights are square roots, so that small tails show.`,
    html`<div class="figures">${ruled.map(figure)}</div>${
      others.length === 0
        ? null
        : html`<details class="more"><summary>${others.length} more metrics, without a threshold</summary><div class="figures">${others.map(figure)}</div></details>`
    }`,
  )
}

function figure({ stage, metric, median, histogram, thresholds }: Metric): Markup {
  const range =
    histogram.min === null || histogram.max === null
      ? ''
      : `, ${formatValue(histogram.min)} to ${formatValue(histogram.max)}`
  const lines = distinct(thresholds)
  const rules = thresholds.map(({ reason }) => reason).join(', ')
  const label = `Histogram of ${metric}${rules === '' ? '' : `; rules: ${rules}`}`
  return html`<figure><figcaption><b>${metric.replaceAll('_', ' ')}</b><span class="soft">${STAGE_LABELS[stage] ?? stage} · median ${formatQuantile(median)}${range}</span></figcaption>
${histogramChart(histogram, label, lines)}${histogramTable(histogram, metric.replaceAll('_', ' '))}</figure>
`
}

function distinct(thresholds: Metric['thresholds']): { value: number; label: string }[] {
  const labels = new Map<string, { value: number; label: string }>()
  for (const { comparison, value } of thresholds) {
    const label = `${SYMBOL[comparison] ?? comparison} ${formatValue(value)}`
    labels.set(label, { value, label })
  }
  return [...labels.values()]
}

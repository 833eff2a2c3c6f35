import { formatBytes, formatCount, formatSeconds, formatShare } from '../format.js'
import { STAGE_LABELS } from '../funnel.js'
import type { RunReport } from '../report-schema.js'
import { html, type Markup } from './markup.js'
import { bar, section } from './parts.js'

/** What the work cost. */
export function speedSection({ timing }: RunReport): Markup {
  const total = Math.max(
    1e-9,
    timing.stages.reduce((sum, { seconds }) => sum + seconds, 0),
  )
  return section(
    'speed',
    'Throughput',
    // Nobody has timed a run that is not finished, or that was made by the services of a cluster.
    timing.wallSeconds === 0
      ? html`Rates are those of one worker.`
      : html`Finished in ${formatSeconds(timing.wallSeconds)} with at most ${formatBytes(timing.peakMemoryBytes)} of memory. Rates are those of one worker.`,
    html`<table class="named"><thead><tr><th scope="col">Stage</th><th scope="col" class="n">Documents/s</th><th scope="col" class="n">Input/s</th><th scope="col" class="n">Work</th><th scope="col" class="n wide">Share</th></tr></thead>${timing.stages.map(
      ({ stage, seconds, documentsPerSecond, bytesPerSecond }) =>
        html`<tbody><tr><th scope="row">${STAGE_LABELS[stage] ?? stage}</th><td class="n">${documentsPerSecond === null ? '–' : formatCount(documentsPerSecond)}</td><td class="n">${bytesPerSecond === null ? '–' : formatBytes(bytesPerSecond)}</td><td class="n">${formatSeconds(seconds)}</td><td class="n wide soft">${formatShare(seconds / total)}</td></tr><tr class="drawn" aria-hidden="true"><td colspan="5">${bar(seconds / total)}</td></tr></tbody>`,
    )}</table>`,
  )
}

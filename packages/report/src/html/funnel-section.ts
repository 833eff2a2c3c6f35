import { formatBytes, formatCount, formatLarge, formatShare } from '../format.js'
import { STEP_LABELS, skippedRecords } from '../funnel.js'
import type { FunnelStep, RunReport } from '../report-schema.js'
import { type Content, html, type Markup } from './markup.js'
import { bar, section } from './parts.js'

/** From records to clean documents. */
export function funnelSection(report: RunReport): Markup {
  const { funnel } = report
  const body = html`<table class="funnel named"><thead><tr><th scope="col">Step</th><th scope="col" class="n">Documents</th><th scope="col" class="n">Of pages</th><th scope="col" class="n wide">Removed here</th><th scope="col" class="n wide">Text</th><th scope="col" class="n">Tokens</th></tr></thead>
${funnel.map((step, i) => stepRows(step, funnel[i - 1]))}</table>${skippedLine(report)}`
  return section('funnel', 'From crawl to clean text', null, body)
}

function stepRows(step: FunnelStep, before: FunnelStep | undefined): Markup {
  // What was no page is named below the table: it was not removed, it was never text.
  const removed =
    before === undefined || before.step === 'records' ? 0 : before.documents - step.documents
  const cells = html`<tr><th scope="row">${STEP_LABELS[step.step]}</th><td class="n">${formatCount(step.documents)}</td><td class="n">${step.share === null ? '' : formatShare(step.share)}</td><td class="n wide soft">${removed > 0 ? `− ${formatCount(removed)}` : ''}</td><td class="n wide">${step.bytes === null ? '' : formatBytes(step.bytes)}</td><td class="n">${step.tokens === null ? '' : formatLarge(step.tokens)}</td></tr>`
  const drawn =
    step.share === null
      ? null
      : html`<tr class="drawn" aria-hidden="true"><td colspan="6">${bar(step.share)}</td></tr>`
  return html`<tbody class="step-${step.step}">${cells}${drawn}</tbody>
`
}

function skippedLine(report: RunReport): Content {
  const skipped = skippedRecords(report)
  if (skipped.length === 0) return null
  const named = skipped.map(
    ({ reason, records }, i) =>
      html`${i > 0 ? ' · ' : ''}<span class="pair"><b>${formatCount(records)}</b> ${reason.replaceAll('_', ' ')}</span>`,
  )
  return html`<p class="note">Records that are no pages: ${named}</p>`
}

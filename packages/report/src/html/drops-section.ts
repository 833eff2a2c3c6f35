import { formatBytes, formatCount, formatLarge, formatNumberOf, formatShare } from '../format.js'
import { STAGE_LABELS } from '../funnel.js'
import type { ReasonReport, RunReport, StageReport } from '../report-schema.js'
import { html, type Markup } from './markup.js'
import { bar, breakable, samples, section } from './parts.js'

/** What each stage removed, by reason, with examples to open. */
export function dropsSection({ stages, run }: RunReport): Markup {
  return section(
    'drops',
    'What was removed, and why',
    'The first rule that fires gives the reason. Open one for examples; the command under each shows the whole story of that document.',
    stages.map((stage) => stageBlock(stage, run.out)),
  )
}

function stageBlock(
  { stage, seen, dropped, reasons }: StageReport,
  out: string | undefined,
): Markup {
  const share = dropped.documents / Math.max(1, seen.documents)
  const largest = Math.max(1, ...reasons.map(({ documents }) => documents))
  return html`<div class="stage"><h3>${STAGE_LABELS[stage] ?? stage}</h3>
<p class="note"><b>${formatCount(dropped.documents)}</b> of ${formatCount(seen.documents)} documents dropped (${formatShare(share)}), ${formatBytes(dropped.bytes)} of text</p>
${reasons.map((reason) => reasonRow(reason, largest, out))}</div>
`
}

function reasonRow(reason: ReasonReport, largest: number, out: string | undefined): Markup {
  const { documents, bytes, tokens, share, action } = reason
  const size =
    action === 'cut'
      ? `${formatBytes(bytes)} cut`
      : `${formatBytes(bytes)}, ${formatLarge(tokens)} tokens`
  return html`<details class="reason"><summary><span class="name"><code>${reason.reason === '' ? 'no reason given' : breakable(reason.reason)}</code>${action === 'cut' ? html` <span class="tag">cut out, rest kept</span>` : null}</span><span class="figure"><b>${formatCount(documents)}</b> <span class="soft">${formatShare(share)}</span></span>${bar(documents / largest, action === 'cut' ? undefined : 0)}</summary>
<p class="note">${formatNumberOf(documents, 'document')}, ${size}. ${reason.samples.length === 1 ? 'An example' : 'Examples'}${action === 'cut' ? ', with the text that was cut' : ''}:</p>${samples(reason.samples, out)}</details>
`
}

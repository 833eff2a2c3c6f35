import { formatBytes, formatCount, formatLarge, formatPower } from '../format.js'
import type { ClusterReport, RunReport } from '../report-schema.js'
import { believableLoss } from './budget-section.js'
import { type Content, html, type Markup } from './markup.js'
import { bar, command, sampleBody, samples, section, shellWord } from './parts.js'

const SHOWN_CLUSTERS = 12

/** What was there more than once, the largest clusters first. */
export function duplicatesSection({ duplicates }: RunReport): Markup | null {
  if (duplicates.documents === 0) return null
  const shown = duplicates.clusters.slice(0, SHOWN_CLUSTERS)
  const largest = Math.max(1, ...shown.map(({ copies }) => copies))
  return section(
    'duplicates',
    'Duplicates',
    html`${formatCount(duplicates.documents)} ${duplicates.documents === 1 ? 'copy' : 'copies'} removed: ${formatBytes(duplicates.bytes)} of text, about ${formatLarge(duplicates.tokens)} tokens. ${change(duplicates)}`,
    shown.length === 0
      ? null
      : html`<h3>Documents with the most copies</h3>${shown.map((cluster) => clusterRow(cluster, largest))}`,
  )
}

function change({ kept, tokens }: RunReport['duplicates']): Content {
  if (kept === null || tokens === 0) return null
  const promised = believableLoss(kept.lossPromised)
  const expected = believableLoss(kept.lossExpected)
  const plan = `Left in, the corpus would have passed for ${formatLarge(kept.tokens)} tokens and a model of ${formatLarge(kept.parameters)} parameters (${formatPower(kept.flops)} FLOPs)`
  return promised === null || expected === null
    ? `${plan}.`
    : `${plan}, with a promised loss of ${promised} where ${expected} would have come out.`
}

function clusterRow(cluster: ClusterReport, largest: number): Markup {
  const { id, copies, reasons, original, examples } = cluster
  const title = original?.title || original?.url || id
  const kinds = Object.entries(reasons)
    .map(([reason, count]) => `${formatCount(count)} ${reason.replaceAll('_', ' ')}`)
    .join(', ')
  return html`<details class="reason"><summary><span class="name"><bdi>${title}</bdi></span><span class="figure"><b>${formatCount(copies)}</b> <span class="soft">${copies === 1 ? 'copy' : 'copies'}</span></span>${bar(copies / largest, 0)}</summary>
<p class="note">${kinds}.</p><h4>The first one</h4>${
    original === null
      ? html`<p class="note">Read in another shard: ${command(`winnow explain ${shellWord(id)}`)}</p>`
      : html`<ul class="samples"><li>${sampleBody(original)}</li></ul>`
  }<h4>${copies > examples.length ? 'Some of its copies' : 'Its copies'}</h4>${samples(examples)}</details>
`
}

import { canSizeModel } from '../budget.js'
import { formatBytes, formatCount, formatLarge, formatPower } from '../format.js'
import type { ClusterReport, RunReport } from '../report-schema.js'
import { clustersPart } from './clusters-part.js'
import { type Content, html, type Markup } from './markup.js'
import { bar, command, explainCommand, sampleBody, samples, section } from './parts.js'

const SHOWN_CLUSTERS = 12

/** What was there more than once, the largest clusters first. */
export function duplicatesSection({ duplicates, clusters, run }: RunReport): Markup | null {
  if (!hasDuplicates({ duplicates, clusters })) return null
  const shown = duplicates.clusters.slice(0, SHOWN_CLUSTERS)
  const largest = Math.max(1, ...shown.map(({ copies }) => copies))
  return section(
    'duplicates',
    'Duplicates',
    html`${formatCount(duplicates.documents)} ${duplicates.documents === 1 ? 'copy' : 'copies'} removed: ${formatBytes(duplicates.bytes)} of text, about ${formatLarge(duplicates.tokens)} tokens. ${change(duplicates)}`,
    clusters !== null && clusters.clusters > 0
      ? clustersPart(clusters, run.out)
      : shown.length === 0
        ? null
        : html`<h3>Documents with the most copies</h3>${shown.map((cluster) => clusterRow(cluster, largest, run.out))}`,
  )
}

/** Whether there is anything to say of duplicates. */
export function hasDuplicates({
  duplicates,
  clusters,
}: Pick<RunReport, 'duplicates' | 'clusters'>): boolean {
  return duplicates.documents > 0 || (clusters?.clusters ?? 0) > 0
}

function change({ kept, tokens }: RunReport['duplicates']): Content {
  if (kept === null || !canSizeModel(kept.tokens - tokens)) return null
  const promised = kept.lossPromised.toFixed(3)
  const expected = kept.lossExpected.toFixed(3)
  return `Left in, the corpus would have passed for ${formatLarge(kept.tokens)} tokens and a model of ${formatLarge(kept.parameters)} parameters (${formatPower(kept.flops)} FLOPs), with a promised loss of ${promised} where ${expected} would have come out.`
}

function clusterRow(cluster: ClusterReport, largest: number, out: string | undefined): Markup {
  const { id, copies, reasons, original, examples } = cluster
  const title = original?.title || original?.url || id
  const kinds = Object.entries(reasons)
    .map(([reason, count]) => `${formatCount(count)} ${reason.replaceAll('_', ' ')}`)
    .join(', ')
  return html`<details class="reason"><summary><span class="name"><bdi>${title}</bdi></span><span class="figure"><b>${formatCount(copies)}</b> <span class="soft">${copies === 1 ? 'copy' : 'copies'}</span></span>${bar(copies / largest, 0)}</summary>
<p class="note">${kinds}.</p><h4>The one kept</h4>${
    original === null
      ? html`<p class="note">Read in another shard: ${command(explainCommand(id, out))}</p>`
      : html`<ul class="samples"><li>${sampleBody(original, out)}</li></ul>`
  }<h4>${copies > examples.length ? 'Some of its copies' : 'Its copies'}</h4>${samples(examples, out)}</details>
`
}

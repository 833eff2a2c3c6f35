import type { ClusterMember, ClustersReport, LargeCluster } from '../clusters-schema.js'
import { formatBytes, formatCount, formatNumberOf, formatValue } from '../format.js'
import { type Content, html, type Markup } from './markup.js'
import { address, bar, command, explainCommand } from './parts.js'

/** The largest groups of copies, and which document of each stays. */
export function clustersPart(clusters: ClustersReport, out: string | undefined): Markup {
  const largest = clusters.largest[0]?.size ?? 1
  return html`<h3>Largest clusters</h3>
<p class="note">${totals(clusters)} ${rule(clusters)}</p>
${sizes(clusters)}${clusters.largest.map((cluster) => clusterRow(cluster, clusters, largest, out))}
`
}

function totals({ kind, documents, runs, clusters, clustered }: ClustersReport): Content {
  const where = runs > 1 ? `the ${formatCount(runs)} runs of the index` : 'this run'
  const linked =
    kind === 'stars' ? 'all copies of one centre' : 'linked by pairs of copies, if only in a chain'
  return html`Of the ${formatCount(documents)} documents in ${where}, <b>${formatCount(clustered)}</b> are in <b>${formatCount(clusters)}</b> ${clusters === 1 ? 'cluster' : 'clusters'}: ${linked}.`
}

/** Which document of a cluster stays. */
function rule({ kind, policy, runs }: ClustersReport): string {
  const earlier = runs > 1 ? ' What earlier runs kept stays in any case.' : ''
  if (policy === null)
    return kind === 'stars'
      ? 'The first document of each stays.'
      : 'Each document stays that is no copy of an earlier one that stays, so the first one does, and at times the end of a chain that is unlike it.'
  const by: Record<typeof policy.name, string> = {
    first: 'the first in the order of reading',
    longest: 'the one with most text',
    newest: 'the one with the latest date',
    best: `the one with the ${policy.smallerIsBetter ? 'smallest' : 'largest'} ${policy.metric ?? 'metric'}`,
  }
  return `Chosen to stay: ${by[policy.name]}, of equals the first.${earlier}`
}

function sizes({ sizes }: ClustersReport): Markup | null {
  if (sizes.length < 2) return null
  const named = sizes.map(
    ({ from, to, clusters }, i) =>
      html`${i > 0 ? ' · ' : ''}<span class="pair"><b>${formatCount(clusters)}</b> of ${formatCount(from)} to ${formatCount(to)}</span>`,
  )
  return html`<p class="note">Clusters by number of documents: ${named}</p>`
}

function clusterRow(
  cluster: LargeCluster,
  { policy }: ClustersReport,
  largest: number,
  out: string | undefined,
): Markup {
  const { size, kept, members } = cluster
  const staying = members.filter(({ stays }) => stays)
  const others = members.filter(({ stays }) => !stays)
  const first = staying[0] ?? members[0]
  const name = first === undefined ? '' : first.title || first.url || first.excerpt || first.id
  const left = size - kept
  return html`<details class="reason"><summary><span class="name one-line"><bdi>${name}</bdi></span><span class="figure"><b>${formatCount(size)}</b> <span class="soft">documents</span></span>${bar(size / largest, kept / largest)}</summary>
${kept === 0 ? html`<p class="note">None of them stays: the one chosen was dropped for another reason, or by an earlier run.</p>` : html`<h4>${staysHeading(kept, staying.length)}</h4>${cards(staying, policy, out)}`}${
  left === 0
    ? null
    : html`<h4>${left > others.length ? `Some of the ${formatCount(left)} that go` : left === 1 ? 'The one that goes' : `The ${formatCount(left)} that go`}</h4>${cards(others, policy, out)}`
}</details>
`
}

function staysHeading(kept: number, shown: number): string {
  if (kept === 1) return 'The one that stays'
  return shown < kept
    ? `Some of the ${formatCount(kept)} that stay`
    : `The ${formatCount(kept)} that stay`
}

function cards(
  members: readonly ClusterMember[],
  policy: ClustersReport['policy'],
  out: string | undefined,
): Markup {
  return html`<ul class="samples">${members.map((member) => html`<li>${card(member, policy, out)}</li>`)}</ul>`
}

function card(
  member: ClusterMember,
  policy: ClustersReport['policy'],
  out: string | undefined,
): Markup {
  const { id, url, title, run, date, bytes, excerpt } = member
  const why = reasonFor(member, policy)
  const facts = [formatBytes(bytes), ...(date === '' ? [] : [date])].join(' · ')
  return html`${title === '' ? null : html`<p class="title"><bdi>${title}</bdi></p>`}
<p class="meta">${address(url)}<span>${facts}</span></p>
${why === '' ? null : html`<p class="why">${why}</p>`}
${excerpt === null ? html`<p class="note">Its text is in the folder of the run <bdi>${run}</bdi>; its id is <code>${id}</code>.</p>` : html`<blockquote dir="auto">${excerpt === '' ? html`<em>no text</em>` : excerpt}</blockquote>${command(explainCommand(id, out))}`}`
}

/** Why a document stays; '' for one that goes, except what the policy compared. */
function reasonFor(member: ClusterMember, policy: ClustersReport['policy']): string {
  const { stays, run, bytes, date, value } = member
  if (run !== '') return stays ? `Kept by the earlier run ${run}` : `Of the earlier run ${run}`
  const compared = (): string => {
    if (policy?.name === 'best')
      return `${policy.metric ?? 'metric'} ${value === null ? 'unknown' : formatValue(value)}`
    if (policy?.name === 'newest') return date === '' ? 'no date' : date
    return formatNumberOf(bytes, 'byte')
  }
  if (!stays) return policy?.name === 'best' ? compared() : ''
  switch (policy?.name) {
    case 'longest':
      return `Stays: the longest, ${compared()}`
    case 'newest':
      return `Stays: the newest, ${compared()}`
    case 'best':
      return `Stays: ${compared()} is the best`
    default:
      return 'Stays: no copy of an earlier document that stays'
  }
}

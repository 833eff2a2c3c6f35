import { type Utf8Column, valueBytes, valueString } from '@winnow/core'
import { type Clusters, decodeKeyFile, type LoggedShard } from '@winnow/dedup'
import { type Keep, type KeptDocuments, metricOf, type OpenedIndex } from '@winnow/dedup-service'
import type { ClusterMember, ClustersReport, LargeCluster } from '@winnow/report'
import {
  indexLayout,
  type LocalStore,
  layout,
  openParquetObject,
  readColumn,
  readUtf8Column,
} from '@winnow/storage'

/** Documents described of a cluster, and how many of those that stay at most. */
const MEMBERS = 5
const STAYING = 3

/** What the largest clusters are described from. */
export interface ClusterSource {
  /** Of the run's documents. */
  readonly store: LocalStore
  readonly run: string
  readonly opened: OpenedIndex
  readonly groups: Clusters
  readonly kept: KeptDocuments
  readonly policy: ChosenBy | undefined
}

/** `Keep`, as it may have been stored. */
export interface ChosenBy {
  readonly policy: Keep['policy']
  readonly metric?: Keep['metric'] | undefined
  readonly smallerIsBetter?: boolean | undefined
}

/** The largest clusters with a few of their documents: those that stay first, then the oldest others. */
export async function largestClusters(source: ClusterSource, top: number): Promise<LargeCluster[]> {
  const { groups, kept } = source
  const largest = groups.largest(top, MEMBERS)
  const staying = groups.keptMembers(
    largest.map(({ root }) => root),
    (ordinal) => kept.has(ordinal),
    STAYING,
  )
  const chosen = largest.map(({ root, size, members }) => {
    const { count, members: first } = staying.get(root) ?? { count: 0, members: [] }
    const others = members.filter((ordinal) => !kept.has(ordinal))
    return { size, kept: count, ordinals: [...first, ...others].slice(0, MEMBERS) }
  })
  const described = await describe(
    source,
    chosen.flatMap(({ ordinals }) => ordinals),
  )
  return chosen.map(({ size, kept: count, ordinals }) => ({
    size,
    kept: count,
    members: ordinals.map((ordinal) => described.get(ordinal) as ClusterMember),
  }))
}

/** Describes documents, those of a shard together, so that each file is read once. */
async function describe(
  source: ClusterSource,
  ordinals: readonly number[],
): Promise<Map<number, ClusterMember>> {
  const out = new Map<number, ClusterMember>()
  const byShard = new Map<LoggedShard, number[]>()
  for (const ordinal of ordinals) {
    const logged = source.opened.log.locate(ordinal)
    byShard.set(logged, [...(byShard.get(logged) ?? []), ordinal])
  }
  for (const [logged, own] of byShard) {
    const row = await rowsOf(source, logged)
    for (const ordinal of own)
      out.set(ordinal, { ...row(ordinal - logged.base), stays: source.kept.has(ordinal) })
  }
  return out
}

type Described = Omit<ClusterMember, 'stays'>

/** What is known of the rows of a shard. */
async function rowsOf(
  source: ClusterSource,
  logged: LoggedShard,
): Promise<(row: number) => Described> {
  const { opened, run } = source
  const { LIMITS, shorten } = await import('@winnow/report')
  const file = await openParquetObject(opened.index, indexLayout.rows(logged.run, logged.shard))
  const [ids, urls, dates] = [
    await readUtf8Column(file, 'id'),
    await readUtf8Column(file, 'url'),
    await readUtf8Column(file, 'date'),
  ]
  const bytes = await readColumn(file, 'bytes')
  const text = logged.run === run ? await textsOf(source, logged) : undefined
  return (row) => ({
    id: valueString(ids, row),
    url: shorten(valueString(urls, row), LIMITS.fieldCharacters),
    date: shorten(valueString(dates, row), LIMITS.fieldCharacters),
    bytes: Number(bytes[row]),
    run: logged.run === run ? '' : logged.run,
    ...(text === undefined ? { title: '', excerpt: null, value: null } : text(row)),
  })
}

/** What only the folder of the documents has. */
async function textsOf(
  { store, opened, policy }: ClusterSource,
  logged: LoggedShard,
): Promise<(row: number) => Pick<Described, 'title' | 'excerpt' | 'value'>> {
  const { excerpt, LIMITS, shorten } = await import('@winnow/report')
  const { run, shard } = logged
  const { table } = decodeKeyFile(await opened.index.get(indexLayout.keyFile(run, shard)))
  const documents = await openParquetObject(store, layout.documents(shard))
  const columns: { title: Utf8Column; text: Utf8Column } = {
    title: await readUtf8Column(documents, 'title'),
    text: await readUtf8Column(documents, 'text'),
  }
  const values =
    policy?.policy === 'best' && policy.metric !== undefined
      ? await metricOf(store, opened.index, logged, policy.metric)
      : undefined
  return (row) => {
    const at = table.documentRow[row] as number
    const value = values?.[row]
    return {
      title: shorten(valueString(columns.title, at), LIMITS.fieldCharacters),
      excerpt: excerpt(valueBytes(columns.text, at)),
      value: value === undefined || Number.isNaN(value) ? null : value,
    }
  }
}

/** What the report says of all clusters, and of the largest. */
export function clustersReport(
  { opened, groups, policy }: Pick<ClusterSource, 'opened' | 'groups' | 'policy'>,
  largest: readonly LargeCluster[],
): ClustersReport {
  return {
    kind: groups.kind,
    policy:
      policy === undefined
        ? null
        : {
            name: policy.policy,
            metric:
              policy.metric === undefined ? null : `${policy.metric.stage}/${policy.metric.name}`,
            smallerIsBetter: policy.smallerIsBetter ?? false,
          },
    documents: groups.documents,
    runs: new Set(opened.log.all().map(({ run }) => run)).size,
    clusters: groups.count,
    clustered: clusteredIn(groups),
    sizes: sizesOf(groups),
    largest: [...largest],
  }
}

/** Documents in clusters of two or more. */
export function clusteredIn(groups: Clusters): number {
  return groups
    .histogram()
    .reduce((sum, { size, clusters }) => sum + (size > 1 ? size * clusters : 0), 0)
}

/** Clusters of two or more by size, in ranges that double. */
export function sizesOf(groups: Clusters): ClustersReport['sizes'] {
  const bins = new Map<number, number>()
  for (const { size, clusters } of groups.histogram()) {
    if (size < 2) continue
    const bin = Math.floor(Math.log2(size))
    bins.set(bin, (bins.get(bin) ?? 0) + clusters)
  }
  return [...bins].map(([bin, clusters]) => ({ from: 2 ** bin, to: 2 ** (bin + 1) - 1, clusters }))
}

import { CorruptError } from '@winnow/core'
import type { ClustersReport, RunReport, ShardSummary } from '@winnow/report'
import { layout, type ObjectStore, placeOf, readMany } from '@winnow/storage'
import { VERSION } from '../version.js'

/** What only the run itself knows. */
export interface RunFacts {
  readonly config: unknown
  readonly inputs: readonly string[]
  readonly wallSeconds: number
  readonly peakMemoryBytes: number
}

/** Adds up the summaries of every shard in the folder and writes report.json and report.html, with the clusters if they were looked for. */
export async function writeReport(store: ObjectStore, facts: RunFacts): Promise<RunReport> {
  // The charts take long to load, and nothing before this needs them.
  const { buildReport, mergeSummaries, renderReport } = await import('@winnow/report')
  const summaries = await readSummaries(store)
  const context = {
    config: facts.config,
    versions: { winnow: VERSION, node: process.versions.node },
    inputs: [...facts.inputs],
    wallSeconds: facts.wallSeconds,
    peakMemoryBytes: facts.peakMemoryBytes,
    out: placeOf(store),
  }
  const report = buildReport(mergeSummaries(summaries), context, await readClusters(store))
  await store.put(layout.reportJson, Buffer.from(`${JSON.stringify(report, null, 2)}\n`))
  await store.put(layout.reportHtml, Buffer.from(renderReport(report)))
  return report
}

async function readSummaries(store: ObjectStore): Promise<ShardSummary[]> {
  const { shardSummarySchema } = await import('@winnow/report')
  const summaries: ShardSummary[] = []
  const keys: string[] = []
  for await (const { key } of store.list('summaries/')) keys.push(key)
  for await (const { key, bytes } of readMany(store, keys)) {
    const text = Buffer.from(bytes).toString('utf8')
    const parsed = shardSummarySchema.safeParse(safeJson(text))
    if (!parsed.success)
      throw new CorruptError(
        `${key} is no shard summary`,
        'delete it and the clean shard of the same name, then run the same command again',
      )
    summaries.push(parsed.data)
  }
  return summaries
}

/** What `winnow clusters` left for the report; null when it has not looked since the last run here. */
async function readClusters(store: ObjectStore): Promise<ClustersReport | null> {
  if ((await store.head(layout.largestClusters)) === undefined) return null
  const { clustersReportSchema } = await import('@winnow/report')
  const text = Buffer.from(await store.get(layout.largestClusters)).toString('utf8')
  const parsed = clustersReportSchema.safeParse(safeJson(text))
  if (!parsed.success)
    throw new CorruptError(
      `${store.uri}/${layout.largestClusters} is not what winnow clusters writes`,
      'delete it, or make it again with winnow clusters',
    )
  return parsed.data
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

import { type ShardMessage, STAGES, type Stage, UsageError } from '@winnow/core'
import type { Choice, ClusterKind, Clusters, Policy } from '@winnow/dedup'
import {
  chooseStored,
  clustersOf,
  encodeClusterRows,
  type Keep,
  keptDocuments,
  type OpenedIndex,
  openIndex,
  storeChoice,
} from '@winnow/dedup-service'
import type { LargeCluster } from '@winnow/report'
import { LiveCounters, type RunConfig, runConfig } from '@winnow/runtime'
import { LocalStore, layout } from '@winnow/storage'
import { clusteredIn, clustersReport, largestClusters, sizesOf } from '../clusters/largest.js'
import { lockFolders } from '../embedded/folder-lock.js'
import { indexOf, openFolder } from '../embedded/output-folder.js'
import { writeReport } from '../embedded/report-files.js'
import { type RunFile, readRunFile, writeRunFile } from '../embedded/run-file.js'
import { type RunState, writeState } from '../embedded/run-state.js'
import type { WorkerContext } from '../embedded/worker.js'
import { startWorkers, workerCount } from '../embedded/workers.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { Console, type OutputMode } from '../terminal/console.js'
import { formatCount } from '../terminal/numbers.js'
import { printable } from '../terminal/printable.js'

const MEMBERS_SHOWN = 3
const EXCERPT = 120
/** Clusters in the report. */
const REPORTED = 12

export interface ClustersArguments {
  readonly out: string
  readonly kind: ClusterKind
  /** Clusters listed. */
  readonly top: number
  /** Which copy stays; absent: nothing is changed. */
  readonly keep?: Policy
  /** `stage/name`, for `best`. */
  readonly metric?: string
  readonly smallerIsBetter?: boolean
  readonly output: OutputMode
}

/** `winnow clusters`: groups the copies by the stored pairs, and on request keeps another copy of each group. */
export async function clusters(args: ClustersArguments): Promise<ExitCode> {
  const { store, state: found } = await openFolder(args.out)
  const keep = keepOf(args)
  const index = new LocalStore(indexOf(store, found))
  const unlock = await lockFolders([store.root, index.root])
  try {
    const { state } = await openFolder(args.out)
    const finished = await readRunFile(store)
    if (finished === undefined && state.keep === undefined)
      throw new UsageError(
        `no run has come to its end in ${store.root}`,
        'run the same command again until it is done',
      )
    const opened = await openIndex(index)
    const console = new Console(args.output)
    const groups = await clustersOf(opened, args.kind)
    const choice =
      keep === undefined
        ? undefined
        : await chooseStored(opened, groups, keep, { store, run: state.run })
    const begun =
      keep === undefined || choice === undefined
        ? undefined
        : await applyChoice({ store, state, opened, finished }, keep, choice)
    const listed = await writeClusters({ store, state, opened, groups }, keep, args.top)
    if (begun === undefined) await reportAgain(store, state)
    else await materialise(store, state, begun)
    show(console, store, groups, listed, args)
    return EXIT.done
  } finally {
    await unlock()
  }
}

function keepOf({ kind, keep, metric, smallerIsBetter }: ClustersArguments): Keep | undefined {
  if (keep === undefined) return undefined
  const [stage, name] = metric?.split('/') ?? []
  // Of later stages there are metrics only for what was kept so far.
  if (metric !== undefined && (!['extract', 'quality'].includes(stage ?? '') || name === undefined))
    throw new UsageError(
      `${JSON.stringify(metric)} names no metric of a stage before deduplication`,
      'give extract/NAME or quality/NAME; the columns of attributes/quality are the names',
    )
  return {
    kind,
    policy: keep,
    ...(metric === undefined ? {} : { metric: { stage: stage as Stage, name: name as string } }),
    ...(smallerIsBetter === undefined ? {} : { smallerIsBetter }),
  }
}

interface Found {
  readonly store: LocalStore
  readonly state: RunState
  readonly opened: OpenedIndex
  readonly groups: Clusters
}

/** Writes who is in which cluster, and what the report says of them. Returns the largest. */
async function writeClusters(
  { store, state, opened, groups }: Found,
  keep: Keep | undefined,
  top: number,
): Promise<LargeCluster[]> {
  await store.delete(layout.largestClusters)
  for await (const { key } of store.list(layout.clusters)) await store.delete(key)
  const kept = await keptDocuments(opened, { own: { store, run: state.run } })
  for (const logged of opened.log.all()) {
    const bytes = await encodeClusterRows(opened, groups, kept, logged)
    const name = `${logged.run}-${logged.shard}.parquet`
    if (bytes !== undefined) await store.put(`${layout.clusters}${name}`, bytes)
  }
  const policy = keep ?? state.keep
  const largest = await largestClusters(
    { store, run: state.run, opened, groups, kept, policy },
    Math.max(top, REPORTED),
  )
  const report = clustersReport({ opened, groups, policy }, largest.slice(0, REPORTED))
  await store.put(layout.largestClusters, Buffer.from(`${JSON.stringify(report, null, 2)}\n`))
  return largest.slice(0, top)
}

/** Makes report.json and report.html again, with the clusters. */
async function reportAgain(store: LocalStore, state: RunState): Promise<void> {
  const run = await readRunFile(store)
  if (run === undefined) return
  await writeReport(store, {
    config: run.config,
    inputs: state.inputs.map(({ uri }) => uri),
    wallSeconds: run.wallSeconds,
    peakMemoryBytes: run.peakMemoryBytes,
  })
}

/** Stores the verdicts of a policy. Returns what the run was. */
async function applyChoice(
  {
    store,
    state,
    opened,
    finished,
  }: Omit<Found, 'groups'> & { readonly finished: RunFile | undefined },
  keep: Keep,
  choice: Choice,
): Promise<RunFile> {
  requireAllShards(opened, state, finished)
  const run = await beginKeeping(store, state, keep, finished)
  await storeChoice(opened, choice, { store, run: state.run })
  return run
}

/** Throws UsageError unless the run made all that the log has of it: what it did not make could not be made again. */
function requireAllShards(
  { log }: OpenedIndex,
  { run, keep }: RunState,
  finished: RunFile | undefined,
): void {
  const shards = (finished ?? keep?.run)?.shards ?? []
  const done = new Set(shards.filter((shard) => shard.done).map(({ id }) => id))
  const absent = log.all().filter((logged) => logged.run === run && !done.has(logged.shard))
  if (absent.length > 0)
    throw new UsageError(
      `the last run here did not name or not finish ${absent.length} shard(s) that are in the index, first: ${absent[0]?.shard}`,
      'run the same command again with all inputs of this folder, then choose',
    )
}

/**
 * Writes down which policy is being applied, and takes away what it changes: interrupted anywhere from here, the folder is
 * unfinished until the same command is given again. Returns what the run was.
 */
async function beginKeeping(
  store: LocalStore,
  state: RunState,
  keep: Keep,
  finished: RunFile | undefined,
): Promise<RunFile> {
  const run = finished ?? (state.keep as NonNullable<RunState['keep']>).run
  await writeState(store, { ...state, keep: { ...keep, run } })
  await store.delete(layout.run)
  for (const prefix of ['clean/', 'summaries/', 'attributes/decontaminate/'])
    for await (const { key } of store.list(prefix)) await store.delete(key)
  return run
}

/** Makes the clean shards again from the documents and attributes that are stored. */
async function materialise(store: LocalStore, state: RunState, run: RunFile): Promise<void> {
  const config: RunConfig = runConfig.parse(run.config)
  const started = performance.now()
  const pool = startWorkers(config)
  try {
    const context: WorkerContext = {
      config,
      store: { uri: store.root },
      index: { uri: indexOf(store, state) },
      counters: new LiveCounters().shared,
    }
    pool.prepare(context)
    const todo = run.shards.filter(({ done }) => done)
    const work = async (): Promise<void> => {
      for (let shard = todo.pop(); shard !== undefined; shard = todo.pop())
        await pool.run('decontaminator', messageFor(state.run, shard, config), undefined)
    }
    await Promise.all(Array.from({ length: workerCount(config) }, work))
  } finally {
    await pool.close()
  }
  const wallSeconds = (performance.now() - started) / 1000
  const peakMemoryBytes = process.resourceUsage().maxRSS * 1024
  const report = await writeReport(store, {
    config,
    inputs: run.inputs.map(({ uri }) => uri),
    wallSeconds,
    peakMemoryBytes,
  })
  const clean = report.funnel.find(({ step }) => step === 'clean')
  const counts = {
    ...run.counts,
    clean: clean?.documents ?? 0,
    cleanBytes: clean?.bytes ?? 0,
  }
  await writeRunFile(store, { ...run, counts })
}

function messageFor(
  run: string,
  shard: RunFile['shards'][number],
  config: RunConfig,
): ShardMessage {
  const { id, uri, offset, length } = shard
  const stages = STAGES.filter(
    (stage) => stage === 'extract' || (stage !== 'decontaminate' && config.stages.includes(stage)),
  )
  return {
    schema: 1,
    run,
    shard: id,
    sequence: 0,
    source: { uri, offset, length, format: shard.format },
    documents: layout.documents(id),
    attributes: Object.fromEntries(stages.map((stage) => [stage, layout.attributes(stage, id)])),
    timings: {},
  }
}

function show(
  console: Console,
  store: LocalStore,
  groups: Clusters,
  largest: readonly LargeCluster[],
  { kind, keep }: ClustersArguments,
): void {
  const clustered = clusteredIn(groups)
  const lines = [
    `${formatCount(groups.documents)} documents: ${formatCount(clustered)} in ${formatCount(groups.count)} ${kind === 'stars' ? 'stars' : 'components'} of two or more`,
    ...sizesOf(groups).map(
      ({ from, to, clusters: count }) =>
        `  ${(from === 2 ? '2 to 3' : `${from} to ${to}`).padEnd(16)} documents ${formatCount(count).padStart(10)} clusters`,
    ),
    ...largest.flatMap((cluster) => clusterLines(cluster)),
    `Members      ${store.path(`${layout.clusters}*.parquet`)}`,
    `Report       ${store.path(layout.reportHtml)}`,
    ...(keep === undefined
      ? []
      : [
          `Clean shards ${store.path('clean')}, of each cluster the ${keep === 'first' ? 'first' : keep} one`,
        ]),
  ]
  console.result({
    text: `${lines.join('\n')}\n`,
    json: {
      kind,
      documents: groups.documents,
      clusters: groups.count,
      clustered,
      histogram: groups.histogram(),
      largest,
    },
  })
}

function clusterLines({ size, members }: LargeCluster): string[] {
  const shown = members.slice(0, MEMBERS_SHOWN)
  const ids = shown.map(({ id, stays }) => `${printable(id)}${stays ? ' (stays)' : ''}`)
  const excerpt = shown.find((member) => member.excerpt)?.excerpt ?? ''
  return [
    `${formatCount(size)} x  ${ids.join(', ')}${size > shown.length ? ', …' : ''}`,
    ...(excerpt === '' ? [] : [`      ${printable(shorten(excerpt))}`]),
  ]
}

function shorten(text: string): string {
  return text.length > EXCERPT ? `${text.slice(0, EXCERPT)}…` : text
}

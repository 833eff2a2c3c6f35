import { type ShardMessage, STAGES, type Stage, UsageError } from '@winnow/core'
import { type ClusterKind, type Clusters, decodeKeyFile, type Policy } from '@winnow/dedup'
import {
  chooseStored,
  clustersOf,
  encodeClusterRows,
  type Keep,
  type OpenedIndex,
  openIndex,
  RowReader,
  storeChoice,
} from '@winnow/dedup-service'
import { LiveCounters, type RunConfig, runConfig } from '@winnow/runtime'
import { indexLayout, LocalStore, layout } from '@winnow/storage'
import { lockFolders } from '../embedded/folder-lock.js'
import { indexOf, openFolder } from '../embedded/output-folder.js'
import { writeReport } from '../embedded/report-files.js'
import { type RunFile, readRunFile, writeRunFile } from '../embedded/run-file.js'
import { type RunState, writeState } from '../embedded/run-state.js'
import type { WorkerContext } from '../embedded/worker.js'
import { startWorkers, workerCount } from '../embedded/workers.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { textOf } from '../explain/find.js'
import { Console, type OutputMode } from '../terminal/console.js'
import { formatCount } from '../terminal/numbers.js'
import { printable } from '../terminal/printable.js'

const MEMBERS_SHOWN = 3
const EXCERPT = 120

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
    await writeClusters(store, opened, groups, choice)
    if (keep !== undefined && choice !== undefined) {
      requireAllShards(opened, state, finished)
      const run = await beginKeeping(store, state, keep, finished)
      await storeChoice(opened, choice, { store, run: state.run })
      await materialise(store, state, run)
    }
    await show(console, { store, opened, groups, run: state.run }, args)
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

async function writeClusters(
  store: LocalStore,
  opened: OpenedIndex,
  groups: Clusters,
  choice: Parameters<typeof encodeClusterRows>[2],
): Promise<void> {
  for await (const { key } of store.list(layout.clusters)) await store.delete(key)
  for (const logged of opened.log.all()) {
    const bytes = await encodeClusterRows(opened, groups, choice, logged)
    const name = `${logged.run}-${logged.shard}.parquet`
    if (bytes !== undefined) await store.put(`${layout.clusters}${name}`, bytes)
  }
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

interface Shown {
  readonly store: LocalStore
  readonly opened: OpenedIndex
  readonly groups: Clusters
  readonly run: string
}

async function show(
  console: Console,
  { store, opened, groups, run }: Shown,
  { kind, keep, top }: ClustersArguments,
): Promise<void> {
  const { log, index } = opened
  const reader = new RowReader(index)
  const largest = []
  for (const { root, size, members } of groups.largest(top, MEMBERS_SHOWN)) {
    const ids = await reader.ids(log, Float64Array.from(members))
    const first = log.locate(root)
    largest.push({
      size,
      ids,
      excerpt: first.run === run ? await excerptOf(store, opened, root) : '',
    })
  }
  const clustered = groups
    .histogram()
    .reduce((sum, { size, clusters }) => sum + (size > 1 ? size * clusters : 0), 0)
  const lines = [
    `${formatCount(groups.documents)} documents: ${formatCount(clustered)} in ${formatCount(groups.count)} ${kind === 'stars' ? 'stars' : 'components'} of two or more`,
    ...sizeLines(groups),
    ...largest.flatMap(({ size, ids, excerpt }) => [
      `${formatCount(size)} x  ${ids.map(printable).join(', ')}${size > ids.length ? ', …' : ''}`,
      ...(excerpt === '' ? [] : [`      ${printable(excerpt)}`]),
    ]),
    `Members      ${store.path(`${layout.clusters}*.parquet`)}`,
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

/** Sizes by powers of two. */
function sizeLines(groups: Clusters): string[] {
  const bins = new Map<number, number>()
  for (const { size, clusters: count } of groups.histogram()) {
    if (size < 2) continue
    const bin = Math.floor(Math.log2(size))
    bins.set(bin, (bins.get(bin) ?? 0) + count)
  }
  return [...bins].map(([bin, count]) => {
    const [low, high] = [2 ** bin, 2 ** (bin + 1) - 1]
    return `  ${(low === 2 ? '2 to 3' : `${low} to ${high}`).padEnd(16)} documents ${formatCount(count).padStart(10)} clusters`
  })
}

async function excerptOf(
  store: LocalStore,
  { log, index }: OpenedIndex,
  ordinal: number,
): Promise<string> {
  const { run, shard, base } = log.locate(ordinal)
  const { table } = decodeKeyFile(await index.get(indexLayout.keyFile(run, shard)))
  const row = table.documentRow[ordinal - base] as number
  const text = (await textOf(store, { shard, row })).replace(/\s+/g, ' ').trim()
  return text.length > EXCERPT ? `${text.slice(0, EXCERPT)}…` : text
}

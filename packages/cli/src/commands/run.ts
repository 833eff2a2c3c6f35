import { type CrawlShard, type DeadLetter, STAGES, type Stage } from '@winnow/core'
import { fingerprint } from '@winnow/dedup'
import { requireParameters } from '@winnow/dedup-service'
import type { RunReport } from '@winnow/report'
import { LiveCounters, type RunConfig, runConfig, type ThreadPool } from '@winnow/runtime'
import { LocalStore, layout } from '@winnow/storage'
import { dedupOptions } from '../embedded/dedup-options.js'
import { digestSettingsFiles } from '../embedded/digests.js'
import { lockFolders } from '../embedded/folder-lock.js'
import {
  indexFolderOf,
  isDone,
  nameRun,
  prepareFolder,
  requireNoPolicy,
  requireWholeLog,
} from '../embedded/output-folder.js'
import { EmbeddedPipeline, type PipelineOptions } from '../embedded/pipeline.js'
import { type Plan, planInputs } from '../embedded/plan.js'
import { writeReport } from '../embedded/report-files.js'
import { readRunFile, writeRunFile } from '../embedded/run-file.js'
import { settingsByPart } from '../embedded/run-state.js'
import { workerCount } from '../embedded/workers.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { expandInputs } from '../inputs.js'
import { Console, type OutputMode } from '../terminal/console.js'
import { hintsFor } from '../terminal/hints.js'
import { ProgressView } from '../terminal/progress.js'
import { RunTally } from '../terminal/run-tally.js'
import { VERSION } from '../version.js'

export interface RunArguments {
  readonly inputs: readonly string[]
  readonly out: string
  readonly config: RunConfig
  /** Started, and closed by the caller. */
  readonly pool: ThreadPool
  readonly overwrite: boolean
  readonly output: OutputMode
}

/** `winnow run`: crawl shards in, clean shards and a report out. */
export async function run(args: RunArguments): Promise<ExitCode> {
  const started = performance.now()
  const { config, pool } = args
  const oddities = await checkOptions(config)
  const dedup = dedupOptions(config)
  const files = await expandInputs(args.inputs)
  const store = new LocalStore(args.out)
  const index = new LocalStore(indexFolderOf(args.out, config))
  // The index of this folder may be given to other runs, so it has a lock of its own.
  const unlock = await lockFolders(
    config.stages.includes('dedup') ? [store.root, index.root] : [store.root],
  )
  try {
    const console = new Console(args.output)
    const plan = await planInputs(files, config)
    for (const oddity of oddities) console.warn(oddity)
    for (const note of plan.notes) console.note(note)
    const settings = settingsByPart(config, await digestSettingsFiles(config))
    const wanted = { settings, winnow: VERSION, inputs: plan.inputs }
    const ids = plan.shards.map(({ id }) => id)
    const { extract, quality } = settings
    const name = await prepareFolder(store, wanted, args.overwrite, () =>
      nameRun(store.root, index, ids, { extract, quality }),
    )
    let inForce = dedup
    if (config.stages.includes('dedup')) {
      await index.removeUnfinished()
      inForce = await requireParameters(index, dedup)
      await requireWholeLog(store, index, name)
    }
    const outcome = await runShards(
      plan,
      { config, dedup: inForce, pool, store, index, run: name },
      console,
    )
    if (outcome.stopped) {
      console.problem('stopped; run the same command again to go on where it stopped')
      return EXIT.failed
    }
    const wallSeconds = (performance.now() - started) / 1000
    const report = await finish(store, config, plan, outcome, wallSeconds)
    await announce(console, store, report, outcome)
    return outcome.dead.length > 0 ? EXIT.deadLetters : EXIT.done
  } finally {
    await unlock()
  }
}

/** Settings left at their defaults need no check, and the code that checks them takes a while to load. */
async function checkOptions(config: RunConfig): Promise<string[]> {
  const { blockLists, ...quality } = config.quality
  const { blockLists: none, ...defaults } = runConfig.parse({}).quality
  const asDefault = JSON.stringify(quality) === JSON.stringify(defaults)
  if (asDefault && config.decontaminate.benchmarks === undefined) return []
  const { checkStageOptions } = await import('../embedded/stage-options.js')
  return checkStageOptions(config)
}

interface Outcome {
  readonly stopped: boolean
  readonly dead: readonly DeadLetter[]
  readonly index: { keys: number; bytes: number; documents: number } | undefined
}

async function runShards(
  plan: Plan,
  work: Pick<PipelineOptions, 'config' | 'dedup' | 'pool' | 'store' | 'index' | 'run'>,
  console: Console,
): Promise<Outcome> {
  const { config, store, index, run } = work
  const todo: CrawlShard[] = []
  for (const shard of plan.shards)
    if (!(await isDone(store, index, { run, shard: shard.id }, config))) todo.push(shard)
  if (todo.length < plan.shards.length)
    console.note(
      `${plan.shards.length - todo.length} of ${plan.shards.length} shards are done already`,
    )
  const dead: DeadLetter[] = []
  if (todo.length > 0 || (await readRunFile(store)) === undefined) await requireNoPolicy(store)
  if (todo.length === 0) return { stopped: false, dead, index: undefined }
  await store.delete(layout.run)
  // What comes in now is in no cluster yet.
  await store.delete(layout.largestClusters)
  for await (const { key } of store.list(layout.clusters)) await store.delete(key)
  const counters = new LiveCounters()
  const tally = new RunTally(plan.shards, todo, rolesOf(config), counters)
  const interrupt = new AbortController()
  const release = onInterrupt(interrupt, console)
  const pipeline = new EmbeddedPipeline({
    ...work,
    counters,
    workers: workerCount(config),
    signal: interrupt.signal,
    events: {
      stage: (role, result) => tally.stage(role, result),
      warn: (message) => console.warn(message),
      clean: () => tally.clean(),
      retry: (role, shard, attempt, failure) =>
        console.warn(`${role}: shard ${shard}: try ${attempt} failed: ${failure.message}`),
      dead: (letter) => {
        dead.push(letter)
        tally.dead()
        console.problem(describeDeadLetter(letter))
      },
    },
  })
  const view = new ProgressView(console.progressMode, () => tally.progress())
  console.attach(view)
  await view.start()
  // The report's code loads while the workers work.
  void import('@winnow/report')
  try {
    await pipeline.run(todo.map((shard, sequence) => ({ shard, sequence })))
  } finally {
    view.stop()
    release()
  }
  for (const shard of todo)
    if (!dead.some((letter) => letter.shard === shard.id))
      await store.delete(layout.deadLetter(shard.id))
  return { stopped: interrupt.signal.aborted, dead, index: pipeline.indexSize }
}

/** Names of the stages that the progress display shows, in order. */
function rolesOf({ stages }: RunConfig): Stage[] {
  return STAGES.filter((stage) => stage === 'extract' || stages.includes(stage))
}

/** First signal: finish the shards in work, then stop. Second: stop at once. Returns what takes the handlers off. */
function onInterrupt(interrupt: AbortController, console: Console): () => void {
  const handle = (signal: NodeJS.Signals) => {
    if (interrupt.signal.aborted) process.exit(EXIT.failed)
    console.warn(`${signal}: finishing the shards in work (once more to stop at once)`)
    interrupt.abort()
  }
  process.on('SIGINT', handle)
  process.on('SIGTERM', handle)
  return () => {
    process.off('SIGINT', handle)
    process.off('SIGTERM', handle)
  }
}

async function finish(
  store: LocalStore,
  config: RunConfig,
  plan: Plan,
  outcome: Outcome,
  wallSeconds: number,
): Promise<RunReport> {
  const peakMemoryBytes = process.resourceUsage().maxRSS * 1024
  const report = await writeReport(store, {
    config,
    inputs: plan.inputs.map(({ uri }) => uri),
    wallSeconds,
    peakMemoryBytes,
  })
  const dead = new Set(outcome.dead.map(({ shard }) => shard))
  const records = Object.values(report.records).reduce((sum, n) => sum + n, 0)
  await writeRunFile(store, {
    schema: 1,
    versions: { winnow: VERSION, node: process.versions.node },
    config,
    dedup: config.stages.includes('dedup') ? fingerprint(dedupOptions(config).parameters) : null,
    inputs: plan.inputs.map(({ uri, size }) => ({ uri, size })),
    shards: plan.shards.map(({ id, uri, offset, length, format }) => ({
      id,
      uri,
      offset,
      length,
      format,
      done: !dead.has(id),
    })),
    counts: {
      records,
      pages: report.records.pages ?? 0,
      documents: funnelStep(report, 'pages'),
      clean: funnelStep(report, 'clean'),
      cleanBytes: report.funnel.find(({ step }) => step === 'clean')?.bytes ?? 0,
      shards: report.shards,
      deadLetters: dead.size,
    },
    index: outcome.index ?? null,
    wallSeconds,
    peakMemoryBytes,
  })
  return report
}

function funnelStep(report: RunReport, name: string): number {
  return report.funnel.find(({ step }) => step === name)?.documents ?? 0
}

async function announce(
  console: Console,
  store: LocalStore,
  report: RunReport,
  outcome: Outcome,
): Promise<void> {
  const { renderFunnel } = await import('@winnow/report')
  const hints = hintsFor(report)
  console.result({
    text: `${renderFunnel(report)}\nClean shards  ${store.path('clean')}\nReport        ${store.path(layout.reportHtml)}\n`,
    json: {
      event: 'done',
      out: store.root,
      records: report.records,
      funnel: report.funnel,
      deadLetters: outcome.dead.length,
      hints,
      report: store.path(layout.reportHtml),
    },
  })
  for (const hint of hints) console.hint(hint)
  if (outcome.dead.length > 0)
    console.problem(
      `${outcome.dead.length} shard(s) failed for good; run the same command again to try them once more`,
    )
}

function describeDeadLetter({ shard, role, message, attempts, error }: DeadLetter): string {
  const { uri, offset, length } = message.source
  const where = `${uri} bytes ${offset} to ${offset + length}`
  const hint = error.hint === '' ? '' : ` (${error.hint})`
  return `${role}: shard ${shard} failed for good after ${attempts} tries: ${error.message}${hint}; ${where}`
}

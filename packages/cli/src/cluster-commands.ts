import type { Command } from 'commander'
import { addOutput, type Done, type OutputFlags, outputMode } from './flags.js'

interface ClusterFlags extends OutputFlags {
  readonly config?: string
}

/** Commands of the operator of a cluster. Each loads what it needs when it is called. */
export function addClusterCommands(program: Command, done: Done): void {
  addStatus(program, done)
  addRuns(program, done)
  addDeadLetters(program, done)
}

function addCluster(command: Command): Command {
  return addOutput(
    command.option(
      '--config <file>',
      'settings of the cluster, see docs/operations/configuration.md; WINNOW_* variables win',
    ),
  )
}

async function clusterOf({ config }: ClusterFlags) {
  const { loadClusterConfig } = await import('@winnow/runtime/cluster-config')
  return loadClusterConfig({ file: config })
}

/** Where the metrics service is: the only thing that needs no whole configuration. */
async function metricsUrl(flags: ClusterFlags & { url?: string }): Promise<string> {
  if (flags.url !== undefined) return checkedUrl(flags.url)
  const { namesCluster } = await import('@winnow/runtime/cluster-config')
  if (await namesCluster(flags.config, process.env)) return (await clusterOf(flags)).metrics.url
  return checkedUrl(process.env.WINNOW_METRICS_URL || 'http://localhost:9464')
}

async function checkedUrl(url: string): Promise<string> {
  if (/^https?:\/\//.test(url) && URL.canParse(url)) return url
  const { UsageError } = await import('@winnow/core')
  throw new UsageError(`${url} is no address`, 'give one such as http://winnow-metrics:9464')
}

function addStatus(program: Command, done: Done): void {
  addCluster(
    program
      .command('status')
      .description('how far the runs of a cluster are: done, waiting, lag, rate, ETA, dead letters')
      .option('--run <name>', 'only this run; --watch then ends with it')
      .option('--watch', 'again and again')
      .option('--url <url>', 'the metrics service (default: metrics.url)'),
  )
    .addHelpText(
      'after',
      '\nExamples:\n  winnow status --config cluster.yaml\n  winnow status --url http://winnow-metrics:9464 --run cc-2026-40 --watch',
    )
    .action(async (flags: ClusterFlags & { run?: string; watch?: boolean; url?: string }) => {
      const { status } = await import('./commands/status.js')
      const url = await metricsUrl(flags)
      const { run, watch } = flags
      done(await status({ url, run, watch: watch === true, output: outputMode(flags) }))
    })
}

function addRuns(program: Command, done: Done): void {
  const group = program.command('runs').description('runs of a cluster')
  addCluster(group.command('list').description('the newest 50, and how far they are'))
    .option('--url <url>', 'the metrics service (default: metrics.url)')
    .action(async (flags: ClusterFlags & { url?: string }) => {
      const { listRuns } = await import('./commands/runs.js')
      done(await listRuns({ url: await metricsUrl(flags), output: outputMode(flags) }))
    })
  addCluster(
    group.command('show').description('one run, with its settings').argument('<name>'),
  ).action(async (run: string, flags: ClusterFlags) => {
    const { showRun } = await import('./commands/runs.js')
    done(await showRun({ config: await clusterOf(flags), run, output: outputMode(flags) }))
  })
  addCluster(
    group
      .command('cancel')
      .description('finish the shards in work and pass over those that wait; what is written stays')
      .argument('<name>'),
  ).action(async (run: string, flags: ClusterFlags) => {
    const { cancel } = await import('./commands/runs.js')
    done(await cancel({ config: await clusterOf(flags), run, output: outputMode(flags) }))
  })
}

function addDeadLetters(program: Command, done: Done): void {
  const group = program
    .command('dead-letters')
    .description('shards and messages that failed for good')
  const withRun = (command: Command) =>
    addCluster(command).option('--run <name>', 'only those of this run')
  type Flags = ClusterFlags & { run?: string }
  const argumentsOf = async (flags: Flags) => ({
    config: await clusterOf(flags),
    run: flags.run,
    output: outputMode(flags),
  })
  withRun(group.command('list').description('those that nobody has fed again')).action(
    async (flags: Flags) => {
      const { listDeadLetters } = await import('./commands/dead-letters.js')
      done(await listDeadLetters(await argumentsOf(flags)))
    },
  )
  withRun(
    group
      .command('show')
      .description('what failed, where, why, and what to do')
      .argument('<shard>', 'shard id, or its first digits'),
  ).action(async (shard: string, flags: Flags) => {
    const { showDeadLetter } = await import('./commands/dead-letters.js')
    done(await showDeadLetter({ ...(await argumentsOf(flags)), shard }))
  })
  withRun(
    group
      .command('retry')
      .description('feed shards again, once the reason is mended')
      .argument('[shard...]', 'shard ids, or their first digits')
      .option('--all', 'all that are open'),
  )
    .addHelpText('after', '\nExample:\n  winnow dead-letters retry --all --run cc-2026-40')
    .action(async (shards: string[], flags: Flags & { all?: boolean }) => {
      const { retryDeadLetters } = await import('./commands/dead-letters.js')
      const all = flags.all === true
      done(await retryDeadLetters({ ...(await argumentsOf(flags)), shards, all }))
    })
}

import { loadClusterConfig } from '@winnow/runtime/cluster-config'
import { loadConfig, type Settings } from '../config-file.js'
import type { ExitCode } from '../exit-codes.js'
import { Console, type OutputMode } from '../terminal/console.js'
import { connectKafka } from './connect.js'
import { feed } from './feed.js'
import { RunStores } from './run-stores.js'

export interface RunFeedArguments {
  readonly inputs: readonly string[]
  readonly run: string
  /** Configuration of the cluster. */
  readonly file: string | undefined
  /** Settings of the run: a file, and what was given as options. */
  readonly settingsFile: string | undefined
  readonly settings: Settings
  readonly output: OutputMode
  readonly follow: boolean
  readonly again: boolean
}

/** `winnow feed`, from its options to its end. */
export async function runFeed(args: RunFeedArguments): Promise<ExitCode> {
  const config = await loadConfig(args.settingsFile, args.settings)
  const cluster = await loadClusterConfig({ file: args.file, env: process.env })
  const stop = new AbortController()
  const interrupt = () => stop.abort()
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
  const bus = await connectKafka(cluster)
  try {
    const stores = await RunStores.open(cluster)
    const { inputs, run, follow, again } = args
    return await feed(
      { inputs, run, config, cluster, follow, again },
      { bus, stores, console: new Console(args.output), signal: stop.signal },
    )
  } finally {
    await bus.close()
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
  }
}

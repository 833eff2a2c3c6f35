import { InputError } from '@winnow/core'
import type { ClusterConfig } from '@winnow/runtime/cluster-config'
import { cancelRun, RUN_CONFIG, runPrefix } from '@winnow/runtime/run-prefix'
import { type ObjectStore, openStore } from '@winnow/storage'
import { fetchStatus } from '../cluster-client.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { Console, type OutputMode } from '../terminal/console.js'
import { formatCount } from '../terminal/numbers.js'
import { printable } from '../terminal/printable.js'
import { renderRun } from './status.js'

/** `winnow runs list`: the newest first. */
export async function listRuns(args: { url: string; output: OutputMode }): Promise<ExitCode> {
  const { runs } = await fetchStatus(args.url)
  const widest = Math.max(4, ...runs.map(({ run }) => run.length))
  const lines = runs.map(
    ({ run, state, fedAt, fed, clean, dead }) =>
      `${run.padEnd(widest)}  ${(fedAt ?? '-').slice(0, 16).padEnd(16)}  ${state}: ${formatCount(clean)} of ${formatCount(fed)} shards clean, ${formatCount(dead)} dead`,
  )
  const text = runs.length === 0 ? 'nothing was fed yet' : lines.join('\n')
  new Console(args.output).result({ text: `${printable(text)}\n`, json: runs })
  return EXIT.done
}

export interface RunArguments {
  readonly config: ClusterConfig
  readonly run: string
  readonly output: OutputMode
}

/** `winnow runs show`: how far the run is, and its settings. */
export async function showRun({ config, run, output }: RunArguments): Promise<ExitCode> {
  const store = await openStore(config.storage.uri, { s3: config.storage })
  const settings = await settingsOf(store, run)
  const found = await fetchStatus(config.metrics.url)
  const progress = found.runs.find((each) => each.run === run)
  const text = [
    progress === undefined ? `${run}  not on the topics any more` : renderRun(progress, found.lag),
    `data      ${store.uri.replace(/\/$/, '')}/${runPrefix(run)}`,
    `settings  ${JSON.stringify(settings)}`,
  ].join('\n')
  new Console(output).result({ text: `${printable(text)}\n`, json: { run, progress, settings } })
  return EXIT.done
}

/** `winnow runs cancel`: shards in work are finished, those that wait are passed over. What was written stays. */
export async function cancel({ config, run, output }: RunArguments): Promise<ExitCode> {
  const store = await openStore(config.storage.uri, { s3: config.storage })
  await settingsOf(store, run)
  const cancelled = await cancelRun(store, run)
  const text = cancelled
    ? `${run} is cancelled: shards in work are finished, those that wait are passed over within half a minute`
    : `${run} was cancelled before`
  new Console(output).result({ text: `${printable(text)}\n`, json: { run, cancelled } })
  return EXIT.done
}

async function settingsOf(store: ObjectStore, run: string): Promise<unknown> {
  const key = runPrefix(run) + RUN_CONFIG
  if ((await store.head(key)) === undefined)
    throw new InputError(
      `there is no run ${run} in ${store.uri}`,
      'winnow runs list shows the runs; check storage.uri',
    )
  return JSON.parse(Buffer.from(await store.get(key)).toString('utf8'))
}

import { setTimeout as delay } from 'node:timers/promises'
import { InputError } from '@winnow/core'
import type { ClusterStatus, RunStatus } from '@winnow/runtime/cluster-status'
import pc from 'picocolors'
import { fetchStatus } from '../cluster-client.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { Console, type OutputMode } from '../terminal/console.js'
import { formatCount, formatSeconds } from '../terminal/numbers.js'
import { printable } from '../terminal/printable.js'

const WATCH_PAUSE = 2_000
/** Runs shown when none is named. */
const SHOWN = 5

export interface StatusArguments {
  readonly url: string
  readonly run: string | undefined
  readonly watch: boolean
  readonly output: OutputMode
}

/** `winnow status`: how far runs are, stage by stage; with `watch` again and again until interrupted. */
export async function status(args: StatusArguments): Promise<ExitCode> {
  if (args.watch) return watchStatus(args)
  const found = select(await fetchStatus(args.url), args.run)
  new Console(args.output).result({ text: renderStatus(found), json: found })
  return EXIT.done
}

async function watchStatus({ url, run, output }: StatusArguments): Promise<ExitCode> {
  const live = output === 'text' && process.stdout.isTTY
  const view = live ? (await import('log-update')).createLogUpdate(process.stdout) : undefined
  const interrupted = new AbortController()
  const stop = () => interrupted.abort()
  process.once('SIGINT', stop)
  try {
    // The first answer tells whether the address is right; later the service may be away for a while.
    let found = select(await fetchStatus(url), run)
    for (;;) {
      if (view === undefined) new Console(output).result({ text: renderStatus(found), json: found })
      else view(renderStatus(found))
      const ended = found.runs.length > 0 && found.runs.every(({ state }) => state !== 'running')
      if (run !== undefined && ended && found.caughtUp) break
      await delay(WATCH_PAUSE, undefined, { signal: interrupted.signal }).catch(() => {})
      if (interrupted.signal.aborted) break
      found = await fetchStatus(url).then(
        (next) => select(next, run),
        () => found,
      )
    }
    return EXIT.done
  } finally {
    process.off('SIGINT', stop)
    view?.done()
  }
}

function select(found: ClusterStatus, run: string | undefined): ClusterStatus {
  if (run === undefined) return found
  const runs = found.runs.filter((each) => each.run === run)
  if (runs.length > 0) return { ...found, runs }
  const known = found.runs.map((each) => each.run).join(', ')
  throw new InputError(
    `there is no run ${run}${found.caughtUp ? '' : ' so far: the metrics service still reads the topics'}`,
    known === '' ? 'nothing was fed yet: winnow feed INPUT... --run NAME' : `runs: ${known}`,
  )
}

export function renderStatus(found: ClusterStatus): string {
  const lines: string[] = []
  if (!found.caughtUp)
    lines.push(pc.yellow('the metrics service still reads the topics: numbers are too small'))
  for (const source of ['kafka', 'storage'] as const)
    if (!found[source].ok)
      lines.push(pc.red(`${source} does not answer: ${printable(found[source].error ?? '')}`))
  for (const run of found.runs.slice(0, SHOWN)) lines.push(renderRun(run, found.lag), '')
  if (found.runs.length === 0) lines.push('nothing was fed yet', '')
  if (found.runs.length > SHOWN) lines.push(`${found.runs.length - SHOWN} more: winnow runs list`)
  const { snapshot, logEnd } = found.index
  lines.push(
    `order log     ${formatCount(logEnd)} entries, ${snapshot === undefined ? 'no snapshot of the index' : `index saved ${formatSeconds(snapshot.ageSeconds)} ago`}`,
    `dead letters  ${formatCount(found.deadLetters.open)} open${found.deadLetters.open > 0 ? ': winnow dead-letters list' : ''}`,
  )
  return `${lines.join('\n')}\n`
}

export function renderRun(run: RunStatus, lag: ClusterStatus['lag']): string {
  const { fed, clean, inFlight, dead, etaSeconds, duplicateRatio } = run
  const parts = [
    `${formatCount(clean)} of ${formatCount(fed)} shards clean`,
    `${formatCount(inFlight)} in flight`,
    ...(dead > 0 ? [`${formatCount(dead)} dead`] : []),
    ...(etaSeconds === undefined ? [] : [`${formatSeconds(etaSeconds)} to go`]),
    ...(duplicateRatio === undefined ? [] : [`${(100 * duplicateRatio).toFixed(1)} % duplicates`]),
  ]
  const head = `${pc.bold(printable(run.run))}  ${run.state}: ${parts.join(', ')}`
  const rows = run.stages.map(({ stage, done, waiting, dead: lost, perSecond }) => {
    const behind = lag.find((each) => each.stage === stage)?.lag
    return [
      stage.padEnd(16),
      formatCount(done).padStart(9),
      formatCount(waiting).padStart(9),
      (behind === undefined ? '-' : formatCount(behind)).padStart(9),
      (perSecond === undefined ? '-' : perSecond.toFixed(2)).padStart(9),
      formatCount(lost).padStart(9),
    ].join('')
  })
  const columns = ['done', 'waiting', 'lag', 'per s', 'dead'].map((name) => name.padStart(9))
  return [
    head,
    pc.dim(`  ${'stage'.padEnd(16)}${columns.join('')}`),
    ...rows.map((row) => `  ${row}`),
  ].join('\n')
}

import type { createLogUpdate } from 'log-update'
import pc from 'picocolors'
import { formatBytes, formatCount, formatSeconds, formatShare } from './numbers.js'

/** How far a run is. Counts are documents. */
export interface Progress {
  readonly shards: { readonly done: number; readonly dead: number; readonly all: number }
  readonly stages: readonly StageProgress[]
  /** Documents in the clean shards written so far. */
  readonly clean: number
  readonly inputBytes: { readonly done: number; readonly all: number }
  readonly seconds: number
}

export interface StageProgress {
  readonly name: string
  readonly documents: number
  readonly kept: number
  /** Documents of which it is known whether they are kept. */
  readonly judged: number
  readonly bytes: number
}

export type ProgressMode = 'live' | 'plain' | 'json' | 'quiet'

/** Shows progress: a live block on a terminal, a line now and then in a pipe, JSON lines for machines. */
export class ProgressView {
  private live: ReturnType<typeof createLogUpdate> | undefined
  private timer: NodeJS.Timeout | undefined

  constructor(
    private readonly mode: ProgressMode,
    private readonly read: () => Progress,
  ) {}

  async start(): Promise<void> {
    if (this.mode === 'quiet') return
    if (this.mode === 'live')
      this.live = (await import('log-update')).createLogUpdate(process.stderr)
    const period = this.mode === 'live' ? 200 : 5000
    this.timer = setInterval(() => this.show(), period)
    this.timer.unref()
  }

  /** Takes the live block off the screen until the next refresh, so that a line can be printed above it. */
  clear(): void {
    this.live?.clear()
  }

  stop(): void {
    clearInterval(this.timer)
    if (this.mode === 'live') this.live?.clear()
    else if (this.mode !== 'quiet') this.show()
  }

  private show(): void {
    const progress = this.read()
    if (this.mode === 'live') this.live?.(renderLive(progress))
    else if (this.mode === 'json')
      process.stdout.write(`${JSON.stringify({ event: 'progress', ...progress })}\n`)
    else process.stderr.write(`${renderLine(progress)}\n`)
  }
}

/** Seconds left at the present rate, by input bytes. */
export function etaSeconds(progress: Progress): number | undefined {
  const { done, all } = progress.inputBytes
  // When all is read, the last shards are still on their way through the later stages.
  return done === 0 || done === all ? undefined : (progress.seconds * (all - done)) / done
}

const BAR = 30

export function renderLive(progress: Progress): string {
  const { shards, inputBytes, seconds } = progress
  const share = inputBytes.all === 0 ? 0 : inputBytes.done / inputBytes.all
  const filled = Math.round(share * BAR)
  const bar = pc.green('━'.repeat(filled)) + pc.dim('━'.repeat(BAR - filled))
  const eta = etaSeconds(progress)
  const head = [
    `${bar} ${(100 * share).toFixed(0).padStart(3)} %`,
    `${formatCount(shards.done)}/${formatCount(shards.all)} shards`,
    `${formatBytes(inputBytes.done)} of ${formatBytes(inputBytes.all)}`,
    formatSeconds(seconds),
    eta === undefined ? 'ETA …' : `ETA ${formatSeconds(eta)}`,
    ...(shards.dead > 0 ? [pc.red(`${shards.dead} failed`)] : []),
  ].join(pc.dim('  ·  '))
  const rows = progress.stages.map(
    (stage) =>
      `  ${stage.name.padEnd(15)}${formatCount(stage.documents).padStart(12)} docs` +
      `${`${formatCount(stage.documents / Math.max(seconds, 0.001))} docs/s`.padStart(17)}` +
      `${`${(stage.bytes / 1e6 / Math.max(seconds, 0.001)).toFixed(1)} MB/s`.padStart(14)}` +
      `${formatShare(stage.kept, stage.judged).padStart(10)} kept`,
  )
  return [head, ...rows].join('\n')
}

export function renderLine(progress: Progress): string {
  const { shards, inputBytes, seconds } = progress
  const first = progress.stages[0]
  const eta = etaSeconds(progress)
  return [
    `${shards.done}/${shards.all} shards`,
    `${formatBytes(inputBytes.done)} of ${formatBytes(inputBytes.all)}`,
    `${formatCount(first?.documents ?? 0)} documents read`,
    `${formatCount(progress.clean)} clean`,
    `${formatSeconds(seconds)}${eta === undefined ? '' : `, ETA ${formatSeconds(eta)}`}`,
    ...(shards.dead > 0 ? [`${shards.dead} failed`] : []),
  ].join(' · ')
}

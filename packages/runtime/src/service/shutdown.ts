import { WinnowError } from '@winnow/core'
import type { Log } from './log.js'

/** After the grace period, what is being closed has this long to hand its work back, seconds. */
const HAND_BACK_SECONDS = 10

/**
 * Closes one thing. `graceOver` is aborted when the grace period ends: work that is not done by then must be handed
 * back, not finished.
 */
export type Closer = (graceOver: AbortSignal) => Promise<void> | void

/** A service that could not end as it should. Exit code 1. */
export class ShutdownError extends WinnowError {
  constructor(message: string, hint: string, cause?: unknown) {
    super('WINNOW_SHUTDOWN', message, { hint, cause })
  }
}

/**
 * The end of a service, in order: `signal` is aborted (no new work is taken), then what was registered is closed,
 * the last first, each when the one before is closed.
 */
export class Shutdown {
  /** Settles when all is closed: rejects when a fault was the reason, or something did not close. */
  readonly done: Promise<void>
  private readonly stopping = new AbortController()
  private readonly closers: { name: string; close: Closer }[] = []
  private settle!: { resolve(): void; reject(error: unknown): void }
  private running = false

  constructor(
    private readonly graceSeconds: number,
    private readonly log: Log,
  ) {
    this.done = new Promise((resolve, reject) => {
      this.settle = { resolve, reject }
    })
    // Who waits for `done` sees the error; a service that nobody waits for yet must not end as an unhandled rejection.
    this.done.catch(() => {})
  }

  /** Aborted when no new work may be taken. */
  get signal(): AbortSignal {
    return this.stopping.signal
  }

  add(name: string, close: Closer): void {
    this.closers.push({ name, close })
  }

  /** Begins the end; later calls change nothing. `fault` is what `done` then rejects with. */
  begin(reason: string, fault?: unknown): void {
    if (this.running) return
    this.running = true
    this.log.info('stopping', { reason, graceSeconds: this.graceSeconds })
    this.stopping.abort()
    this.close().then(
      (problem) => {
        const error = fault ?? problem
        if (error === undefined) {
          this.log.info('stopped')
          this.settle.resolve()
        } else this.settle.reject(error)
      },
      (error) => this.settle.reject(error),
    )
  }

  private async close(): Promise<ShutdownError | undefined> {
    const over = new AbortController()
    const grace = setTimeout(() => {
      this.log.warn('the grace period is over, work in hand is handed back')
      over.abort()
    }, this.graceSeconds * 1000)
    let problem: ShutdownError | undefined
    try {
      for (let next = this.closers.pop(); next !== undefined; next = this.closers.pop())
        problem = (await this.closeOne(next, over.signal)) ?? problem
      return problem
    } finally {
      clearTimeout(grace)
    }
  }

  private async closeOne(
    { name, close }: { name: string; close: Closer },
    graceOver: AbortSignal,
  ): Promise<ShutdownError | undefined> {
    const limit = new HandBackLimit(graceOver)
    try {
      await Promise.race([close(graceOver), limit.reached])
      if (!limit.passed) return undefined
      this.log.error('did not close in time', { part: name })
      return new ShutdownError(
        `${name} did not close within the grace period of ${this.graceSeconds} s`,
        'raise service.graceSeconds above the time of the longest shard',
      )
    } catch (error) {
      this.log.error('could not close', { part: name, error })
      return new ShutdownError(`${name} could not be closed`, 'see the error logged before', error)
    } finally {
      limit.clear()
    }
  }
}

/** Resolves HAND_BACK_SECONDS after the grace period is over. */
class HandBackLimit {
  passed = false
  readonly reached: Promise<void>
  private timer: NodeJS.Timeout | undefined
  private readonly start: () => void

  constructor(private readonly graceOver: AbortSignal) {
    let reach = () => {}
    this.reached = new Promise((resolve) => {
      reach = resolve
    })
    this.start = () => {
      this.timer = setTimeout(() => {
        this.passed = true
        reach()
      }, HAND_BACK_SECONDS * 1000)
    }
    if (graceOver.aborted) this.start()
    else graceOver.addEventListener('abort', this.start, { once: true })
  }

  clear(): void {
    clearTimeout(this.timer)
    this.graceOver.removeEventListener('abort', this.start)
  }
}

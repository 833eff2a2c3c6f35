import { setMaxListeners } from 'node:events'
import type { BusMessage, MessageBus, Subscription } from '@winnow/bus'
import type { DeadLetter, ShardMessage } from '@winnow/core'
import { parseMessage, shardMessage } from '@winnow/core/messages'
import pRetry, { AbortError } from 'p-retry'
import { type Failure, StageError, toFailure } from './failure.js'
import type { Handover } from './handover.js'
import type { ProcessResult, WorkerRole } from './processor.js'
import type { TaskPool } from './task-pool.js'

export interface RetryOptions {
  /** Tries after the first. */
  readonly retries: number
  /** First pause in milliseconds; doubles each time, with jitter. */
  readonly minPause: number
  readonly maxPause: number
}

export const DEFAULT_RETRY: RetryOptions = { retries: 3, minPause: 200, maxPause: 10_000 }

/** What a stage runner reports as it goes. */
export interface StageEvents {
  /** `seconds` since the shard was taken, tries that failed included. */
  done(role: WorkerRole, result: ProcessResult, seconds: number): void
  /** How many shards are in work now. */
  inFlight?(shards: number): void
  retry(role: WorkerRole, shard: string, attempt: number, failure: Failure): void
  dead(letter: DeadLetter): Promise<void>
  /** A message that is none: to be stored with its raw bytes. */
  unreadable(message: BusMessage, failure: Failure): Promise<void>
  /** A fault of the machine: the run must stop. */
  fatal(failure: Failure): void
}

export interface StageRunnerOptions {
  readonly role: WorkerRole
  readonly consumes: string
  readonly bus: MessageBus
  readonly pool: TaskPool
  readonly handover: Handover
  readonly concurrency: number
  readonly events: StageEvents
  readonly retry?: RetryOptions
  /** Failures that are waited out and count as no try: the fault is not the shard's. None by default. */
  readonly outlast?: (failure: Failure) => boolean
  /** Shards to pass over, such as those of a run that was cancelled. None by default. */
  readonly skip?: (message: ShardMessage) => Promise<boolean>
  readonly signal: AbortSignal
  /** Takes the stage's result on: publishes the next message. Resolves when it is safely stored. */
  forward(result: ProcessResult): Promise<void>
}

/**
 * Consumes one topic, works each shard in the pool, and forwards the result; retries with back-off, then
 * dead-letters. A message is consumed only after its result is forwarded or its dead letter is stored.
 */
export class StageRunner {
  private subscription: Subscription | undefined
  private inFlight = 0

  constructor(private readonly options: StageRunnerOptions) {
    // Each shard in its retry pause listens for the stop.
    setMaxListeners(0, options.signal)
  }

  async start(): Promise<void> {
    const { bus, consumes, role, concurrency } = this.options
    this.subscription = await bus.consume({
      topic: consumes,
      group: `winnow.${role}`,
      concurrency,
      handle: (message, context) => this.handle(message, context.signal),
    })
  }

  /**
   * Takes no further shard and waits for those in work; with `graceMs`, those that take longer are handed back: they are
   * not forwarded, and are another member's.
   */
  async stop(graceMs?: number): Promise<void> {
    await this.subscription?.stop(graceMs)
  }

  private async handle(raw: BusMessage, owned: AbortSignal): Promise<void> {
    const { events } = this.options
    const signal = AbortSignal.any([this.options.signal, owned])
    let message: ShardMessage
    try {
      message = parseMessage(shardMessage, raw.topic, raw.value)
    } catch (error) {
      await events.unreadable(raw, failureOf(error))
      return
    }
    if (await this.options.skip?.(message)) return
    events.inFlight?.(++this.inFlight)
    try {
      await this.work(message, owned, signal)
    } finally {
      events.inFlight?.(--this.inFlight)
    }
  }

  /** Tries until the shard is forwarded, or set aside as a dead letter. */
  private async work(
    message: ShardMessage,
    owned: AbortSignal,
    signal: AbortSignal,
  ): Promise<void> {
    const { events, role } = this.options
    const taken = performance.now()
    let attempts = 0
    try {
      const result = await pRetry(
        async () => {
          attempts++
          return await this.attempt(message, owned)
        },
        {
          ...this.pauses(),
          signal,
          shouldConsumeRetry: ({ error }) => this.options.outlast?.(failureOf(error)) !== true,
          onFailedAttempt: ({ error, retriesLeft }) => {
            if (retriesLeft > 0 && !signal.aborted)
              events.retry(role, message.shard, attempts, failureOf(error))
          },
        },
      )
      events.done(role, result, (performance.now() - taken) / 1000)
    } catch (error) {
      if (signal.aborted) throw error
      const failure = failureOf(error)
      if (failure.fatal) {
        events.fatal(failure)
        throw error
      }
      await events.dead(deadLetterOf(role, message, attempts, failure))
    }
  }

  private async attempt(message: ShardMessage, owned: AbortSignal): Promise<ProcessResult> {
    const { pool, role, handover } = this.options
    try {
      const result = await pool.run(role, message, handover.take(message.shard))
      // The shard may be another member's by now: it forwards the result, not this one.
      owned.throwIfAborted()
      if (result.memory !== undefined) handover.put(message.shard, result.memory)
      await this.options.forward(result)
      return result
    } catch (error) {
      if (!failureOf(error).retryable)
        throw new AbortError(error instanceof Error ? error : String(error))
      throw error
    }
  }

  private pauses() {
    const { retries, minPause, maxPause } = this.options.retry ?? DEFAULT_RETRY
    return { retries, minTimeout: minPause, maxTimeout: maxPause, factor: 2, randomize: true }
  }
}

function failureOf(error: unknown): Failure {
  if (error instanceof StageError) return error.failure
  if (error instanceof AbortError) return failureOf(error.originalError)
  return toFailure(error)
}

function deadLetterOf(
  role: string,
  message: ShardMessage,
  attempts: number,
  failure: Failure,
): DeadLetter {
  return {
    schema: 1,
    run: message.run,
    shard: message.shard,
    role,
    attempts,
    error: { code: failure.code, message: failure.message, hint: failure.hint },
    message,
  }
}

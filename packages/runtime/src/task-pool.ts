import { setTimeout as delay } from 'node:timers/promises'
import type { ShardMessage } from '@winnow/core'
import { Piscina } from 'piscina'
import { type Failure, StageError } from './failure.js'
import type { ProcessResult, WorkerRole } from './processor.js'
import { packForTransfer, type ShardMemory } from './shard-memory.js'

/** Milliseconds that `close` waits for threads to have loaded their code. */
const LOADING_PATIENCE = 10_000

/** Runs a role's work on a shard somewhere: in this thread or in another. */
export interface TaskPool {
  run(
    role: WorkerRole,
    message: ShardMessage,
    memory: ShardMemory | undefined,
  ): Promise<ProcessResult>
  close(): Promise<void>
}

/** What is sent to a worker thread. */
export interface Task {
  /** What the processor of the role and run is made from. */
  readonly context: unknown
  readonly role: WorkerRole
  readonly message: ShardMessage
  readonly memory: ShardMemory | undefined
  /** Whether the shard itself is sent back. */
  readonly handOver: boolean
}

/** What comes back from one. */
export type Outcome =
  | { readonly ok: true; readonly result: ProcessResult }
  | { readonly ok: false; readonly failure: Failure }

/**
 * Worker threads. Shards are transferred to them and back, never copied. The threads start, and load what they need,
 * as soon as the pool is made: make it early, and say with `prepare` what the work is once that is known.
 */
export class ThreadPool implements TaskPool {
  private readonly pool: Piscina<Task, Outcome>
  private context: unknown
  /** Threads that have loaded their code. */
  private readonly loaded = new Int32Array(new SharedArrayBuffer(4))

  /**
   * @param filename module whose default export is `workerMain(createProcessor)`
   * @param workers number of threads
   * @param handOver false where nobody takes a shard over from memory: it then stays in its thread.
   */
  constructor(
    filename: string,
    private readonly workers: number,
    private readonly handOver = true,
  ) {
    this.pool = new Piscina<Task, Outcome>({
      filename,
      minThreads: workers,
      maxThreads: workers,
      idleTimeout: Number.POSITIVE_INFINITY,
      workerData: this.loaded,
    })
  }

  /** What `createProcessor` gets where `run` is told nothing else; must come before the first `run`, and not change. */
  prepare(context: unknown): void {
    this.context = context
  }

  async run(
    role: WorkerRole,
    message: ShardMessage,
    memory: ShardMemory | undefined,
    context: unknown = this.context,
  ): Promise<ProcessResult> {
    const packed = memory === undefined ? undefined : packForTransfer(memory)
    const outcome = await this.pool.run(
      { context, role, message, memory: packed?.memory, handOver: this.handOver },
      { transferList: packed?.buffers ?? [] },
    )
    if (!outcome.ok) throw new StageError(outcome.failure)
    return outcome.result
  }

  /** Ends the threads, once they have loaded: Node.js aborts when a thread is ended in the middle of an import. */
  async close(): Promise<void> {
    const patience = performance.now() + LOADING_PATIENCE
    while (Atomics.load(this.loaded, 0) < this.workers && performance.now() < patience)
      await delay(5)
    await this.pool.destroy()
  }
}

import type { ShardMessage } from '@winnow/core'
import { Piscina } from 'piscina'
import { type Failure, StageError, toFailure } from './failure.js'
import type { ProcessResult, ShardProcessor, WorkerRole } from './processor.js'
import { packForTransfer, type ShardMemory } from './shard-memory.js'

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
  readonly role: WorkerRole
  readonly message: ShardMessage
  readonly memory: ShardMemory | undefined
}

type Outcome =
  | { readonly ok: true; readonly result: ProcessResult }
  | { readonly ok: false; readonly failure: Failure }

/** Worker threads. Shards are transferred to them and back, never copied. */
export class ThreadPool implements TaskPool {
  private readonly pool: Piscina<Task, Outcome>

  /**
   * @param filename module whose default export is `workerMain(createProcessor)`
   * @param workers number of threads
   * @param workerData handed to each thread once
   */
  constructor(filename: string, workers: number, workerData: unknown) {
    this.pool = new Piscina<Task, Outcome>({
      filename,
      minThreads: workers,
      maxThreads: workers,
      idleTimeout: Number.POSITIVE_INFINITY,
      workerData,
    })
  }

  async run(
    role: WorkerRole,
    message: ShardMessage,
    memory: ShardMemory | undefined,
  ): Promise<ProcessResult> {
    const packed = memory === undefined ? undefined : packForTransfer(memory)
    const outcome = await this.pool.run(
      { role, message, memory: packed?.memory },
      { transferList: packed?.buffers ?? [] },
    )
    if (!outcome.ok) throw new StageError(outcome.failure)
    return outcome.result
  }

  async close(): Promise<void> {
    await this.pool.destroy()
  }
}

/** The worker side of `ThreadPool`: makes each role's processor when it is first needed. */
export function workerMain(
  createProcessor: (role: WorkerRole) => Promise<ShardProcessor>,
): (task: Task) => Promise<unknown> {
  const processors = new Map<WorkerRole, Promise<ShardProcessor>>()
  return async ({ role, message, memory }) => {
    try {
      const processor = processors.get(role) ?? createProcessor(role)
      processors.set(role, processor)
      const result = await (await processor).process(message, memory)
      if (result.memory === undefined) return { ok: true, result } satisfies Outcome
      const packed = packForTransfer(result.memory)
      return movable({ ok: true, result: { ...result, memory: packed.memory } }, packed.buffers)
    } catch (error) {
      processors.delete(role)
      return { ok: false, failure: toFailure(error) } satisfies Outcome
    }
  }
}

function movable(outcome: Outcome, buffers: ArrayBuffer[]): unknown {
  return Piscina.move({
    get [Piscina.transferableSymbol]() {
      return buffers
    },
    get [Piscina.valueSymbol]() {
      return outcome
    },
  } as never)
}

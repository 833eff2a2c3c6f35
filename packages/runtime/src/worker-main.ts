import { workerData } from 'node:worker_threads'
import { LRUCache } from 'lru-cache'
import { Piscina } from 'piscina'
import { toFailure } from './failure.js'
import type { ShardProcessor, WorkerRole } from './processor.js'
import { packForTransfer } from './shard-memory.js'
import type { Outcome, Task } from './task-pool.js'

/** A run has a processor for each of its roles. */
const PROCESSORS_KEPT = 32

/** Tells the pool that this thread has loaded what it loads beforehand. To be called once in each thread. */
export function threadLoaded(): void {
  Atomics.add(workerData as Int32Array, 0, 1)
}

/**
 * The worker side of `ThreadPool`: makes the processor of a role and run when it is first needed, and keeps those of the
 * last few runs.
 */
export function workerMain(
  createProcessor: (role: WorkerRole, context: unknown) => Promise<ShardProcessor>,
): (task: Task) => Promise<unknown> {
  const processors = new LRUCache<string, ShardProcessor>({ max: PROCESSORS_KEPT })
  return async ({ role, message, memory, context, handOver }) => {
    try {
      const name = `${role} ${message.run}`
      let processor = processors.get(name)
      if (processor === undefined) {
        processor = await createProcessor(role, context)
        processors.set(name, processor)
      }
      const result = await processor.process(message, memory)
      const { memory: shard, ...rest } = result
      if (shard === undefined || !handOver) return { ok: true, result: rest } satisfies Outcome
      const packed = packForTransfer(shard)
      return movable({ ok: true, result: { ...rest, memory: packed.memory } }, packed.buffers)
    } catch (error) {
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

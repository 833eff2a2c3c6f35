import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { type RunConfig, ThreadPool } from '@winnow/runtime'

/** Worker threads for a run: as many as the settings say, or one per core. */
export function workerCount({ workers }: Pick<RunConfig, 'workers'>): number {
  return workers ?? availableParallelism()
}

/**
 * Starts the worker threads. They load extraction at once, while the caller still plans. `handOver`: whether shards are sent
 * back, for the next stage on this machine.
 */
export function startWorkers(config: Pick<RunConfig, 'workers'>, handOver = true): ThreadPool {
  const { resolve } = createRequire(import.meta.url)
  return new ThreadPool(resolve('@winnow/cli/worker'), workerCount(config), handOver)
}

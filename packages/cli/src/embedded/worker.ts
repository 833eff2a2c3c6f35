import {
  LiveCounters,
  type RunConfig,
  type ShardProcessor,
  threadLoaded,
  type WorkerRole,
  workerMain,
} from '@winnow/runtime/worker'
import { LocalStore } from '@winnow/storage'
import { createProcessor } from './processors.js'

/** What the main thread tells each worker thread. */
export interface WorkerContext {
  readonly config: RunConfig
  /** The output folder. */
  readonly folder: string
  /** Memory of the main thread's `LiveCounters`. */
  readonly counters: SharedArrayBuffer
}

// Every run begins with extraction: its code loads while the main thread still plans. It is awaited, since a thread
// that waits for its first task does nothing else.
await Promise.all([import('@winnow/extractor'), import('./screening.js')])
threadLoaded()

export default workerMain((role: WorkerRole, context: unknown): Promise<ShardProcessor> => {
  const { config, folder, counters } = context as WorkerContext
  const store = new LocalStore(folder)
  return createProcessor(role, { config, store, counters: new LiveCounters(counters) })
})

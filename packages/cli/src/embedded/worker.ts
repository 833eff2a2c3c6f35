import { hashReady } from '@winnow/core'
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
  /** The output folder, and that of the duplicate index. */
  readonly folder: string
  readonly index: string
  /** Memory of the main thread's `LiveCounters`. */
  readonly counters: SharedArrayBuffer
}

const run = workerMain((role: WorkerRole, context: unknown): Promise<ShardProcessor> => {
  const { config, folder, index, counters } = context as WorkerContext
  return createProcessor(role, {
    config,
    store: new LocalStore(folder),
    index: new LocalStore(index),
    counters: new LiveCounters(counters),
  })
})

/**
 * Every run begins with extraction: its code loads while the main thread still plans. It is waited for, since a thread
 * that waits for its first task does nothing else.
 */
async function load(): Promise<typeof run> {
  await Promise.all([hashReady, import('@winnow/extractor'), import('./screening.js')])
  threadLoaded()
  return run
}

export default load()

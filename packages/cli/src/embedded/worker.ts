import { hashReady } from '@winnow/core'
import {
  LiveCounters,
  type RunConfig,
  type ShardProcessor,
  threadLoaded,
  type WorkerRole,
  workerMain,
} from '@winnow/runtime/worker'
import { openInput, openStore, type S3Settings } from '@winnow/storage'
import { createProcessor } from './processors.js'

/** A place that a thread can open for itself. */
export interface StoreAddress {
  /** `s3://bucket/prefix`, or a folder. */
  readonly uri: string
  readonly s3?: S3Settings | undefined
}

/** What the main thread tells each worker thread. */
export interface WorkerContext {
  readonly config: RunConfig
  /** Where the run writes, and where the duplicate index is. */
  readonly store: StoreAddress
  readonly index: StoreAddress
  /** Memory of the main thread's `LiveCounters`. */
  readonly counters: SharedArrayBuffer
}

const run = workerMain(async (role: WorkerRole, context: unknown): Promise<ShardProcessor> => {
  const { config, store, index, counters } = context as WorkerContext
  return createProcessor(role, {
    config,
    store: await openStore(store.uri, { s3: store.s3 }),
    index: await openStore(index.uri, { s3: index.s3 }),
    openInput: (uri) => openInput(uri, { s3: store.s3 }),
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

import { workerData } from 'node:worker_threads'
import { type ShardProcessor, type WorkerRole, workerMain } from '@winnow/runtime'
import { LocalStore } from '@winnow/storage'
import type { ProcessorContext } from './processors.js'
import { createProcessor } from './processors.js'

/** What the main thread hands each worker thread. */
export type WorkerInput = Omit<ProcessorContext, 'store'> & { readonly folder: string }

const { folder, ...context } = workerData as WorkerInput
const store = new LocalStore(folder)

export default workerMain(
  (role: WorkerRole): Promise<ShardProcessor> => createProcessor(role, { ...context, store }),
)

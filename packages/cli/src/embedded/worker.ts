import { type ShardProcessor, type WorkerRole, workerMain } from '@winnow/runtime/worker'
import { LocalStore } from '@winnow/storage'
import { createProcessor, type ProcessorContext } from './processors.js'

/** What the main thread tells each worker thread. */
export interface WorkerContext extends Omit<ProcessorContext, 'store'> {
  /** The output folder. */
  readonly folder: string
}

// Every run begins with extraction: its code loads while the main thread still plans.
void import('@winnow/extractor')
void import('./screening.js')

export default workerMain((role: WorkerRole, context: unknown): Promise<ShardProcessor> => {
  const { folder, ...rest } = context as WorkerContext
  return createProcessor(role, { ...rest, store: new LocalStore(folder) })
})

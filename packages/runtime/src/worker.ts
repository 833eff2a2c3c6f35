/** What runs in worker threads. It loads no schemas, no bus and no retries: threads start with every run. */
export * from './attribute-stage.js'
export type { RunConfig } from './config.js'
export * from './failure.js'
export * from './live-counters.js'
export * from './processor.js'
export * from './shard-memory.js'
export * from './worker-main.js'

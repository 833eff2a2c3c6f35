import type { ShardMessage, VerdictCount } from '@winnow/core'
import type { ShardMemory } from './shard-memory.js'

/** The roles that work shard by shard and keep no state between shards. */
export const WORKER_ROLES = [
  'extractor',
  'quality-filter',
  'dedup-sign',
  'dedup-resolve',
  'decontaminator',
] as const
export type WorkerRole = (typeof WORKER_ROLES)[number]

/** What became of one shard in one role. */
export interface ProcessResult {
  /** The message for the next stage. */
  readonly message: ShardMessage
  /** The shard itself, for the next stage on this machine. */
  readonly memory?: ShardMemory
  /** Documents looked at and kept, and bytes read, for progress. */
  readonly documents: number
  readonly kept: number
  readonly bytes: number
  /** What the stage decided; absent where the role decides nothing, or did so before. */
  readonly verdicts?: readonly VerdictCount[]
}

/**
 * One role's work on one shard. Idempotent: the same message twice writes the same bytes under the same names.
 * `memory` is the shard as the stage before left it, when it is at hand; otherwise it is read from the store.
 */
export interface ShardProcessor {
  process(message: ShardMessage, memory: ShardMemory | undefined): Promise<ProcessResult>
}

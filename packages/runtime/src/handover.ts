import { memoryBytes, type ShardMemory } from './shard-memory.js'

/**
 * Shards on their way from one stage's worker to the next, so that they need not be read back from the store.
 * Bounded in bytes: what does not fit is forgotten, and the next stage reads its Parquet file instead.
 */
export class Handover {
  private readonly shards = new Map<string, { memory: ShardMemory; bytes: number }>()
  private bytes = 0

  constructor(private readonly maxBytes: number) {}

  put(shard: string, memory: ShardMemory): void {
    this.take(shard)
    const bytes = memoryBytes(memory)
    if (this.bytes + bytes > this.maxBytes) return
    this.shards.set(shard, { memory, bytes })
    this.bytes += bytes
  }

  /** Takes the shard out: its buffers go to a worker and are gone here. */
  take(shard: string): ShardMemory | undefined {
    const entry = this.shards.get(shard)
    if (entry === undefined) return undefined
    this.shards.delete(shard)
    this.bytes -= entry.bytes
    return entry.memory
  }
}

import type { ShardMessage } from '@winnow/core'
import { type DedupParameters, encodeKeyFile, signOptionsOf } from '@winnow/dedup'
import { sign } from '@winnow/kernel'
import {
  loadShard,
  type ProcessResult,
  type ShardMemory,
  type ShardProcessor,
  selectRows,
  stagesOf,
} from '@winnow/runtime/worker'
import { layout, type ObjectStore } from '@winnow/storage'

/** The `sign` role: makes the keys of the rows still kept and writes them as one key file. */
export class DedupSigner implements ShardProcessor {
  constructor(
    private readonly store: ObjectStore,
    private readonly parameters: DedupParameters,
  ) {}

  async process(message: ShardMessage, memory: ShardMemory | undefined): Promise<ProcessResult> {
    const keyFile = layout.keyFile(message.shard)
    const shard = memory ?? (await loadShard(this.store, message))
    const started = performance.now()
    const { rows, batch } = selectRows(shard.documents, stagesOf(shard))
    const bytes = batch.text.bytes.length
    if ((await this.store.head(keyFile)) === undefined) {
      const signatures = sign(batch.text, signOptionsOf(this.parameters))
      await this.store.put(keyFile, encodeKeyFile(signatures, batch.url, this.parameters, rows))
    }
    return {
      message: {
        ...message,
        keyFile,
        timings: {
          ...message.timings,
          sign: { seconds: (performance.now() - started) / 1000, documents: rows.length, bytes },
        },
      },
      memory: shard,
      documents: rows.length,
      kept: rows.length,
      bytes,
    }
  }
}

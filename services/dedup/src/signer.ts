import type { DocumentBatch, ShardMessage } from '@winnow/core'
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
      await this.store.put(keyFile, keyFileOf(rows, batch, this.parameters))
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

/** The key file of the rows that a shard still keeps. */
function keyFileOf(
  rows: Int32Array,
  batch: DocumentBatch,
  parameters: DedupParameters,
): Uint8Array {
  const signatures = sign(batch.text, signOptionsOf(parameters))
  return encodeKeyFile(signatures, batch.url, parameters, rows)
}

/** Writes the key file of a shard anew, from its documents and the attributes of the stages before deduplication. */
export async function signAgain(
  store: ObjectStore,
  parameters: DedupParameters,
  shard: string,
): Promise<void> {
  const attributes: ShardMessage['attributes'] = {}
  for (const stage of ['extract', 'quality'] as const) {
    const key = layout.attributes(stage, shard)
    if ((await store.head(key)) !== undefined) attributes[stage] = key
  }
  const documents = layout.documents(shard)
  const memory = await loadShard(store, { shard, documents, attributes })
  const { rows, batch } = selectRows(memory.documents, stagesOf(memory))
  await store.put(layout.keyFile(shard), keyFileOf(rows, batch, parameters))
}

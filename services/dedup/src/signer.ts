import type { DocumentBatch, ShardMessage } from '@winnow/core'
import {
  encodeKeyFile,
  encodePassageFile,
  hostColumn,
  type PassageOptions,
  passageKeys,
  signOptionsOf,
} from '@winnow/dedup'
import { sign } from '@winnow/kernel'
import {
  loadShard,
  type ProcessResult,
  type ShardMemory,
  type ShardProcessor,
  selectRows,
  stagesOf,
} from '@winnow/runtime/worker'
import { indexLayout, layout, type ObjectStore } from '@winnow/storage'
import { encodeRows, type IndexSettings } from './index-folder.js'

/** The `sign` role: makes the keys of the rows still kept and writes them into the index as one key file. */
export class DedupSigner implements ShardProcessor {
  /** @param store of the documents, `index` of the duplicate index. */
  constructor(
    private readonly store: ObjectStore,
    private readonly index: ObjectStore,
    private readonly settings: IndexSettings,
  ) {}

  async process(message: ShardMessage, memory: ShardMemory | undefined): Promise<ProcessResult> {
    const { run } = message
    const keyFile = indexLayout.keyFile(run, message.shard)
    const shard = memory ?? (await loadShard(this.store, message))
    const started = performance.now()
    const { rows, batch } = selectRows(shard.documents, stagesOf(shard))
    const bytes = batch.text.bytes.length
    if ((await this.index.head(keyFile)) === undefined)
      await putSigned(this.index, this.settings, { run, shard: message.shard }, rows, batch)
    return {
      message: {
        ...message,
        keyFile,
        signedRows: rows.length,
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

/** A shard of a run. */
export interface RunShard {
  readonly run: string
  readonly shard: string
}

/** Writes the files of the rows that a shard still keeps, the key file last: where that is, the others are. */
async function putSigned(
  index: ObjectStore,
  { parameters, passages }: IndexSettings,
  { run, shard }: RunShard,
  rows: Int32Array,
  batch: DocumentBatch,
): Promise<void> {
  const signatures = sign(batch.text, signOptionsOf(parameters))
  await index.put(indexLayout.rows(run, shard), encodeRows(batch, shard))
  if (passages !== undefined)
    await index.put(indexLayout.passages(run, shard), passageFileOf(batch, passages))
  await index.put(
    indexLayout.keyFile(run, shard),
    encodeKeyFile(signatures, batch.url, parameters, rows),
  )
}

function passageFileOf({ text, url }: DocumentBatch, options: PassageOptions): Uint8Array {
  const hosts = options.scope === 'host' ? hostColumn(url) : undefined
  return encodePassageFile(passageKeys(text, hosts, options), options)
}

/** Writes the files of a shard anew, from its documents and the attributes of the stages before deduplication. */
export async function signAgain(
  store: ObjectStore,
  index: ObjectStore,
  settings: IndexSettings,
  { run, shard }: RunShard,
): Promise<void> {
  const attributes: ShardMessage['attributes'] = {}
  for (const stage of ['extract', 'quality'] as const) {
    const key = layout.attributes(stage, shard)
    if ((await store.head(key)) !== undefined) attributes[stage] = key
  }
  const documents = layout.documents(shard)
  const memory = await loadShard(store, { shard, documents, attributes })
  const { rows, batch } = selectRows(memory.documents, stagesOf(memory))
  await putSigned(index, settings, { run, shard }, rows, batch)
}

import { type Attributes, CorruptError, keptRows, type ShardMessage } from '@winnow/core'
import {
  loadShard,
  type ProcessResult,
  type ShardMemory,
  type ShardProcessor,
  stagesOf,
} from '@winnow/runtime/worker'
import { decodeAttributes, indexLayout, layout, type ObjectStore } from '@winnow/storage'
import { writeDedupAttributes } from './dedup-attributes.js'
import { decodeMatches, type IndexSettings } from './index-folder.js'
import type { LogView } from './log-view.js'
import { RowReader } from './row-reader.js'

/** The `resolve` role: writes what was decided about a shard as attributes/dedup, from its stored matches. */
export class DedupResolver implements ShardProcessor {
  private readonly rows: RowReader

  /** @param store of the documents, `index` of the duplicate index. */
  constructor(
    private readonly store: ObjectStore,
    private readonly index: ObjectStore,
    private readonly log: LogView,
    private readonly settings: Pick<IndexSettings, 'parameters'>,
  ) {
    this.rows = new RowReader(index)
  }

  async process(message: ShardMessage, memory: ShardMemory | undefined): Promise<ProcessResult> {
    const key = layout.attributes('dedup', message.shard)
    const shard = memory ?? (await loadShard(this.store, message))
    const earlier = stagesOf(shard)
    const seen = keptRows(shard.documents.rows, earlier)
    const attributes =
      (await this.existing(key)) ?? (await this.write(message, shard, Uint32Array.from(seen)))
    return {
      message: { ...message, attributes: { ...message.attributes, dedup: key } },
      memory: { ...shard, attributes: { ...shard.attributes, dedup: attributes } },
      documents: seen.length,
      kept: keptRows(shard.documents.rows, [...earlier, attributes]).length,
      bytes: 0,
    }
  }

  private async existing(key: string): Promise<Attributes | undefined> {
    if ((await this.store.head(key)) === undefined) return undefined
    return decodeAttributes(key, await this.store.get(key))
  }

  private async write(
    { run, shard }: ShardMessage,
    { documents }: ShardMemory,
    seen: Uint32Array,
  ): Promise<Attributes> {
    const log = await this.log.upTo(run, shard)
    const rows = log.find(run, shard)?.rows
    if (rows !== seen.length)
      throw new CorruptError(
        `the index knows shard ${shard} of this run with ${rows} documents, not ${seen.length}`,
        'an input changed since: choose another --out, so that it counts as another run',
      )
    const matches = indexLayout.matches(run, shard)
    const { decision } = await decodeMatches(matches, await this.index.get(matches), rows)
    const { store, settings } = this
    const target = { store, parameters: settings.parameters, log, rows: this.rows }
    return writeDedupAttributes(
      target,
      { run, shard },
      { decision, documentRow: seen, ids: documents.id },
    )
  }
}

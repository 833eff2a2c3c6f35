import { type Utf8Column, valueString } from '@winnow/core'
import type { OrderLog } from '@winnow/dedup'
import { indexLayout, type ObjectStore, openParquetObject, readUtf8Column } from '@winnow/storage'
import { LRUCache } from 'lru-cache'

/** Bytes of id columns kept in memory. */
const CACHE_BYTES = 64 << 20

/** Names documents by their ordinal, from the row files of the index. */
export class RowReader {
  private readonly columns = new LRUCache<string, Utf8Column>({
    maxSize: CACHE_BYTES,
    sizeCalculation: (column) => column.bytes.length + column.offsets.byteLength,
  })

  constructor(private readonly index: ObjectStore) {}

  /** Ids of the documents with these ordinals, which ascend. */
  async ids(log: OrderLog, ordinals: Float64Array): Promise<string[]> {
    const out: string[] = []
    for (const ordinal of ordinals) {
      const { run, shard, base } = log.locate(ordinal)
      out.push(valueString(await this.idsOf(run, shard), ordinal - base))
    }
    return out
  }

  /** The ids of a shard's rows. */
  async idsOf(run: string, shard: string): Promise<Utf8Column> {
    const key = indexLayout.rows(run, shard)
    const known = this.columns.get(key)
    if (known !== undefined) return known
    const column = await readUtf8Column(await openParquetObject(this.index, key), 'id')
    this.columns.set(key, column)
    return column
  }
}

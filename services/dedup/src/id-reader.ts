import { type Utf8Column, valueString } from '@winnow/core'
import type { OrderLog } from '@winnow/dedup'
import { layout, type ObjectStore, openParquetObject, readUtf8Column } from '@winnow/storage'
import { LRUCache } from 'lru-cache'
import type { KeyFileReader } from './key-file-reader.js'

/** Bytes of id columns kept in memory. */
const CACHE_BYTES = 64 << 20

/** Names documents by their ordinal: the id column of their document shard, read by range. */
export class IdReader {
  private readonly columns = new LRUCache<string, Utf8Column>({
    maxSize: CACHE_BYTES,
    sizeCalculation: (column) => column.bytes.length + column.offsets.byteLength,
  })

  constructor(
    private readonly store: ObjectStore,
    private readonly keyFiles: KeyFileReader,
  ) {}

  /** Ids of the documents with these ordinals, which ascend. */
  async ids(log: OrderLog, ordinals: Float64Array): Promise<string[]> {
    const records = await this.keyFiles.records(log, ordinals, 0)
    const out: string[] = []
    for (const [index, ordinal] of ordinals.entries()) {
      const { shard } = log.locate(ordinal)
      const column = await this.column(shard)
      out.push(valueString(column, records.documentRow[index] as number))
    }
    return out
  }

  /** The id column of a document shard. */
  async column(shard: string): Promise<Utf8Column> {
    const known = this.columns.get(shard)
    if (known !== undefined) return known
    const column = await readUtf8Column(
      await openParquetObject(this.store, layout.documents(shard)),
      'id',
    )
    this.columns.set(shard, column)
    return column
  }
}

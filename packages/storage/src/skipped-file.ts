import { utf8Column } from '@winnow/core'
import { openParquet, readRows } from './parquet-reader.js'
import { writeParquet } from './parquet-writer.js'

/** Metadata of a shard's Parquet files: the URI of the crawl file, and the shard's id. */
export const SOURCE_METADATA = 'winnow.source'
export const SHARD_METADATA = 'winnow.shard'

/** A record of a crawl shard that became no document, and why. `position` as in a document. */
export interface SkippedRecord {
  readonly url: string
  readonly position: number
  readonly recordType: string
  readonly reason: string
  readonly detail: string
}

/** The records of a crawl shard that are not pages or were broken, as Parquet, for `winnow explain`. */
export function encodeSkipped(
  records: readonly SkippedRecord[],
  metadata: Record<string, string>,
): Uint8Array {
  const column = (name: 'recordType' | 'reason' | 'detail') => records.map((record) => record[name])
  return writeParquet(
    [
      { name: 'url', kind: 'utf8', values: utf8Column(records.map((r) => r.url)), optional: true },
      { name: 'position', kind: 'int64', values: Float64Array.from(records, (r) => r.position) },
      { name: 'record_type', kind: 'strings', values: column('recordType') },
      { name: 'reason', kind: 'strings', values: column('reason') },
      { name: 'detail', kind: 'strings', values: column('detail'), optional: true },
    ],
    metadata,
  )
}

export async function decodeSkipped(name: string, bytes: Uint8Array): Promise<SkippedRecord[]> {
  const file = openParquet(name, bytes)
  const rows = await readRows(file, ['url', 'position', 'record_type', 'reason', 'detail'])
  return rows.map((row) => ({
    url: (row.url as string | null) ?? '',
    position: Number(row.position),
    recordType: row.record_type as string,
    reason: row.reason as string,
    detail: (row.detail as string | null) ?? '',
  }))
}

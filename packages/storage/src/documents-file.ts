import {
  DOCUMENT_TEXT_COLUMNS,
  type DocumentBatch,
  type DocumentTextColumn,
  strings,
  type Utf8Column,
} from '@winnow/core'
import { openParquet, readColumn, readUtf8Column } from './parquet-reader.js'
import { type ParquetColumn, writeParquet } from './parquet-writer.js'

const REPEATING: readonly DocumentTextColumn[] = ['source', 'language']
const OPTIONAL: readonly DocumentTextColumn[] = ['url', 'date', 'language', 'title']

/** A document shard as Parquet. */
export function encodeDocuments(
  batch: DocumentBatch,
  metadata: Record<string, string>,
): Uint8Array {
  return writeParquet(
    [
      ...DOCUMENT_TEXT_COLUMNS.map((name) => textColumn(batch, name)),
      { name: 'language_score', kind: 'float', values: batch.languageScore },
      { name: 'position', kind: 'int64', values: batch.position },
    ],
    metadata,
  )
}

/** The whole shard, or only some of its text columns (the others come back empty). */
export async function decodeDocuments(
  name: string,
  bytes: Uint8Array,
  only: readonly DocumentTextColumn[] = DOCUMENT_TEXT_COLUMNS,
): Promise<DocumentBatch> {
  const file = openParquet(name, bytes)
  const columns = {} as Record<DocumentTextColumn, Utf8Column>
  for (const column of DOCUMENT_TEXT_COLUMNS)
    columns[column] = only.includes(column)
      ? await readUtf8Column(file, column)
      : { offsets: new Int32Array(file.rows + 1), bytes: new Uint8Array(0) }
  return {
    rows: file.rows,
    ...columns,
    languageScore: Float32Array.from((await readColumn(file, 'language_score')) as number[]),
    position: Float64Array.from((await readColumn(file, 'position')) as bigint[], Number),
  }
}

/** The columns of a clean shard, in file order. */
export const CLEAN_COLUMNS = ['id', 'url', 'date', 'language', 'title', 'text', 'source'] as const

/** A clean shard as Parquet: documents that every stage kept, cuts applied. */
export function encodeCleanParquet(
  batch: DocumentBatch,
  metadata: Record<string, string>,
): Uint8Array {
  return writeParquet(
    CLEAN_COLUMNS.map((name) => textColumn(batch, name)),
    metadata,
  )
}

/** A clean shard as JSON lines; absent values are null. */
export function encodeCleanJsonl(batch: DocumentBatch): Uint8Array {
  const columns = CLEAN_COLUMNS.map((name) => [name, strings(batch[name])] as const)
  const lines: string[] = []
  for (let row = 0; row < batch.rows; row++) {
    const record: Record<string, string | null> = {}
    for (const [name, values] of columns) {
      const value = values[row] as string
      record[name] = value === '' && OPTIONAL.includes(name) ? null : value
    }
    lines.push(JSON.stringify(record))
  }
  return Buffer.from(lines.length === 0 ? '' : `${lines.join('\n')}\n`)
}

function textColumn(batch: DocumentBatch, name: DocumentTextColumn): ParquetColumn {
  const optional = OPTIONAL.includes(name)
  return REPEATING.includes(name)
    ? { name, kind: 'strings', values: strings(batch[name]), optional }
    : { name, kind: 'utf8', values: batch[name], optional }
}

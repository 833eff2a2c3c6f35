import { type CrawlShard, InputError } from '@winnow/core'
import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  type RowGroup,
} from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import type { CrawlItem } from './items.js'
import { rowItem, wantedFields } from './rows.js'
import type { RandomAccess } from './source.js'

/** Bounds of splits that hold whole row groups, about `splitBytes` each; first 0, last the file's size. */
export async function planRowGroups(source: RandomAccess, splitBytes: number): Promise<number[]> {
  const metadata = await readMetadata(source)
  const bounds = [0]
  for (const group of metadata.row_groups) {
    const start = groupStart(group)
    if (start - (bounds[bounds.length - 1] as number) >= splitBytes) bounds.push(start)
  }
  return [...bounds, source.size]
}

/**
 * Documents of the row groups that begin inside the split; positions are row numbers.
 * @throws InputError when the footer cannot be read or the text column is not there
 */
export async function* readParquet(
  source: RandomAccess,
  shard: CrawlShard,
  textField: string,
): AsyncGenerator<CrawlItem> {
  const metadata = await readMetadata(source)
  const columns = chooseColumns(source, metadata, textField)
  const file = asyncBuffer(source)
  let rowStart = 0
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows)
    const start = groupStart(group)
    if (start >= shard.offset && start < shard.offset + shard.length) {
      const rows = await readGroup({ file, metadata, columns, rowStart, rowEnd })
      if (typeof rows === 'string') yield* brokenRows(rowStart, rowEnd, rows)
      else for (const [i, row] of rows.entries()) yield rowItem(row, rowStart + i, textField, 'row')
    }
    rowStart = rowEnd
  }
}

/** The rows of a group, or what is wrong with it. */
async function readGroup(range: {
  file: AsyncBuffer
  metadata: FileMetaData
  columns: string[]
  rowStart: number
  rowEnd: number
}): Promise<Record<string, unknown>[] | string> {
  try {
    return await parquetReadObjects({ ...range, compressors })
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Row groups that claim more rows than this and cannot be read are believed to lie, and count as one. */
const MOST_BROKEN_ROWS = 1 << 22

/** A skipped record for each row of a group that cannot be read, so that the counts add up. */
function* brokenRows(rowStart: number, rowEnd: number, message: string): Generator<CrawlItem> {
  const end = rowEnd - rowStart > MOST_BROKEN_ROWS ? rowStart + 1 : rowEnd
  const detail = `rows ${rowStart} to ${rowEnd - 1}: ${message}`
  for (let position = rowStart; position < end; position++)
    yield { kind: 'skipped', url: '', position, recordType: 'row', reason: 'broken_rows', detail }
}

async function readMetadata(source: RandomAccess): Promise<FileMetaData> {
  try {
    return await parquetMetadataAsync(asyncBuffer(source))
  } catch (error) {
    throw new InputError(
      `${source.uri} is no readable Parquet file: ${(error as Error).message}`,
      'Its footer is damaged or cut off: fetch the file again.',
      error,
    )
  }
}

function chooseColumns(source: RandomAccess, metadata: FileMetaData, textField: string): string[] {
  const names = topLevelColumns(metadata)
  if (!names.includes(textField))
    throw new InputError(
      `${source.uri} has no column "${textField}"`,
      `Name the text column with --text-field. Columns found: ${names.join(', ') || 'none'}.`,
    )
  const wanted = new Set(wantedFields(textField))
  return names.filter((name) => wanted.has(name))
}

/** Names one level below the root; the schema is a tree in depth-first order. */
function topLevelColumns(metadata: FileMetaData): string[] {
  const names: string[] = []
  const { schema } = metadata
  for (let i = 1; i < schema.length; ) {
    names.push(schema[i]?.name ?? '')
    let open = 1
    while (open > 0 && i < schema.length) open += (schema[i++]?.num_children ?? 0) - 1
  }
  return names
}

/** Where a group's data begins: the dictionary or data page of its first column. */
function groupStart(group: RowGroup): number {
  let start = Number.POSITIVE_INFINITY
  for (const { meta_data: column } of group.columns) {
    if (column === undefined) continue
    const first = column.dictionary_page_offset || column.data_page_offset
    start = Math.min(start, Number(first), Number(column.data_page_offset))
  }
  return start
}

function asyncBuffer(source: RandomAccess): AsyncBuffer {
  return {
    byteLength: source.size,
    slice: async (start, end = source.size) => {
      const from = start < 0 ? source.size + start : start
      const bytes = await source.read(from, end - from)
      return bytes.buffer.slice(
        bytes.byteOffset,
        bytes.byteOffset + bytes.byteLength,
      ) as ArrayBuffer
    },
  }
}

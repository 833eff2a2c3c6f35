import { CorruptError, Utf8Builder, type Utf8Column } from '@winnow/core'
import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadata,
  parquetMetadataAsync,
  parquetRead,
  parquetReadObjects,
} from 'hyparquet'
import type { ObjectStore } from './object-store.js'

/** A Parquet file, opened: in memory, or in a store of which only the columns asked for are read. */
export interface ParquetFile {
  readonly name: string
  readonly rows: number
  readonly columns: readonly string[]
  readonly metadata: Readonly<Record<string, string>>
  readonly source: AsyncBuffer
  readonly footer: FileMetaData
}

/** Parses the footer. Throws CorruptError when `bytes` is no Parquet file. */
export function openParquet(name: string, bytes: Uint8Array): ParquetFile {
  const buffer = bytes.buffer.slice(
    bytes.byteOffset,
    bytes.byteOffset + bytes.byteLength,
  ) as ArrayBuffer
  let footer: FileMetaData
  try {
    footer = parquetMetadata(buffer)
  } catch (error) {
    throw unreadable(name, error)
  }
  return describe(
    name,
    { byteLength: buffer.byteLength, slice: (a, b) => buffer.slice(a, b) },
    footer,
  )
}

/** Bytes read from the end of an object to find its footer. */
const FOOTER_BYTES = 64 << 10

/** Opens an object by range reads. Throws CorruptError when it is no Parquet file, StorageError when it is absent. */
export async function openParquetObject(store: ObjectStore, key: string): Promise<ParquetFile> {
  const info = await store.head(key)
  if (info === undefined) return openParquet(key, await store.get(key))
  const source: AsyncBuffer = {
    byteLength: info.size,
    slice: async (start, end = info.size) => {
      const bytes = await store.read(key, start, end - start)
      return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer
    },
  }
  let footer: FileMetaData
  try {
    footer = await parquetMetadataAsync(source, { initialFetchSize: FOOTER_BYTES })
  } catch (error) {
    throw unreadable(key, error)
  }
  return describe(key, source, footer)
}

function unreadable(name: string, cause: unknown): CorruptError {
  return new CorruptError(
    `${name} is no readable Parquet file`,
    'delete it and the clean shard of the same name, then run the same command again',
    cause,
  )
}

function describe(name: string, source: AsyncBuffer, footer: FileMetaData): ParquetFile {
  return {
    name,
    rows: Number(footer.num_rows),
    columns: topLevelColumns(footer),
    metadata: Object.fromEntries(
      (footer.key_value_metadata ?? []).map(({ key, value }) => [key, value ?? '']),
    ),
    source,
    footer,
  }
}

/** One column as a value per row: strings (null where absent), numbers, or lists of numbers. */
export async function readColumn(file: ParquetFile, column: string): Promise<unknown[]> {
  return readValues(file, column, file.footer)
}

/** Several columns as one object per row. */
export function readRows(
  file: ParquetFile,
  columns: readonly string[],
): Promise<Record<string, unknown>[]> {
  return readColumns(file, columns, file.footer)
}

/** One text column as bytes, without making strings of it; null becomes empty. */
export async function readUtf8Column(file: ParquetFile, column: string): Promise<Utf8Column> {
  const values = await readValues(file, column, rawFooter(file.footer))
  const builder = new Utf8Builder(file.rows, 64)
  for (const value of values) builder.appendBytes((value as Uint8Array | null) ?? EMPTY)
  return builder.finish()
}

const EMPTY = new Uint8Array(0)

/** The values of one column, without making rows of them. */
async function readValues(
  file: ParquetFile,
  column: string,
  metadata: FileMetaData,
): Promise<unknown[]> {
  const values = new Array<unknown>(file.rows)
  await reading(file, [column], async () => {
    await parquetRead({
      file: file.source,
      metadata,
      columns: [column],
      utf8: metadata === file.footer,
      onChunk: ({ columnData, rowStart }) => {
        for (let i = 0; i < columnData.length; i++) values[rowStart + i] = columnData[i]
      },
    })
  })
  return values
}

function readColumns(
  file: ParquetFile,
  columns: readonly string[],
  metadata: FileMetaData,
): Promise<Record<string, unknown>[]> {
  return reading(file, columns, () =>
    parquetReadObjects({
      file: file.source,
      metadata,
      columns: [...columns],
      utf8: metadata === file.footer,
    }),
  )
}

/** Reads columns that are there; what goes wrong names the file and what to do. */
async function reading<T>(
  file: ParquetFile,
  columns: readonly string[],
  read: () => Promise<T>,
): Promise<T> {
  const missing = columns.filter((column) => !file.columns.includes(column))
  if (missing.length > 0)
    throw new CorruptError(
      `${file.name} has no column ${missing.join(', ')}: it has ${file.columns.join(', ')}`,
      'it was written by another version: delete it and run the same command again',
    )
  try {
    return await read()
  } catch (error) {
    throw new CorruptError(
      `${file.name}: column ${columns.join(', ')} cannot be read`,
      'delete it and the clean shard of the same name, then run the same command again',
      error,
    )
  }
}

function topLevelColumns(footer: FileMetaData): string[] {
  const names: string[] = []
  let skip = 0
  for (const element of footer.schema.slice(1)) {
    if (skip > 0) skip--
    else names.push(element.name)
    skip += element.num_children ?? 0
  }
  return names
}

/** The footer with text columns declared as plain bytes, so that the reader hands out views instead of strings. */
function rawFooter(footer: FileMetaData): FileMetaData {
  return {
    ...footer,
    schema: footer.schema.map((element) => {
      if (element.type !== 'BYTE_ARRAY') return element
      const { converted_type, logical_type, ...raw } = element
      return raw
    }),
  } as FileMetaData
}

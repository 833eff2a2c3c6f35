import { rowCount, type Utf8Column, valueBytes } from '@winnow/core'
import { snappyCompress } from '@winnow/kernel'
import { ByteWriter, parquetWrite } from 'hyparquet-writer'
import type { ColumnSource } from 'hyparquet-writer/src/types.js'

/**
 * One column to write. `utf8` takes Arrow bytes, `strings` JavaScript strings;
 * `int32Lists` is a list of numbers per row, Arrow layout. `optional` writes empty strings and NaN as null.
 */
export type ParquetColumn = { readonly name: string; readonly optional?: boolean } & (
  | { readonly kind: 'utf8'; readonly values: Utf8Column }
  | { readonly kind: 'strings'; readonly values: readonly string[] }
  | { readonly kind: 'double'; readonly values: Float64Array }
  | { readonly kind: 'float'; readonly values: Float32Array }
  | { readonly kind: 'int64'; readonly values: Float64Array }
  | {
      readonly kind: 'int32Lists'
      readonly values: { offsets: Int32Array; values: Int32Array }
    }
)

/** Rows per row group: large enough to compress, small enough to read a shard in pieces. */
const ROW_GROUP_ROWS = 8192

/**
 * Encodes columns as one Parquet file: Snappy, plain encoding. The bytes depend on the columns alone.
 * No dictionaries: readers such as parquetjs-lite cannot take them in version 2 pages, and Snappy makes up for them.
 */
export function writeParquet(
  columns: readonly ParquetColumn[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const writer = new ByteWriter()
  parquetWrite({
    writer,
    columnData: columns.map(toColumnSource),
    schema: [{ name: 'schema', num_children: columns.length }, ...columns.flatMap(schemaElements)],
    rowGroupSize: ROW_GROUP_ROWS,
    compressors: { SNAPPY: snappyCompress },
    createdBy: 'winnow',
    kvMetadata: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  })
  return declareVersion1(writer.getBytes())
}

/**
 * Sets FileMetaData.version, the first field of the footer, from 2 to 1. Nothing in our files needs version 2, and
 * older readers (parquetjs-lite among them) refuse any other number.
 */
function declareVersion1(file: Uint8Array): Uint8Array {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const footer = file.length - 8 - view.getUint32(file.length - 8, true)
  const [i32Field, zigzag1, zigzag2] = [0x15, 0x02, 0x04]
  if (file[footer] === i32Field && file[footer + 1] === zigzag2) file[footer + 1] = zigzag1
  return file
}

type SchemaElement = import('hyparquet').SchemaElement

function schemaElements(column: ParquetColumn): SchemaElement[] {
  const repetition_type = column.optional ? 'OPTIONAL' : 'REQUIRED'
  const { name } = column
  switch (column.kind) {
    case 'utf8':
    case 'strings':
      return [
        {
          name,
          type: 'BYTE_ARRAY',
          converted_type: 'UTF8',
          logical_type: { type: 'STRING' },
          repetition_type,
        },
      ]
    case 'double':
      return [{ name, type: 'DOUBLE', repetition_type }]
    case 'float':
      return [{ name, type: 'FLOAT', repetition_type }]
    case 'int64':
      return [{ name, type: 'INT64', repetition_type }]
    case 'int32Lists':
      return [
        { name, repetition_type: 'REQUIRED', num_children: 1, converted_type: 'LIST' },
        { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
        { name: 'element', type: 'INT32', repetition_type: 'REQUIRED' },
      ]
  }
}

function toColumnSource(column: ParquetColumn): ColumnSource {
  const { name, optional } = column
  switch (column.kind) {
    case 'utf8': {
      const data = new Array<Uint8Array | null>(rowCount(column.values))
      for (let row = 0; row < data.length; row++) {
        const bytes = valueBytes(column.values, row)
        data[row] = optional && bytes.length === 0 ? null : bytes
      }
      return { name, data, encoding: 'PLAIN', statistics: false }
    }
    case 'strings':
      return {
        name,
        data: optional
          ? column.values.map((value) => (value === '' ? null : value))
          : [...column.values],
        encoding: 'PLAIN',
        statistics: false,
      }
    case 'double':
    case 'float':
      return {
        name,
        data: optional
          ? Array.from(column.values, (value) => (Number.isNaN(value) ? null : value))
          : column.values,
        encoding: 'PLAIN',
      }
    case 'int64':
      return { name, data: Array.from(column.values, (value) => BigInt(value)), encoding: 'PLAIN' }
    case 'int32Lists': {
      const { offsets, values } = column.values
      const data = new Array<number[]>(offsets.length - 1)
      for (let row = 0; row < data.length; row++)
        data[row] = Array.from(values.subarray(offsets[row], offsets[row + 1]))
      return { name, data, encoding: 'PLAIN' }
    }
  }
}

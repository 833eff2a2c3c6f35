import {
  DOCUMENT_TEXT_COLUMNS,
  type DocumentBatch,
  type DocumentTextColumn,
  type Utf8Column,
} from '@winnow/core'
import {
  Field,
  Float32,
  Float64,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  tableToIPC,
  Utf8,
} from 'apache-arrow'

/** A batch as an Arrow record batch over the very same buffers: nothing is copied. */
export function toRecordBatch(batch: DocumentBatch): RecordBatch {
  const fields = DOCUMENT_TEXT_COLUMNS.map((name) => new Field(name, new Utf8(), false))
  const children = DOCUMENT_TEXT_COLUMNS.map((name) => utf8Data(batch[name], batch.rows))
  const schema = new Schema([
    ...fields,
    new Field('language_score', new Float32(), false),
    new Field('position', new Float64(), false),
  ])
  return new RecordBatch(
    schema,
    makeData({
      type: new Struct(schema.fields),
      length: batch.rows,
      nullCount: 0,
      children: [
        ...children,
        makeData({ type: new Float32(), length: batch.rows, data: batch.languageScore }),
        makeData({ type: new Float64(), length: batch.rows, data: batch.position }),
      ],
    }),
  )
}

/** A batch over an Arrow record batch's buffers. Text columns that are missing come back empty. */
export function fromRecordBatch(record: RecordBatch): DocumentBatch {
  const columns = {} as Record<DocumentTextColumn, Utf8Column>
  for (const name of DOCUMENT_TEXT_COLUMNS) {
    const data = record.getChild(name)?.data[0]
    columns[name] =
      data === undefined
        ? { offsets: new Int32Array(record.numRows + 1), bytes: new Uint8Array(0) }
        : { offsets: data.valueOffsets as Int32Array, bytes: data.values as Uint8Array }
  }
  const numbers = (name: string) => record.getChild(name)?.data[0]?.values
  return {
    rows: record.numRows,
    ...columns,
    languageScore: (numbers('language_score') as Float32Array) ?? new Float32Array(record.numRows),
    position: (numbers('position') as Float64Array) ?? new Float64Array(record.numRows),
  }
}

/** A batch as an Arrow IPC stream, which pyarrow, DuckDB and pandas read without copying. */
export function encodeArrowStream(batch: DocumentBatch): Uint8Array {
  return tableToIPC(new Table([toRecordBatch(batch)]), 'stream')
}

function utf8Data(column: Utf8Column, rows: number) {
  return makeData({
    type: new Utf8(),
    length: rows,
    nullCount: 0,
    valueOffsets: column.offsets,
    data: column.bytes,
  })
}

import type { FileHandle } from 'node:fs/promises'
import { InputError } from '@winnow/core'
import type { RecordBatch, Schema } from 'apache-arrow'
import { startsWith } from './bytes.js'
import type { Layout } from './format.js'
import type { CrawlItem } from './items.js'
import { rowItem, wantedFields } from './rows.js'
import { type RandomAccess, ReadWindow } from './source.js'

const MAGIC = 'ARROW1'

/**
 * Documents of an Arrow IPC file or stream (Hugging Face datasets writes streams), batch by batch.
 * @throws InputError when it is compressed (its buffers or as a whole), has no text column, or no batch can be read
 */
export async function* readArrow(
  source: RandomAccess,
  layout: Layout,
  textField: string,
): AsyncGenerator<CrawlItem> {
  if (layout.compression !== 'none')
    throw new InputError(`${source.uri} is a compressed Arrow file`, 'Decompress it first.')
  const { RecordBatchReader } = await import('apache-arrow')
  const isFile = startsWith(await source.read(0, MAGIC.length), MAGIC)
  let row = 0
  try {
    const reader = isFile
      ? await RecordBatchReader.from(fileHandle(source))
      : await RecordBatchReader.from(new ReadWindow(source).chunks(0))
    await reader.open()
    checkColumns(source, reader.schema, textField)
    for await (const batch of reader) {
      yield* batchItems(batch, row, textField)
      row += batch.numRows
    }
  } catch (error) {
    if (error instanceof InputError) throw error
    const message = (error as Error).message
    if (row === 0)
      throw new InputError(
        `${source.uri} is no readable Arrow file: ${message}`,
        'Write it without buffer compression, or as Parquet.',
        error,
      )
    yield {
      kind: 'skipped',
      url: '',
      position: row,
      recordType: 'row',
      reason: 'broken_rows',
      detail: `rows from ${row} on: ${message}`,
    }
  }
}

/** Damaged streams open without a schema, whatever the types say. */
function checkColumns(source: RandomAccess, schema: Schema | undefined, textField: string): void {
  if (schema === undefined) throw new Error('there is no schema')
  const names = schema.fields.map((field) => field.name)
  if (names.includes(textField)) return
  throw new InputError(
    `${source.uri} has no column "${textField}"`,
    `Name the text column with --text-field. Columns found: ${names.join(', ') || 'none'}.`,
  )
}

function* batchItems(
  batch: RecordBatch,
  firstRow: number,
  textField: string,
): Generator<CrawlItem> {
  const columns = wantedFields(textField).flatMap((name) => {
    const column = batch.getChild(name)
    return column === null ? [] : [{ name, column }]
  })
  for (let i = 0; i < batch.numRows; i++) {
    const row: Record<string, unknown> = {}
    for (const { name, column } of columns) row[name] = column.get(i)
    yield rowItem(row, firstRow + i, textField, 'row')
  }
}

/** The part of Node's file handle that apache-arrow uses, so that it reads batch by batch from any source. */
function fileHandle(source: RandomAccess): FileHandle {
  const handle = {
    fd: -1,
    stat: async () => ({ size: source.size }),
    close: async () => {},
    read: async (buffer: Uint8Array, offset: number, length: number, position: number) => {
      const bytes = (await source.read(position, length)).subarray(0, length)
      // the library would ask for ever
      if (bytes.length === 0) throw new Error(`nothing can be read at ${position}`)
      buffer.set(bytes, offset)
      return { bytesRead: bytes.length, buffer }
    },
  }
  return handle as unknown as FileHandle
}

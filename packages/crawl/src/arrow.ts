import { InputError } from '@winnow/core'
import type { RecordBatch } from 'apache-arrow'
import { asBuffer, latin1, startsWith } from './bytes.js'
import type { Layout } from './format.js'
import type { CrawlItem } from './items.js'
import { rowItem, wantedFields } from './rows.js'
import { type RandomAccess, ReadWindow } from './source.js'

/** Magic and padding before the stream in the file format. */
const FILE_HEAD_BYTES = 8
const FILE_TAIL_BYTES = 10

/**
 * Documents of an Arrow IPC file or stream (Hugging Face datasets writes streams), batch by batch.
 * @throws InputError when it is compressed or unreadable from the start, or has no text column
 */
export async function* readArrow(
  source: RandomAccess,
  layout: Layout,
  textField: string,
): AsyncGenerator<CrawlItem> {
  if (layout.compression !== 'none')
    throw new InputError(`${source.uri} is a compressed Arrow file`, 'Decompress it first.')
  const { RecordBatchReader } = await import('apache-arrow')
  let row = 0
  let opened = false
  try {
    const reader = await RecordBatchReader.from(streamPart(source))
    for await (const batch of reader) {
      if (!opened) checkColumns(source, batch, textField)
      opened = true
      yield* batchItems(batch, row, textField)
      row += batch.numRows
    }
  } catch (error) {
    if (error instanceof InputError) throw error
    const message = (error as Error).message
    if (!opened)
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

function checkColumns(source: RandomAccess, batch: RecordBatch, textField: string): void {
  const names = batch.schema.fields.map((field) => field.name)
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

/** The stream inside: a file is magic, stream and footer, so both are read in the same way and bounded memory. */
async function* streamPart(source: RandomAccess): AsyncGenerator<Uint8Array> {
  const window = new ReadWindow(source)
  const isFile = startsWith(await window.at(0, FILE_HEAD_BYTES), 'ARROW1')
  const end = isFile ? await footerStart(source) : source.size
  for (let at = isFile ? FILE_HEAD_BYTES : 0; at < end; ) {
    const chunk = (await window.at(at, 1)).subarray(0, end - at)
    if (chunk.length === 0) return
    yield chunk
    at += chunk.length
  }
}

/** A file ends in its footer, the footer's length and `ARROW1`; one that is cut off is read as far as it goes. */
async function footerStart(source: RandomAccess): Promise<number> {
  const tail = await source.read(Math.max(0, source.size - FILE_TAIL_BYTES), FILE_TAIL_BYTES)
  if (tail.length < FILE_TAIL_BYTES || latin1(tail, 4) !== 'ARROW1') return source.size
  const start = source.size - FILE_TAIL_BYTES - asBuffer(tail).readInt32LE(0)
  return start > FILE_HEAD_BYTES ? start : source.size
}

import { rowCount, takeUtf8, Utf8Builder, type Utf8Column } from './columns.js'

/** The text columns of a document shard, in file order. */
export const DOCUMENT_TEXT_COLUMNS = [
  'id',
  'url',
  'date',
  'source',
  'language',
  'title',
  'text',
] as const
export type DocumentTextColumn = (typeof DOCUMENT_TEXT_COLUMNS)[number]

/**
 * A batch of documents in Arrow layout; every column has `rows` values.
 *
 * `id` is unique among pages; rows that bring an id of their own keep it. `url`, `date` (ISO 8601), `language` (ISO 639-1 where there is one) and `title`
 * are empty where unknown. `source` is the URI of the crawl file, and `position` where in it the record starts
 * (byte offset of the record or its gzip member; row number for Parquet). `languageScore` is 0 to 1.
 */
export interface DocumentBatch {
  readonly rows: number
  readonly id: Utf8Column
  readonly url: Utf8Column
  readonly date: Utf8Column
  readonly source: Utf8Column
  readonly language: Utf8Column
  readonly title: Utf8Column
  readonly text: Utf8Column
  readonly languageScore: Float32Array
  readonly position: Float64Array
}

/** One document as strings, for tests, small inputs and the edges of the system. */
export interface DocumentRow {
  id: string
  url?: string
  date?: string
  source?: string
  language?: string
  title?: string
  text: string
  languageScore?: number
  position?: number
}

/** Builds a batch from rows. */
export function documentBatch(rows: readonly DocumentRow[]): DocumentBatch {
  const builders = Object.fromEntries(
    DOCUMENT_TEXT_COLUMNS.map((name) => [name, new Utf8Builder(rows.length)]),
  ) as Record<DocumentTextColumn, Utf8Builder>
  for (const row of rows)
    for (const name of DOCUMENT_TEXT_COLUMNS) builders[name].append(row[name] ?? '')
  const columns = Object.fromEntries(
    DOCUMENT_TEXT_COLUMNS.map((name) => [name, builders[name].finish()]),
  ) as Record<DocumentTextColumn, Utf8Column>
  return {
    rows: rows.length,
    ...columns,
    languageScore: Float32Array.from(rows, (row) => row.languageScore ?? 0),
    position: Float64Array.from(rows, (row) => row.position ?? 0),
  }
}

/** The rows of `batch` named by `rows`, in that order. */
export function takeDocuments(batch: DocumentBatch, rows: Int32Array): DocumentBatch {
  const columns = Object.fromEntries(
    DOCUMENT_TEXT_COLUMNS.map((name) => [name, takeUtf8(batch[name], rows)]),
  ) as Record<DocumentTextColumn, Utf8Column>
  return {
    rows: rows.length,
    ...columns,
    languageScore: Float32Array.from(rows, (row) => batch.languageScore[row] as number),
    position: Float64Array.from(rows, (row) => batch.position[row] as number),
  }
}

/** `batch` with other text (after cuts, say). Throws RangeError when the row counts differ. */
export function withText(batch: DocumentBatch, text: Utf8Column): DocumentBatch {
  if (rowCount(text) !== batch.rows)
    throw new RangeError(`text has ${rowCount(text)} rows, the batch ${batch.rows}`)
  return { ...batch, text }
}

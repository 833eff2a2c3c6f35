import type { CrawlItem } from './items.js'

/** Columns that are taken over beside the text. `timestamp` and `created` stand for a missing `date`. */
export const ROW_FIELDS = ['id', 'url', 'date', 'language', 'title'] as const
const DATE_FIELDS = ['date', 'timestamp', 'created'] as const

/** Every column that `rowItem` may look at. */
export function wantedFields(textField: string): string[] {
  return [...new Set([textField, ...ROW_FIELDS, ...DATE_FIELDS])]
}

/** The document of one row of JSONL, Parquet or Arrow. */
export function rowItem(
  row: Readonly<Record<string, unknown>>,
  position: number,
  textField: string,
  recordType: 'line' | 'row',
): CrawlItem {
  const text = row[textField]
  const url = scalar(row.url)
  if (typeof text !== 'string') {
    const detail = text === undefined ? `no field ${textField}` : `${textField} is no string`
    return { kind: 'skipped', url, position, recordType, reason: 'no_text_field', detail }
  }
  if (text.trim() === '')
    return { kind: 'skipped', url, position, recordType, reason: 'empty', detail: '' }
  const id = scalar(row.id)
  const date = scalar(DATE_FIELDS.map((field) => row[field]).find((value) => value != null))
  const language = scalar(row.language)
  const title = scalar(row.title)
  return {
    kind: 'document',
    text,
    position,
    ...(id === '' ? {} : { id }),
    ...(url === '' ? {} : { url }),
    ...(date === '' ? {} : { date }),
    ...(language === '' ? {} : { language }),
    ...(title === '' ? {} : { title }),
  }
}

/** Strings, numbers and dates as text; anything else as ''. */
function scalar(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  return value instanceof Date && !Number.isNaN(value.getTime()) ? value.toISOString() : ''
}

import {
  type Attributes,
  reasonOf,
  type Utf8Column,
  VERDICT_NAMES,
  type VerdictName,
} from '@winnow/core'
import { openParquet, readColumn } from './parquet-reader.js'
import { type ParquetColumn, writeParquet } from './parquet-writer.js'

const FIXED = ['id', 'verdict', 'reason', 'detail', 'spans']

/**
 * A stage's attributes as Parquet: the document's `id`, `verdict`, `reason` (null when kept), `detail`, `spans` (pairs of byte offsets
 * into the UTF-8 text), then the stage's labels and metrics as columns of their own.
 */
export function encodeAttributes(
  id: Utf8Column,
  attributes: Attributes,
  metadata: Record<string, string>,
): Uint8Array {
  const { rows } = attributes
  const columns: ParquetColumn[] = [
    { name: 'id', kind: 'utf8', values: id },
    {
      name: 'verdict',
      kind: 'strings',
      values: Array.from(attributes.verdict, (code) => VERDICT_NAMES[code] as string),
    },
    {
      name: 'reason',
      kind: 'strings',
      optional: true,
      values: Array.from({ length: rows }, (_, row) => reasonOf(attributes, row)),
    },
    { name: 'detail', kind: 'strings', optional: true, values: attributes.detail },
    { name: 'spans', kind: 'int32Lists', values: attributes.spans },
  ]
  for (const [name, values] of Object.entries(attributes.labels))
    columns.push({ name, kind: 'strings', optional: true, values })
  for (const [name, values] of Object.entries(attributes.metrics))
    columns.push({ name, kind: 'double', optional: true, values })
  return writeParquet(columns, {
    ...metadata,
    'winnow.labels': Object.keys(attributes.labels).join(','),
  })
}

export async function decodeAttributes(name: string, bytes: Uint8Array): Promise<Attributes> {
  const file = openParquet(name, bytes)
  const { rows } = file
  const verdicts = (await readColumn(file, 'verdict')) as VerdictName[]
  const reasonNames = (await readColumn(file, 'reason')) as (string | null)[]
  const reasons = ['']
  const codes = new Map([['', 0]])
  const reasonCode = new Uint16Array(rows)
  for (let row = 0; row < rows; row++) {
    const reason = reasonNames[row] ?? ''
    let code = codes.get(reason)
    if (code === undefined) {
      code = reasons.length
      codes.set(reason, code)
      reasons.push(reason)
    }
    reasonCode[row] = code
  }
  const labelNames = (file.metadata['winnow.labels'] ?? '').split(',').filter((x) => x !== '')
  const labels: Record<string, string[]> = {}
  const metrics: Record<string, Float64Array> = {}
  for (const column of file.columns) {
    if (FIXED.includes(column)) continue
    const values = await readColumn(file, column)
    if (labelNames.includes(column))
      labels[column] = values.map((value) => (value as string | null) ?? '')
    else metrics[column] = Float64Array.from(values, (value) => (value as number | null) ?? NaN)
  }
  return {
    rows,
    verdict: Uint8Array.from(verdicts, (verdict) => VERDICT_NAMES.indexOf(verdict)),
    reasons,
    reasonCode,
    detail: ((await readColumn(file, 'detail')) as (string | null)[]).map((value) => value ?? ''),
    spans: toSpans((await readColumn(file, 'spans')) as (number[] | null)[]),
    metrics,
    labels,
  }
}

function toSpans(lists: readonly (number[] | null)[]): Attributes['spans'] {
  const offsets = new Int32Array(lists.length + 1)
  const values: number[] = []
  lists.forEach((list, row) => {
    values.push(...(list ?? []))
    offsets[row + 1] = values.length
  })
  return { offsets, values: Int32Array.from(values) }
}

import { type Attributes, documentId, hash64Hex, type Stage, valueString } from '@winnow/core'
import { canonicalUrl } from '@winnow/dedup'
import {
  decodeAttributes,
  decodeSkipped,
  layout,
  type ObjectStore,
  openParquet,
  openParquetObject,
  readRows,
  readUtf8Column,
  type SkippedRecord,
  SOURCE_METADATA,
} from '@winnow/storage'

/** A document of the corpus: where it stands, and what it is. */
export interface FoundDocument {
  readonly shard: string
  readonly row: number
  readonly id: string
  readonly url: string
  readonly title: string
  readonly date: string
  readonly source: string
  readonly position: number
  readonly language: string
  readonly languageScore: number
}

/** A record that became no document. */
export interface FoundRecord extends SkippedRecord {
  readonly shard: string
}

const MOST_FOUND = 50

/** Finds documents by id or URL, the canonical forms of URLs compared. At most 50. */
export async function findDocuments(store: ObjectStore, query: string): Promise<FoundDocument[]> {
  const wanted = canonicalUrl(query)
  const found: FoundDocument[] = []
  for await (const { key } of store.list('documents/')) {
    const file = await openParquetObject(store, key)
    const [ids, urls] = [await readUtf8Column(file, 'id'), await readUtf8Column(file, 'url')]
    const rows: number[] = []
    for (let row = 0; row < file.rows; row++) {
      const url = valueString(urls, row)
      const same =
        valueString(ids, row) === query ||
        url === query ||
        (wanted !== '' && canonicalUrl(url) === wanted)
      if (same) rows.push(row)
    }
    if (rows.length > 0) found.push(...(await describeRows(file, shardOf(key), rows)))
    if (found.length >= MOST_FOUND) break
  }
  return found.slice(0, MOST_FOUND)
}

async function describeRows(
  file: Awaited<ReturnType<typeof openParquetObject>>,
  shard: string,
  rows: readonly number[],
): Promise<FoundDocument[]> {
  const columns = ['id', 'url', 'title', 'date', 'source', 'position', 'language', 'language_score']
  const records = await readRows(file, columns)
  return rows.map((row) => {
    const record = records[row] ?? {}
    const text = (name: string) => (record[name] as string | null) ?? ''
    return {
      shard,
      row,
      id: text('id'),
      url: text('url'),
      title: text('title'),
      date: text('date'),
      source: text('source'),
      position: Number(record.position),
      language: text('language'),
      languageScore: Number(record.language_score),
    }
  })
}

/** Finds records that became no document, by URL or by the id that a document at their place would have. At most 50. */
export async function findRecords(store: ObjectStore, query: string): Promise<FoundRecord[]> {
  const wanted = canonicalUrl(query)
  const found: FoundRecord[] = []
  for await (const { key } of store.list('skipped/')) {
    const bytes = await store.get(key)
    const uriHash = hash64Hex(openParquet(key, bytes).metadata[SOURCE_METADATA] ?? '')
    for (const record of await decodeSkipped(key, bytes)) {
      const { url, position } = record
      const same =
        (url !== '' && (url === query || (wanted !== '' && canonicalUrl(url) === wanted))) ||
        documentId(uriHash, position) === query
      if (same) found.push({ shard: shardOf(key), ...record })
      if (found.length >= MOST_FOUND) return found
    }
  }
  return found
}

/** The text of one document, as it was before any cut. */
export async function textOf(
  store: ObjectStore,
  { shard, row }: Pick<FoundDocument, 'shard' | 'row'>,
): Promise<string> {
  const file = await openParquetObject(store, layout.documents(shard))
  return valueString(await readUtf8Column(file, 'text'), row)
}

/** What one stage wrote about a shard, or undefined when it did not run. */
export async function attributesOf(
  store: ObjectStore,
  stage: Stage,
  shard: string,
): Promise<Attributes | undefined> {
  const key = layout.attributes(stage, shard)
  if ((await store.head(key)) === undefined) return undefined
  return decodeAttributes(key, await store.get(key))
}

function shardOf(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1, key.lastIndexOf('.'))
}

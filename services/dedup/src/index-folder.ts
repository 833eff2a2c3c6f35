import { CorruptError, type DocumentBatch, UsageError, valueBytes } from '@winnow/core'
import {
  type Decision,
  type DedupParameters,
  dedupParameters,
  type Edges,
  FAMILY_REASONS,
  fingerprint,
  type LoggedShard,
  type PassageOptions,
  passageFingerprint,
  passageOptions,
  requireSameFingerprint,
  SOME_EARLIER,
} from '@winnow/dedup'
import {
  indexLayout,
  type ObjectStore,
  openParquet,
  openParquetObject,
  readColumn,
  SHARD_METADATA,
  writeParquet,
} from '@winnow/storage'

/** `exact` knows the earlier documents of a key; `bloom` only that there were some, in a quarter of the memory. */
export type IndexKind = 'exact' | 'bloom'

/** What index.json says. */
export interface IndexManifest {
  readonly schema: 1
  readonly kind: IndexKind
  /** Documents that a bloom index was made for. */
  readonly expectedDocuments: number | null
  readonly parameters: DedupParameters
  /** How lines or paragraphs are deduplicated; null when they are not. */
  readonly passages: PassageOptions | null
}

/** What decides the verdicts of an index. */
export interface IndexSettings {
  /** `exact` when not given. */
  readonly kind?: IndexKind | undefined
  /** Documents that a new `bloom` index is made for; with more it goes on, with more memory a key. */
  readonly expectedDocuments?: number | undefined
  readonly parameters: DedupParameters
  readonly passages?: PassageOptions | undefined
}

/** The manifest of an index; undefined when there is none yet. Throws CorruptError when it cannot be read. */
export async function readManifest(index: ObjectStore): Promise<IndexManifest | undefined> {
  if ((await index.head(indexLayout.manifest)) === undefined) return undefined
  const text = Buffer.from(await index.get(indexLayout.manifest)).toString('utf8')
  try {
    const read = JSON.parse(text) as Partial<IndexManifest>
    const { schema, kind, parameters, passages } = read
    if (schema === 1 && (kind === 'exact' || kind === 'bloom') && typeof parameters === 'object')
      return {
        schema,
        kind,
        expectedDocuments: read.expectedDocuments ?? null,
        parameters: dedupParameters('default', parameters),
        passages: passages ? passageOptions(passages) : null,
      }
  } catch {
    // Said below.
  }
  throw new CorruptError(
    `${index.uri}/${indexLayout.manifest} is not what an index has there`,
    'put the file back, or start a new index in an empty folder',
  )
}

/**
 * Makes sure that an index was made with these parameters, or writes down that it is.
 *
 * Returns the settings with what the index was made for.
 *
 * @param begun the log is there already: an index that is written down last.
 *
 * @throws UsageError naming each parameter that differs.
 */
export async function requireParameters(
  index: ObjectStore,
  { kind = 'exact', expectedDocuments, parameters, passages }: IndexSettings,
  { begun = false } = {},
): Promise<IndexSettings> {
  const manifest = await readManifest(index)
  if (manifest !== undefined) {
    if (manifest.kind !== kind)
      throw new UsageError(
        `the index ${index.uri} is of the kind ${manifest.kind}, not ${kind}`,
        `Set the kind to ${manifest.kind}, or start a new index in an empty folder.`,
      )
    const where = `the index ${index.uri}`
    requireSameFingerprint(fingerprint(parameters), fingerprint(manifest.parameters), where)
    requireSameFingerprint(nameOf(passages), nameOf(manifest.passages), where)
    const made = manifest.expectedDocuments ?? undefined
    return { kind, expectedDocuments: made, parameters, passages }
  }
  if (!begun && (await index.head(indexLayout.orderLog)) !== undefined)
    throw new UsageError(
      `${index.uri} has an order log but no ${indexLayout.manifest}, so its parameters are not known`,
      'put the file back, or start a new index in an empty folder',
    )
  const content: IndexManifest = {
    schema: 1,
    kind,
    expectedDocuments: kind === 'bloom' ? (expectedDocuments ?? null) : null,
    parameters,
    passages: passages ?? null,
  }
  await index.put(indexLayout.manifest, Buffer.from(`${JSON.stringify(content, null, 2)}\n`))
  return { kind, expectedDocuments, parameters, passages }
}

function nameOf(passages: PassageOptions | null | undefined): string {
  return passages ? `${passageFingerprint(passages)} minKept=${passages.minKept}` : 'passages=off'
}

/** The rows of a key file as people know them: id, url, date and bytes of text of each. */
export function encodeRows(batch: DocumentBatch, shard: string): Uint8Array {
  const bytes = new Float64Array(batch.rows)
  for (let row = 0; row < batch.rows; row++) bytes[row] = valueBytes(batch.text, row).length
  return writeParquet(
    [
      { name: 'id', kind: 'utf8', values: batch.id },
      { name: 'url', kind: 'utf8', values: batch.url },
      { name: 'date', kind: 'utf8', values: batch.date },
      { name: 'bytes', kind: 'int64', values: bytes },
    ],
    { [SHARD_METADATA]: shard },
  )
}

/**
 * The pairs of a shard as Parquet: row in the key file, ordinal of the earlier document (-1: not known), reason, estimated Jaccard index, bands
 * shared, and whether it is the pair that decided about the row.
 */
export function encodeMatches(edges: Edges, decision: Decision, entry: LoggedShard): Uint8Array {
  const { count } = edges
  const decides = new Float64Array(count)
  for (let edge = 0; edge < count; edge++)
    if (decision.duplicateOf[edges.row[edge] as number] === edges.earlier[edge]) decides[edge] = 1
  return writeParquet(
    [
      { name: 'row', kind: 'int64', values: Float64Array.from(edges.row) },
      {
        name: 'earlier',
        kind: 'int64',
        values: edges.earlier.map((ordinal) => (ordinal === SOME_EARLIER ? -1 : ordinal)),
      },
      {
        name: 'reason',
        kind: 'strings',
        values: Array.from(edges.family, (family) => FAMILY_REASONS[family] as string),
      },
      { name: 'jaccard_estimate', kind: 'double', optional: true, values: edges.jaccard },
      { name: 'matched_bands', kind: 'int64', values: Float64Array.from(edges.bands) },
      { name: 'decides', kind: 'int64', values: decides },
    ],
    { [SHARD_METADATA]: entry.shard, 'winnow.run': entry.run, [LOG_METADATA]: entry.chain },
  )
}

/** `OrderLog.chain` up to and with the shard, in the metadata of its matches. */
const LOG_METADATA = 'winnow.log'

/** Whether there are stored pairs of a shard in its place in this very log. Files written before the chain was are believed. */
export async function hasMatches(
  index: ObjectStore,
  { run, shard, chain }: Pick<LoggedShard, 'run' | 'shard' | 'chain'>,
): Promise<boolean> {
  const key = indexLayout.matches(run, shard)
  if ((await index.head(key)) === undefined) return false
  try {
    const { metadata } = await openParquetObject(index, key)
    return (metadata[LOG_METADATA] ?? chain) === chain
  } catch (error) {
    if (error instanceof CorruptError) return false
    throw error
  }
}

/** What `encodeMatches` wrote. */
export interface StoredMatches {
  readonly edges: Edges
  readonly decision: Decision
}

/** Reads the stored pairs of a shard of `rows` rows. Throws CorruptError when they are not sound. */
export async function decodeMatches(
  name: string,
  bytes: Uint8Array,
  rows: number,
): Promise<StoredMatches> {
  const file = openParquet(name, bytes)
  const numbers = async (column: string): Promise<number[]> =>
    (await readColumn(file, column)).map((value) => Number(value ?? Number.NaN))
  const reasons: readonly string[] = FAMILY_REASONS
  const edges: Edges = {
    count: file.rows,
    row: Uint32Array.from(await numbers('row')),
    earlier: Float64Array.from(await numbers('earlier'), (ordinal) =>
      ordinal < 0 ? SOME_EARLIER : ordinal,
    ),
    family: Uint8Array.from(await readColumn(file, 'reason'), (reason) =>
      reasons.indexOf(reason as string),
    ),
    jaccard: Float64Array.from(await numbers('jaccard_estimate')),
    bands: Uint16Array.from(await numbers('matched_bands')),
  }
  const decides = await numbers('decides')
  const decision: Decision = {
    rows,
    duplicateOf: new Float64Array(rows).fill(-1),
    family: new Uint8Array(rows),
    jaccard: new Float64Array(rows).fill(Number.NaN),
    bands: new Uint16Array(rows),
  }
  for (let edge = 0; edge < edges.count; edge++) {
    const row = edges.row[edge] as number
    if (row >= rows || (edges.family[edge] as number) >= reasons.length)
      throw new CorruptError(
        `${name}: pair ${edge} is of row ${row} of ${rows}`,
        'delete the file and the snapshots of the index, then run the same command again',
      )
    if (decides[edge] !== 1) continue
    decision.duplicateOf[row] = edges.earlier[edge] as number
    decision.family[row] = edges.family[edge] as number
    decision.jaccard[row] = edges.jaccard[edge] as number
    decision.bands[row] = edges.bands[edge] as number
  }
  return { edges, decision }
}

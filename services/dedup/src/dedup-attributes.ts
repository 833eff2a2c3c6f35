import {
  type Attributes,
  CorruptError,
  rowCount,
  scatterAttributes,
  type Utf8Column,
  valueString,
} from '@winnow/core'
import { type Decision, type DedupParameters, dedupAttributes, type OrderLog } from '@winnow/dedup'
import {
  encodeAttributes,
  layout,
  type ObjectStore,
  openParquetObject,
  readUtf8Column,
  SHARD_METADATA,
} from '@winnow/storage'
import type { PassageCutter, ShardCuts } from './passage-cutter.js'
import type { RowReader } from './row-reader.js'
import type { RunShard } from './signer.js'

/** What the decisions of a run are written from and to. */
export interface AttributesTarget {
  readonly store: ObjectStore
  readonly parameters: DedupParameters
  readonly log: OrderLog
  readonly rows: RowReader
  readonly cutter: PassageCutter | undefined
}

/**
 * Writes attributes/dedup of a shard, for all rows of its documents: those never signed are `unseen`. Returns them.
 *
 * @param documentRow row in the document shard of each row decided.
 * @throws CorruptError when the documents are not those that the index knows.
 */
export async function writeDedupAttributes(
  { store, parameters, log, rows, cutter }: AttributesTarget,
  { run, shard }: RunShard,
  decision: Decision,
  documentRow: Uint32Array,
  cuts: ShardCuts | undefined,
): Promise<Attributes> {
  const part = await dedupAttributes(
    decision,
    parameters,
    (ordinals) => rows.ids(log, ordinals),
    (ordinal) => {
      const owner = log.locate(ordinal).run
      return owner === run ? '' : owner
    },
  )
  const ids = await readUtf8Column(await openParquetObject(store, layout.documents(shard)), 'id')
  requireSameDocuments(ids, documentRow, await rows.idsOf(run, shard), shard)
  const whole =
    cuts === undefined || cutter === undefined
      ? part
      : await cutter.cut(part, cuts, store, shard, documentRow)
  const attributes = scatterAttributes(whole, Int32Array.from(documentRow), rowCount(ids))
  const bytes = encodeAttributes(ids, attributes, { [SHARD_METADATA]: shard })
  await store.put(layout.attributes('dedup', shard), bytes)
  return attributes
}

/** Throws CorruptError when the rows that the index knows of a shard are not those of its documents. */
function requireSameDocuments(
  documents: Utf8Column,
  documentRow: Uint32Array,
  known: Utf8Column,
  shard: string,
): void {
  for (const [row, place] of documentRow.entries())
    if (place >= rowCount(documents) || valueString(documents, place) !== valueString(known, row))
      throw new CorruptError(
        `the index knows shard ${shard} of this run with other documents, first: ${valueString(known, row)}`,
        'an input changed since: choose another --out, so that it counts as another run',
      )
}

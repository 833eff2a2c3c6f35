import {
  type Attributes,
  CorruptError,
  rowCount,
  sameValue,
  scatterAttributes,
  type Utf8Column,
  valueString,
} from '@winnow/core'
import { type Decision, type DedupParameters, dedupAttributes, type OrderLog } from '@winnow/dedup'
import { encodeAttributes, layout, type ObjectStore, SHARD_METADATA } from '@winnow/storage'
import type { RowReader } from './row-reader.js'
import type { RunShard } from './signer.js'

/** What the decisions of a run are written from and to. */
export interface AttributesTarget {
  readonly store: ObjectStore
  readonly parameters: DedupParameters
  readonly log: OrderLog
  readonly rows: RowReader
}

/** What was decided about a shard. */
export interface ResolvedShard {
  readonly decision: Decision
  /** Row in the document shard of each row decided. */
  readonly documentRow: Uint32Array
  /** Ids of all documents of the shard. */
  readonly ids: Utf8Column
  /** Adds to the verdicts of the rows decided, as cuts do. */
  readonly cut?: ((verdicts: Attributes) => Promise<Attributes>) | undefined
}

/**
 * Writes attributes/dedup of a shard, for all rows of its documents: those never signed are `unseen`. Returns them.
 *
 * @throws CorruptError when the documents are not those that the index knows.
 */
export async function writeDedupAttributes(
  { store, parameters, log, rows }: AttributesTarget,
  { run, shard }: RunShard,
  { decision, documentRow, ids, cut }: ResolvedShard,
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
  requireSameDocuments(ids, documentRow, await rows.idsOf(run, shard), shard)
  const whole = cut === undefined ? part : await cut(part)
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
    if (place >= rowCount(documents) || !sameValue(documents, place, known, row))
      throw new CorruptError(
        `the index knows shard ${shard} of this run with other documents, first: ${valueString(known, row)}`,
        'an input changed since: choose another --out, so that it counts as another run',
      )
}

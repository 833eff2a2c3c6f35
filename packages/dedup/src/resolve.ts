import { type Attributes, AttributesBuilder } from '@winnow/core'
import { SOME_EARLIER } from './bloom-fold.js'
import { Family } from './candidates.js'
import type { Decision } from './decisions.js'
import type { DedupParameters } from './parameters.js'

/** Ids of documents by ordinal, in the order asked for. */
export type IdLookup = (ordinals: Float64Array) => readonly string[] | Promise<readonly string[]>

export const DEDUP_METRICS = ['jaccard_estimate', 'matched_bands'] as const
/** Label column that holds the id of the earlier document. */
export const DUPLICATE_OF = 'duplicate_of'
/** Label column that holds the name of the earlier document's run; '' when it is this one. */
export const DUPLICATE_RUN = 'duplicate_run'

/** Reasons by `Family`. */
export const FAMILY_REASONS = ['duplicate_url', 'duplicate_text', 'near_duplicate'] as const

/**
 * A shard's decision as attributes: verdict and reason, the metrics `jaccard_estimate` and `matched_bands`,
 * and the label `duplicate_of`.
 *
 * @param idsOf is asked once, for the distinct ordinals of the documents named.
 * @param runOf names the run of an earlier document, '' for this one. When given, there is a label `duplicate_run`.
 */
export async function dedupAttributes(
  decision: Decision,
  parameters: DedupParameters,
  idsOf: IdLookup,
  runOf?: (ordinal: number) => string,
): Promise<Attributes> {
  const labels = runOf === undefined ? [DUPLICATE_OF] : [DUPLICATE_OF, DUPLICATE_RUN]
  const builder = new AttributesBuilder(decision.rows, DEDUP_METRICS, labels)
  const named = Float64Array.from(
    new Set(decision.duplicateOf.filter((ordinal) => ordinal >= 0 && ordinal !== SOME_EARLIER)),
  ).sort()
  const ids = named.length === 0 ? [] : await idsOf(named)
  const idOf = new Map(Array.from(named, (ordinal, index) => [ordinal, ids[index] ?? '']))
  const jaccard = builder.metric('jaccard_estimate')
  const bands = builder.metric('matched_bands')
  for (let row = 0; row < decision.rows; row++) {
    const ordinal = decision.duplicateOf[row] as number
    if (ordinal < 0) continue
    const reason = FAMILY_REASONS[decision.family[row] as number] ?? 'near_duplicate'
    jaccard[row] = decision.jaccard[row] as number
    bands[row] = decision.bands[row] as number
    builder.drop(row, reason, describe(decision, row, parameters))
    if (ordinal === SOME_EARLIER) continue
    builder.label(row, DUPLICATE_OF, idOf.get(ordinal) ?? '')
    if (runOf !== undefined) builder.label(row, DUPLICATE_RUN, runOf(ordinal))
  }
  return builder.finish()
}

function describe(decision: Decision, row: number, { verify, bands }: DedupParameters): string {
  if (decision.family[row] === Family.url) return 'same canonical URL'
  if (decision.family[row] === Family.text) return 'same normalised text'
  if (Number.isNaN(decision.jaccard[row])) return 'same cluster, linked by other documents'
  const estimate = (decision.jaccard[row] as number).toFixed(3)
  const shared = `${decision.bands[row]} of ${bands} bands`
  return verify === 'off'
    ? `${shared} agree, not verified`
    : `estimated Jaccard ${estimate} >= ${verify}, ${shared} agree`
}

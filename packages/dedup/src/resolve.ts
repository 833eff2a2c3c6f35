import { type Attributes, AttributesBuilder } from '@winnow/core'
import { Family } from './candidates.js'
import type { Decision } from './decisions.js'
import type { DedupParameters } from './parameters.js'

/** Ids of documents by ordinal, in the order asked for. */
export type IdLookup = (ordinals: Float64Array) => readonly string[] | Promise<readonly string[]>

export const DEDUP_METRICS = ['jaccard_estimate', 'matched_bands'] as const
/** Label column that holds the id of the earlier document. */
export const DUPLICATE_OF = 'duplicate_of'

/** Reasons by `Family`. */
export const FAMILY_REASONS = ['duplicate_url', 'duplicate_text', 'near_duplicate'] as const

/**
 * A shard's decision as attributes: verdict and reason, the metrics `jaccard_estimate` and `matched_bands`,
 * and the label `duplicate_of`.
 *
 * @param idsOf is asked once, for the distinct ordinals of the documents named.
 */
export async function dedupAttributes(
  decision: Decision,
  parameters: DedupParameters,
  idsOf: IdLookup,
): Promise<Attributes> {
  const builder = new AttributesBuilder(decision.rows, DEDUP_METRICS, [DUPLICATE_OF])
  const named = Float64Array.from(
    new Set(decision.duplicateOf.filter((ordinal) => ordinal >= 0)),
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
    builder.label(row, DUPLICATE_OF, idOf.get(ordinal) ?? '')
  }
  return builder.finish()
}

function describe(decision: Decision, row: number, { verify, bands }: DedupParameters): string {
  if (decision.family[row] === Family.url) return 'same canonical URL'
  if (decision.family[row] === Family.text) return 'same normalised text'
  const estimate = (decision.jaccard[row] as number).toFixed(3)
  const shared = `${decision.bands[row]} of ${bands} bands`
  return verify === 'off'
    ? `${shared} agree, not verified`
    : `estimated Jaccard ${estimate} >= ${verify}, ${shared} agree`
}

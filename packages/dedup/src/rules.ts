import type { RuleDescription } from '@winnow/core'
import type { DedupParameters } from './parameters.js'

/** The rules of this stage as `winnow rules` lists them. */
export function dedupRules(parameters: DedupParameters): readonly RuleDescription[] {
  const { ngram, bands, rows, verify } = parameters
  const near = {
    reason: 'near_duplicate',
    stage: 'dedup',
    set: 'dedup',
    metric: 'jaccard_estimate',
    action: 'drop',
    description: `an earlier kept document shares a band of ${rows} minimums out of ${bands} over word ${ngram}-grams`,
    source: 'Broder 1997; FineWeb, arXiv 2406.17557; Lee et al., arXiv 2107.06499',
  } as const
  return [
    {
      reason: 'duplicate_url',
      stage: 'dedup',
      set: 'dedup',
      action: 'drop',
      description: 'an earlier kept document has the same canonical URL',
      source: 'RefinedWeb, arXiv 2306.01116',
    },
    {
      reason: 'duplicate_text',
      stage: 'dedup',
      set: 'dedup',
      action: 'drop',
      description: 'an earlier kept document has the same normalised text',
      source: 'CCNet, arXiv 1911.00359',
    },
    verify === 'off' ? near : { ...near, comparison: '>=', threshold: verify },
  ]
}

import type { RuleDescription } from '@winnow/core'
import { MATCH_DEFAULTS } from './options.js'

/** The reason of a document that holds an example of `benchmark`: `GSM8K test` -> `contaminated.gsm8k_test`. */
export function contaminatedReason(benchmark: string): string {
  const name = benchmark
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .replace(/^_+|_+$/g, '')
  return `contaminated.${name || 'unnamed'}`
}

const common = { stage: 'decontaminate', reason: 'contaminated.<benchmark>' } as const

/** The three modes as `winnow rules` lists them; one of them is chosen for a run. */
export const DECONTAMINATION_RULES: readonly RuleDescription[] = [
  {
    ...common,
    set: 'ngram',
    metric: 'matched_ngrams',
    comparison: '>=',
    threshold: 1,
    action: 'drop',
    description:
      'holds a 13-gram of a benchmark example, or the whole of an example of 8 to 12 tokens',
    source: 'GPT-3, arXiv 2005.14165, appendix C; Gopher, arXiv 2112.11446, A1.4',
  },
  {
    ...common,
    set: 'coverage',
    metric: 'coverage',
    comparison: '>=',
    threshold: MATCH_DEFAULTS.coverage,
    action: 'drop',
    description:
      'holds this share of an example’s tokens inside common 8-grams, in any order, and at least 13 of them',
    source: 'Llama 2, arXiv 2307.09288, appendix A.6 (share of contaminated tokens)',
  },
  {
    ...common,
    set: 'jaccard',
    metric: 'jaccard',
    comparison: '>',
    threshold: MATCH_DEFAULTS.jaccard,
    action: 'drop',
    description: 'Jaccard similarity of the 13-grams of document and example',
    source: 'Gopher, arXiv 2112.11446, A1.4',
  },
]

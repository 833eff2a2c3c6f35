import { UsageError } from '@winnow/core'

/** How a document is compared with an example; see `DECONTAMINATION_RULES`. */
export const DECONTAMINATION_MODES = ['ngram', 'coverage', 'jaccard'] as const
export type DecontaminationMode = (typeof DECONTAMINATION_MODES)[number]

/** What the index is built for. Changing one of these means building the index again. */
export interface IndexOptions {
  /** Tokens of an n-gram that convicts a document: 13 (GPT-3, arXiv 2005.14165, appendix C; Gopher). From 8 to 16. */
  readonly ngram: number
  /**
   * Tokens below which an example is not protected at all: 8. A shorter example ("What is the capital of France?")
   * is a sentence that many pages hold by chance. 8 is the length of the n-grams of `coverage` as well (PaLM,
   * arXiv 2204.02311, uses the same). From 4 to 8.
   */
  readonly minTokens: number
  /** Treat every number as the same token, so that a copy with changed numbers is a copy. Off by default. */
  readonly foldNumbers: boolean
}

/** What a match means for a document. */
export interface MatchOptions {
  readonly mode: DecontaminationMode
  /** `drop` the document, or `cut` what was matched with a margin either side. */
  readonly action: 'drop' | 'cut'
  /** `coverage`: share of an example's tokens that stand in the document inside common 8-grams. 0 to 1. */
  readonly coverage: number
  /** `jaccard`: similarity of the two sets of 13-grams, over: 0.8 (Gopher, arXiv 2112.11446, A1.4). 0 to 1. */
  readonly jaccard: number
  /** `cut`: characters (code points) removed either side of a match: 200 (GPT-3). */
  readonly cutMargin: number
  /** `cut`: rests shorter than this many characters are removed as well: 200 (GPT-3). */
  readonly minRest: number
  /** `cut`: a document cut in more places than this is dropped: 10 (GPT-3). */
  readonly maxCuts: number
}

export const INDEX_DEFAULTS: IndexOptions = { ngram: 13, minTokens: 8, foldNumbers: false }

export const MATCH_DEFAULTS: MatchOptions = {
  mode: 'ngram',
  action: 'drop',
  coverage: 0.4,
  jaccard: 0.8,
  cutMargin: 200,
  minRest: 200,
  maxCuts: 10,
}

/** `options` over the defaults. Throws UsageError on a value out of range. */
export function resolveIndexOptions(options: Partial<IndexOptions> = {}): IndexOptions {
  const resolved = { ...INDEX_DEFAULTS, ...options }
  integerBetween('minTokens', resolved.minTokens, 4, 8)
  integerBetween('ngram', resolved.ngram, 8, 16)
  if (resolved.ngram > 2 * resolved.minTokens)
    throw new UsageError(
      `decontaminate: ngram ${resolved.ngram} is more than twice minTokens ${resolved.minTokens}`,
      'an n-gram is found by its first and last minTokens tokens, which have to overlap or touch',
    )
  return resolved
}

/** `options` over the defaults. Throws UsageError on a value out of range. */
export function resolveMatchOptions(options: Partial<MatchOptions> = {}): MatchOptions {
  const resolved = { ...MATCH_DEFAULTS, ...options }
  if (!DECONTAMINATION_MODES.includes(resolved.mode))
    throw new UsageError(
      `decontaminate: no mode ${String(resolved.mode)}`,
      `use one of ${DECONTAMINATION_MODES.join(', ')}`,
    )
  if (resolved.action !== 'drop' && resolved.action !== 'cut')
    throw new UsageError(`decontaminate: no action ${String(resolved.action)}`, 'use drop or cut')
  for (const name of ['coverage', 'jaccard'] as const)
    if (!(resolved[name] > 0 && resolved[name] <= 1))
      throw new UsageError(`decontaminate: ${name} is ${resolved[name]}, not over 0 and up to 1`)
  for (const name of ['cutMargin', 'minRest', 'maxCuts'] as const)
    integerBetween(name, resolved[name], 0, 1_000_000)
  return resolved
}

function integerBetween(name: string, value: number, low: number, high: number): void {
  if (!Number.isInteger(value) || value < low || value > high)
    throw new UsageError(
      `decontaminate: ${name} is ${value}, not a whole number from ${low} to ${high}`,
    )
}

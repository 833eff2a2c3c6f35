import { UsageError } from '@winnow/core'
import type { BlockList } from './block-list.js'
import { isThresholdRule, QUALITY_RULES, RULE_SETS, type RuleSetName } from './rules.js'

/** Settings of the quality stage. Every field may be left out. */
export interface QualityOptions {
  /** Rule sets in the order in which they are tried. Default: content, language, gopher_quality, gopher_repetition. */
  readonly profile?: readonly RuleSetName[]
  /** Languages to keep, ISO 639-1. Default: en. */
  readonly languages?: readonly string[]
  /**
   * Thresholds that differ from the sources', by the rule's reason: `{'gopher_quality.too_few_words': 20}`;
   * null turns the rule off. `winnow rules` lists names and defaults.
   */
  readonly thresholds?: Readonly<Record<string, number | null>>
  /** Block lists for URLs. Default: none besides the built-in one. */
  readonly blockLists?: readonly BlockList[]
  /** Whether to use the small built-in list of words in URLs. Default: true. */
  readonly builtInBlockList?: boolean
  /** Flagged words a document must hold before their share counts. Default: 3. */
  readonly minFlaggedWords?: number
}

export const DEFAULT_PROFILE: readonly RuleSetName[] = [
  'content',
  'language',
  'gopher_quality',
  'gopher_repetition',
]

/** Options with defaults filled in. */
export interface ResolvedQualityOptions {
  readonly profile: readonly RuleSetName[]
  readonly languages: readonly string[]
  readonly thresholds: ReadonlyMap<string, number | null>
  readonly blockLists: readonly BlockList[]
  readonly builtInBlockList: boolean
  readonly minFlaggedWords: number
}

const OPTION_NAMES: readonly (keyof QualityOptions)[] = [
  'profile',
  'languages',
  'thresholds',
  'blockLists',
  'builtInBlockList',
  'minFlaggedWords',
]

/** Checks options and fills in defaults. Throws UsageError that names the wrong value and the nearest right one. */
export function validateQualityOptions(options: QualityOptions = {}): ResolvedQualityOptions {
  for (const name of Object.keys(options)) oneOf(name, OPTION_NAMES, 'quality option')
  const profile = options.profile ?? DEFAULT_PROFILE
  if (profile.length === 0)
    throw new UsageError('quality.profile names no rule set', allowed(RULE_SETS))
  for (const set of profile) oneOf(set, RULE_SETS, 'rule set')
  if (new Set(profile).size < profile.length)
    throw new UsageError('quality.profile names a rule set twice', 'Name each set once.')

  const languages = options.languages ?? ['en']
  for (const language of languages)
    if (!/^[a-z]{2,3}$/.test(language))
      throw new UsageError(
        `quality.languages: ${JSON.stringify(language)} is no language code`,
        'Use ISO 639-1 codes in lower case, such as en or de.',
      )
  if (languages.length === 0)
    throw new UsageError(
      'quality.languages is empty: no document could be kept',
      'Name at least one language, or leave the set language out of the profile.',
    )

  const names = QUALITY_RULES.filter(isThresholdRule).map((rule) => rule.reason)
  const thresholds = new Map<string, number | null>()
  for (const [name, value] of Object.entries(options.thresholds ?? {})) {
    oneOf(name, names, 'threshold')
    if (value !== null && !Number.isFinite(value))
      throw new UsageError(
        `quality.thresholds.${name}: ${String(value)} is no number`,
        'Give a number, or null to turn the rule off.',
      )
    thresholds.set(name, value)
  }

  const minFlaggedWords = options.minFlaggedWords ?? 3
  if (!Number.isInteger(minFlaggedWords) || minFlaggedWords < 1)
    throw new UsageError(
      `quality.minFlaggedWords: ${String(minFlaggedWords)} is no positive whole number`,
      'Use 3, the default, or 1 for any flagged word.',
    )
  return {
    profile,
    languages,
    thresholds,
    blockLists: options.blockLists ?? [],
    builtInBlockList: options.builtInBlockList ?? true,
    minFlaggedWords,
  }
}

const allowed = (names: readonly string[]): string => `Allowed: ${names.join(', ')}.`

function oneOf(name: string, names: readonly string[], what: string): void {
  if (names.includes(name)) return
  const nearest = names.reduce((best, next) =>
    editDistance(name, next) < editDistance(name, best) ? next : best,
  )
  throw new UsageError(
    `there is no ${what} ${JSON.stringify(name)}; the nearest is ${nearest}`,
    allowed(names),
  )
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next.push(
        Math.min(
          (row[j] as number) + 1,
          (next[j - 1] as number) + 1,
          (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1),
        ),
      )
    row = next
  }
  return row[b.length] as number
}

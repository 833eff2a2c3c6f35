import type { RuleDescription } from '@winnow/core'

/** The rule sets that a profile may name. */
export const RULE_SETS = [
  'content',
  'language',
  'gopher_quality',
  'gopher_repetition',
  'c4',
  'c4_badwords',
  'fineweb',
] as const
export type RuleSetName = (typeof RULE_SETS)[number]

type Comparison = '<' | '<=' | '>' | '>='

/** A rule that drops when a metric stands against a threshold. */
export interface ThresholdRule extends RuleDescription {
  readonly metric: string
  readonly comparison: Comparison
  readonly threshold: number
}

const GOPHER_QUALITY = 'Gopher, arXiv 2112.11446, A1.1'
const GOPHER_REPETITION = 'Gopher, arXiv 2112.11446, table A1'
const C4 = 'C4, arXiv 1910.10683, section 2.2; datatrove C4QualityFilter'
const FINEWEB = 'FineWeb, arXiv 2406.17557, section 3.6'
const REFINEDWEB = 'RefinedWeb, arXiv 2306.01116, G.1; datatrove URLFilter'

function limit(
  reason: string,
  metric: string,
  comparison: Comparison,
  threshold: number,
  description: string,
  source: string,
): ThresholdRule {
  const set = reason.slice(0, reason.indexOf('.'))
  return {
    reason,
    stage: 'quality',
    set,
    metric,
    comparison,
    threshold,
    action: 'drop',
    description,
    source,
  }
}

function plain(
  reason: string,
  action: 'drop' | 'cut',
  description: string,
  source: string,
): RuleDescription {
  return {
    reason,
    stage: 'quality',
    set: reason.slice(0, reason.indexOf('.')),
    action,
    description,
    source,
  }
}

const repetition = (name: string, threshold: number, description: string): ThresholdRule =>
  limit(`gopher_repetition.${name}`, name, '>', threshold, description, GOPHER_REPETITION)

/**
 * Every rule of the stage, in the order in which a set tries them: sets as in RULE_SETS, rules as in the set's source.
 * The names are stable.
 */
export const QUALITY_RULES: readonly RuleDescription[] = [
  plain('content.blocked_domain', 'drop', 'the domain is on a block list', REFINEDWEB),
  plain('content.blocked_subdomain', 'drop', 'the host is on a block list', REFINEDWEB),
  plain('content.blocked_url', 'drop', 'the exact URL is on a block list', REFINEDWEB),
  plain('content.blocked_word', 'drop', 'the URL holds a blocked word', REFINEDWEB),
  plain(
    'content.blocked_soft_words',
    'drop',
    'the URL holds two different suspicious words',
    REFINEDWEB,
  ),
  limit(
    'content.flagged_words',
    'flagged_word_fraction',
    '>',
    0.01,
    'share of flagged words, when there are at least three',
    'Winnow; words of LDNOOBW',
  ),
  plain(
    'content.boilerplate_line',
    'cut',
    'a short line made of cookie, privacy, terms, subscribe or share phrases',
    'Winnow, after RefinedWeb G.2',
  ),
  plain('content.nothing_left', 'drop', 'no text is left after the cuts', 'Winnow'),
  plain('language.not_selected', 'drop', 'the language is not one of those kept', 'Winnow'),
  limit(
    'language.low_score',
    'language_score',
    '<',
    0.6,
    'score of the language identified',
    'FineWeb, arXiv 2406.17557: 0.65 of fastText, calibrated for eld',
  ),
  limit('gopher_quality.too_few_words', 'word_count', '<', 50, 'words', GOPHER_QUALITY),
  limit('gopher_quality.too_many_words', 'word_count', '>', 100_000, 'words', GOPHER_QUALITY),
  limit(
    'gopher_quality.mean_word_too_short',
    'mean_word_length',
    '<',
    3,
    'mean word length',
    GOPHER_QUALITY,
  ),
  limit(
    'gopher_quality.mean_word_too_long',
    'mean_word_length',
    '>',
    10,
    'mean word length',
    GOPHER_QUALITY,
  ),
  limit(
    'gopher_quality.too_many_hashes',
    'hash_to_word_ratio',
    '>',
    0.1,
    'hash signs per word',
    GOPHER_QUALITY,
  ),
  limit(
    'gopher_quality.too_many_ellipses',
    'ellipsis_to_word_ratio',
    '>',
    0.1,
    'ellipses per word',
    GOPHER_QUALITY,
  ),
  limit(
    'gopher_quality.too_many_bullet_lines',
    'bullet_line_fraction',
    '>',
    0.9,
    'lines that begin with a bullet',
    GOPHER_QUALITY,
  ),
  limit(
    'gopher_quality.too_many_ellipsis_lines',
    'ellipsis_line_fraction',
    '>',
    0.3,
    'lines that end with an ellipsis',
    GOPHER_QUALITY,
  ),
  limit(
    'gopher_quality.too_few_alphabetic_words',
    'alphabetic_word_fraction',
    '<',
    0.8,
    'words with at least one letter',
    GOPHER_QUALITY,
  ),
  limit(
    'gopher_quality.too_few_stop_words',
    'stop_word_count',
    '<',
    2,
    'different stop words of the language',
    GOPHER_QUALITY,
  ),
  limit(
    'gopher_repetition.empty',
    'character_count',
    '<',
    1,
    'characters',
    'datatrove GopherRepetitionFilter',
  ),
  repetition('duplicate_paragraph_fraction', 0.3, 'paragraphs that stand before'),
  repetition(
    'duplicate_paragraph_character_fraction',
    0.2,
    'characters in paragraphs that stand before',
  ),
  repetition('duplicate_line_fraction', 0.3, 'lines that stand before'),
  repetition('duplicate_line_character_fraction', 0.2, 'characters in lines that stand before'),
  repetition('top_2_gram_fraction', 0.2, 'characters in the most frequent 2-gram'),
  repetition('top_3_gram_fraction', 0.18, 'characters in the most frequent 3-gram'),
  repetition('top_4_gram_fraction', 0.16, 'characters in the most frequent 4-gram'),
  repetition('duplicate_5_gram_fraction', 0.15, 'characters in repeated 5-grams'),
  repetition('duplicate_6_gram_fraction', 0.14, 'characters in repeated 6-grams'),
  repetition('duplicate_7_gram_fraction', 0.13, 'characters in repeated 7-grams'),
  repetition('duplicate_8_gram_fraction', 0.12, 'characters in repeated 8-grams'),
  repetition('duplicate_9_gram_fraction', 0.11, 'characters in repeated 9-grams'),
  repetition('duplicate_10_gram_fraction', 0.1, 'characters in repeated 10-grams'),
  plain('c4.long_word_line', 'cut', 'a line with a word of over 1,000 characters', C4),
  plain('c4.citation', 'cut', 'a citation mark such as [1]', C4),
  plain(
    'c4.unfinished_line',
    'cut',
    'a line that does not end in . ? ! " or \', or ends in ...',
    C4,
  ),
  plain('c4.short_line', 'cut', 'a line of fewer than three words', C4),
  plain('c4.lorem_ipsum', 'drop', 'placeholder text', C4),
  plain('c4.javascript_line', 'cut', 'a line that names JavaScript', C4),
  plain('c4.curly_bracket', 'drop', 'a curly bracket: code', C4),
  plain('c4.policy_line', 'cut', 'a line about cookies, privacy or terms of use', C4),
  limit(
    'c4.too_few_sentences',
    'c4_sentence_count',
    '<',
    5,
    'sentences in the lines that are kept',
    C4,
  ),
  limit(
    'c4_badwords.flagged_word',
    'flagged_word_count',
    '>=',
    1,
    'flagged words',
    'C4, arXiv 1910.10683, section 2.2; words of LDNOOBW',
  ),
  limit('fineweb.empty', 'filled_line_count', '<', 1, 'lines that are not blank', FINEWEB),
  limit(
    'fineweb.too_few_terminal_lines',
    'terminal_line_fraction',
    '<',
    0.12,
    'lines that end in sentence punctuation',
    FINEWEB,
  ),
  limit(
    'fineweb.too_many_short_lines',
    'short_line_fraction',
    '>',
    0.67,
    'lines of at most 30 characters',
    FINEWEB,
  ),
  limit(
    'fineweb.duplicate_line_characters',
    'duplicate_filled_line_character_fraction',
    '>',
    0.01,
    'characters in lines that stand before',
    FINEWEB,
  ),
  limit(
    'fineweb.too_many_line_breaks',
    'line_feed_to_word_ratio',
    '>',
    0.3,
    'line breaks per word',
    FINEWEB,
  ),
]

export function isThresholdRule(rule: RuleDescription): rule is ThresholdRule {
  return rule.threshold !== undefined && rule.metric !== undefined
}

/** The threshold rules of one set, in order. */
export function thresholdRules(set: RuleSetName): ThresholdRule[] {
  return QUALITY_RULES.filter(isThresholdRule).filter((rule) => rule.set === set)
}

/** True when `value` breaks the rule at `threshold`. NaN breaks none. */
export function breaks(comparison: Comparison, value: number, threshold: number): boolean {
  switch (comparison) {
    case '<':
      return value < threshold
    case '<=':
      return value <= threshold
    case '>':
      return value > threshold
    case '>=':
      return value >= threshold
  }
}

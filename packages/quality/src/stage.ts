import {
  type Attributes,
  AttributesBuilder,
  type DocumentBatch,
  valueBytes,
  valueString,
} from '@winnow/core'
import { c4RuleSet } from './c4.js'
import { badWordsRuleSet, ContentScanner, contentRuleSet } from './content.js'
import { RuledDocument, type RuleSet } from './document.js'
import { type IdentifiedLanguage, LanguageIdentifier, languageRuleSet } from './language.js'
import {
  type QualityOptions,
  type ResolvedQualityOptions,
  validateQualityOptions,
} from './options.js'
import type { RuleSetName } from './rules.js'
import { urlRules } from './url-rules.js'
import { isWordRuleSet, WordMeasures, wordRuleSet } from './word-rules.js'

/** The quality stage: documents in, a verdict for each out. */
export interface QualityStage {
  /**
   * Judges every row of the batch. The first rule that fires, in the profile's order, gives the reason; every set
   * measures every row all the same. A set sees the text that the cuts of the sets before it have left; spans are bytes
   * of the batch's text. Labels: `language`: the batch's, or, where it has none and the profile has the set `language`, identified.
   */
  evaluate(batch: DocumentBatch): Attributes
}

function languageOf(
  batch: DocumentBatch,
  row: number,
  text: Uint8Array,
  identifier: LanguageIdentifier | undefined,
): IdentifiedLanguage {
  const language = valueString(batch.language, row)
  if (language === '' && identifier !== undefined) return identifier.identify(text)
  return { language, score: batch.languageScore[row] as number }
}

/**
 * Makes a quality stage. Loads the language model when the profile needs it. Throws UsageError for wrong options.
 */
export async function createQualityStage(options: QualityOptions = {}): Promise<QualityStage> {
  const resolved = validateQualityOptions(options)
  const identifier = resolved.profile.includes('language') ? new LanguageIdentifier() : undefined
  const sets = makeRuleSets(resolved)
  const metrics = [...new Set(sets.flatMap((set) => set.metrics))]

  return {
    evaluate(batch) {
      const out = new AttributesBuilder(batch.rows, metrics, ['language'])
      for (let row = 0; row < batch.rows; row++) {
        const text = valueBytes(batch.text, row)
        const { language, score } = languageOf(batch, row, text, identifier)
        out.label(row, 'language', language)
        const url = valueString(batch.url, row)
        const document = new RuledDocument(row, text, url, language, score, out)
        for (const set of sets) set.evaluate(document)
      }
      return out.finish()
    },
  }
}

function makeRuleSets(options: ResolvedQualityOptions): RuleSet[] {
  const { thresholds } = options
  const scanner = new ContentScanner()
  const measures = new WordMeasures(options.profile.filter(isWordRuleSet))
  const make: Record<RuleSetName, () => RuleSet> = {
    content: () =>
      contentRuleSet(
        urlRules(options.blockLists, { builtIn: options.builtInBlockList }),
        scanner,
        thresholds,
        options.minFlaggedWords,
      ),
    language: () => languageRuleSet(options.languages, thresholds),
    gopher_quality: () => wordRuleSet('gopher_quality', measures, thresholds),
    gopher_repetition: () => wordRuleSet('gopher_repetition', measures, thresholds),
    c4: () => c4RuleSet(thresholds),
    c4_badwords: () => badWordsRuleSet(scanner, thresholds),
    fineweb: () => wordRuleSet('fineweb', measures, thresholds),
  }
  return options.profile.map((name) => make[name]())
}

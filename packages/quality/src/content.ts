import { BOILERPLATE_PHRASES, boilerplateLines } from './boilerplate.js'
import type { RuledDocument, RuleSet } from './document.js'
import { flaggedWordsOf } from './flagged-words.js'
import { PhraseFinder } from './phrases.js'
import { applyLimit, limitsOf } from './thresholds.js'
import type { UrlRules } from './url-rules.js'

const FLAGGED = 0
const BOILERPLATE = 1
/** Languages in which a word may stand anywhere in a run of text. */
const ANYWHERE = new Set(['ja', 'th', 'zh'])

/** Matches of boilerplate that are looked at in one document; a page has tens. */
const MAX_MATCHES = 100_000

interface PhraseHits {
  flagged: number
  /** Pairs of [start, end) of boilerplate phrases, in order of their ends. */
  readonly boilerplate: number[]
}

/** Finds flagged words and boilerplate of a language in one pass. The finder of a language is made when first needed. */
export class ContentScanner {
  private readonly finders = new Map<string, PhraseFinder>()

  scan(document: RuledDocument): PhraseHits {
    const hits: PhraseHits = { flagged: 0, boilerplate: [] }
    // A word counts once where several phrases end in it.
    let flaggedTo = 0
    this.finderFor(document.language).scan(document.text, (mark, start, end) => {
      if (mark === BOILERPLATE) {
        if (hits.boilerplate.length < 2 * MAX_MATCHES) hits.boilerplate.push(start, end)
      } else if (start >= flaggedTo) {
        hits.flagged++
        flaggedTo = end
      }
    })
    return hits
  }

  private finderFor(language: string): PhraseFinder {
    let finder = this.finders.get(language)
    if (finder === undefined) {
      const phrases = [
        ...BOILERPLATE_PHRASES.map((text) => ({ text, mark: BOILERPLATE })),
        ...flaggedWordsOf(language).map((text) => ({ text, mark: FLAGGED })),
      ]
      finder = new PhraseFinder(phrases, !ANYWHERE.has(language))
      this.finders.set(language, finder)
    }
    return finder
  }
}

/** Words by ASCII white space: near enough to say what share of a text is flagged. */
function countWords(text: Uint8Array): number {
  let count = 0
  let outside = true
  for (let i = 0; i < text.length; i++) {
    const blank = (text[i] as number) <= 0x20
    if (outside && !blank) count++
    outside = blank
  }
  return count
}

/** URL rules, flagged words, and lines of boilerplate. */
export function contentRuleSet(
  urls: UrlRules,
  scanner: ContentScanner,
  thresholds: ReadonlyMap<string, number | null>,
  minFlaggedWords: number,
): RuleSet {
  const limits = limitsOf('content', thresholds)
  return {
    metrics: ['flagged_word_count', 'flagged_word_fraction', 'boilerplate_line_count'],
    evaluate(document) {
      const verdict = urls.match(document.url)
      if (verdict !== undefined) document.drop(verdict.reason, verdict.detail)
      const hits = scanner.scan(document)
      const fraction = hits.flagged === 0 ? 0 : hits.flagged / countWords(document.text)
      document.metric('flagged_word_count', hits.flagged)
      document.metric('flagged_word_fraction', fraction)
      if (hits.flagged >= minFlaggedWords)
        for (const rule of limits) applyLimit(document, rule, fraction)

      const lines = boilerplateLines(document.text, hits.boilerplate)
      document.metric('boilerplate_line_count', lines.length / 2)
      document.cut('content.boilerplate_line', lines, `${lines.length / 2} lines`)
      if (isBlank(document.text)) document.drop('content.nothing_left', '')
    },
  }
}

/** C4's rule: no flagged word at all. */
export function badWordsRuleSet(
  scanner: ContentScanner,
  thresholds: ReadonlyMap<string, number | null>,
): RuleSet {
  const limits = limitsOf('c4_badwords', thresholds)
  return {
    metrics: ['flagged_word_count'],
    evaluate(document) {
      const { flagged } = scanner.scan(document)
      document.metric('flagged_word_count', flagged)
      for (const rule of limits) applyLimit(document, rule, flagged)
    },
  }
}

function isBlank(text: Uint8Array): boolean {
  for (let i = 0; i < text.length; i++) if ((text[i] as number) > 0x20) return false
  return true
}

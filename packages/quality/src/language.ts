import { UsageError, Utf8Builder, type Utf8Column, valueBytes } from '@winnow/core'
import type { RuledDocument, RuleSet } from './document.js'
import { type IdentifiedLanguage, LanguageModel } from './language-model.js'
import { languageWords } from './language-words.js'
import { applyLimit, limitsOf } from './thresholds.js'

export type { IdentifiedLanguage }

let model: LanguageModel | undefined

/** The model reads about 350 bytes: three pieces of this size, from a text's first, second and third third. */
const PIECE_BYTES = 120
const PIECES = 3

/** Identifies the language of texts by a sample. */
export class LanguageIdentifier {
  private readonly decoder = new TextDecoder('utf-8')
  private readonly sample = new Uint8Array((PIECE_BYTES + 1) * PIECES)
  private readonly model: LanguageModel

  /** Reads the model the first time in a thread: 0.5 MB, about 10 ms (docs/decisions/0004). */
  constructor() {
    model ??= new LanguageModel()
    this.model = model
  }

  identify(text: Uint8Array): IdentifiedLanguage {
    return this.model.identify(languageWords(this.sampleOf(text)))
  }

  private sampleOf(text: Uint8Array): string {
    if (text.length <= this.sample.length) return this.decoder.decode(text)
    let used = 0
    for (let i = 0; i < PIECES; i++) {
      const middle = Math.floor((text.length * (i + 0.5)) / PIECES)
      const start = pieceStart(text, middle - PIECE_BYTES / 2)
      const piece = text.subarray(start, start + PIECE_BYTES)
      this.sample.set(piece, used)
      used += piece.length
      this.sample[used++] = 0x20
    }
    return this.decoder.decode(this.sample.subarray(0, used))
  }
}

/** The first word start within 30 bytes of `at`, or else the first character start. */
function pieceStart(text: Uint8Array, at: number): number {
  for (let i = at; i < at + 30; i++) if ((text[i] as number) <= 0x20) return i + 1
  while (((text[at] as number) & 0xc0) === 0x80) at++
  return at
}

/** Throws UsageError when one of `languages` is none that can be identified, so that nothing could ever be kept as it. */
export function requireIdentifiable(languages: readonly string[]): void {
  model ??= new LanguageModel()
  const known = model.languages
  for (const language of languages)
    if (!known.includes(language))
      throw new UsageError(
        `quality.languages: ${language} is no language that can be identified`,
        `Those that can: ${[...known].sort().join(' ')}. Leave the set language out of the profile to keep all.`,
      )
}

/** Labels (ISO 639-1) and scores of every row. Loads the model on first use. */
export async function identifyLanguages(
  text: Utf8Column,
): Promise<{ language: Utf8Column; score: Float32Array }> {
  const identifier = new LanguageIdentifier()
  const rows = text.offsets.length - 1
  const language = new Utf8Builder(rows, 2)
  const score = new Float32Array(rows)
  for (let row = 0; row < rows; row++) {
    const identified = identifier.identify(valueBytes(text, row))
    language.append(identified.language)
    score[row] = identified.score
  }
  return { language: language.finish(), score }
}

/** Keeps `languages`; the documents carry what was identified. */
export function languageRuleSet(
  languages: readonly string[],
  thresholds: ReadonlyMap<string, number | null>,
): RuleSet {
  const kept = new Set(languages)
  const limits = limitsOf('language', thresholds)
  return {
    metrics: ['language_score'],
    evaluate(document: RuledDocument) {
      document.metric('language_score', document.languageScore)
      if (!kept.has(document.language)) {
        const found = document.language === '' ? 'none identified' : document.language
        document.drop('language.not_selected', `${found}; kept: ${languages.join(', ')}`)
        return
      }
      for (const rule of limits) applyLimit(document, rule, document.languageScore)
    },
  }
}

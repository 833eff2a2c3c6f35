import { Utf8Builder, type Utf8Column, valueBytes } from '@winnow/core'
import type { RuledDocument, RuleSet } from './document.js'
import { applyLimit, limitsOf } from './thresholds.js'

/** What was identified for one text: ISO 639-1 label, '' when none, and a score from 0 to 1. */
export interface IdentifiedLanguage {
  readonly language: string
  readonly score: number
}

interface Detector {
  detect(text: string): { language: string; getScores(): Record<string, number> }
}

let detector: Promise<Detector> | undefined

/** Loads the model once: 0.95 MB of JavaScript, about 0.1 s and 4 MB of memory (docs/decisions/0004). */
function loadDetector(): Promise<Detector> {
  detector ??= import('eld/extrasmall').then((module) => {
    // Without the parts that are no language: addresses, e-mail, numbers.
    module.eld.enableTextCleanup(true)
    return module.eld
  })
  return detector
}

/** eld reads about 350 bytes: three pieces of this size, from a text's first, second and third third. */
const PIECE_BYTES = 120
const PIECES = 3

/** Identifies the language of texts by a sample. */
export class LanguageIdentifier {
  private readonly decoder = new TextDecoder('utf-8')
  private readonly sample = new Uint8Array((PIECE_BYTES + 1) * PIECES)

  private constructor(private readonly detector: Detector) {}

  static async load(): Promise<LanguageIdentifier> {
    return new LanguageIdentifier(await loadDetector())
  }

  identify(text: Uint8Array): IdentifiedLanguage {
    const result = this.detector.detect(this.sampleOf(text))
    return { language: result.language, score: result.getScores()[result.language] ?? 0 }
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

/** Labels (ISO 639-1) and scores of every row. Loads the model on first use. */
export async function identifyLanguages(
  text: Utf8Column,
): Promise<{ language: Utf8Column; score: Float32Array }> {
  const identifier = await LanguageIdentifier.load()
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

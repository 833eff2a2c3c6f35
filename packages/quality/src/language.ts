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

/** eld reads about 350 bytes of what it is given; a sample is a little more, to begin and end at words. */
const SAMPLE_BYTES = 420
const SAMPLES = 3

/** Identifies languages from three samples of a text. */
export class LanguageIdentifier {
  private readonly decoder = new TextDecoder('utf-8')

  private constructor(private readonly detector: Detector) {}

  static async load(): Promise<LanguageIdentifier> {
    return new LanguageIdentifier(await loadDetector())
  }

  identify(text: Uint8Array): IdentifiedLanguage {
    const sums = new Map<string, number>()
    const samples = samplesOf(text)
    for (const sample of samples) {
      const scores = this.detector.detect(this.decoder.decode(sample)).getScores()
      for (const language in scores)
        sums.set(language, (sums.get(language) ?? 0) + (scores[language] as number))
    }
    let language = ''
    let best = 0
    for (const [name, sum] of sums)
      if (sum > best) {
        language = name
        best = sum
      }
    return { language, score: best / samples.length }
  }
}

/** Up to SAMPLES pieces of `text`, spread evenly, each beginning after white space where there is some near. */
function samplesOf(text: Uint8Array): Uint8Array[] {
  const count = Math.max(1, Math.min(SAMPLES, Math.floor(text.length / SAMPLE_BYTES)))
  const stride = text.length / count
  return Array.from({ length: count }, (_, i) => {
    const middle = Math.floor(stride * i + Math.max(0, stride - SAMPLE_BYTES) / 2)
    const start = i === 0 && count === 1 ? 0 : sampleStart(text, middle)
    return text.subarray(start, start + SAMPLE_BYTES)
  })
}

/** The first word start within 40 bytes of `at`, or else the first character start. */
function sampleStart(text: Uint8Array, at: number): number {
  for (let i = at; i < Math.min(text.length, at + 40); i++)
    if ((text[i] as number) <= 0x20) return i + 1
  while (at < text.length && ((text[at] as number) & 0xc0) === 0x80) at++
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

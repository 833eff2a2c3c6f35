import { QUALITY_METRICS, QualityGroup, QualityMeter } from '@winnow/kernel'
import type { RuledDocument, RuleSet } from './document.js'
import { hasShortWords, isSegmented, segmentWords } from './segment.js'
import { stopWordsOf } from './stop-words.js'
import { applyLimit, limitsOf } from './thresholds.js'

/** The rule sets that the kernel measures, and the group of metrics that each needs. */
const GROUPS = {
  gopher_quality: QualityGroup.quality,
  gopher_repetition: QualityGroup.repetition,
  fineweb: QualityGroup.fineweb,
} as const
export type WordRuleSet = keyof typeof GROUPS

const ALWAYS = 3
const METRICS_OF: Readonly<Record<WordRuleSet, readonly [start: number, end: number]>> = {
  gopher_quality: [ALWAYS, 10],
  gopher_repetition: [10, 23],
  fineweb: [23, QUALITY_METRICS.length],
}

export function isWordRuleSet(name: string): name is WordRuleSet {
  return Object.hasOwn(GROUPS, name)
}

const LINE_METRICS_START = QUALITY_METRICS.indexOf('duplicate_paragraph_fraction')
const LINE_METRICS_END = QUALITY_METRICS.indexOf('top_2_gram_fraction')

/** Measures documents for several rule sets at once. */
export class WordMeasures {
  private readonly meter = new QualityMeter()
  private readonly groups: number
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  private readonly encoder = new TextEncoder()
  private text: Uint8Array | undefined
  private language = ''
  private values: Float64Array = new Float64Array(QUALITY_METRICS.length)

  constructor(sets: readonly WordRuleSet[]) {
    this.groups = sets.reduce((bits, set) => bits | GROUPS[set], 0)
  }

  /** The metrics of a document's present text, in the order of QUALITY_METRICS. Measured once per text. */
  of(document: RuledDocument): Float64Array {
    if (document.text !== this.text || document.language !== this.language) {
      this.text = document.text
      this.language = document.language
      this.values = isSegmented(document.language)
        ? this.measureSegmented(document.text, document.language)
        : this.measure(document.text, document.language)
    }
    return this.values
  }

  private measure(text: Uint8Array, language: string, characters = 0): Float64Array {
    return this.meter.measure(text, this.groups, stopWordsOf(language), characters)
  }

  /** Words from the segmented text; lengths, lines and paragraphs from the text as it is. */
  private measureSegmented(text: Uint8Array, language: string): Float64Array {
    const plain = this.measure(text, language).slice()
    const [characters] = plain
    const segmented = this.encoder.encode(segmentWords(this.decoder.decode(text), language))
    const values = this.measure(segmented, language, characters).slice()
    for (let i = LINE_METRICS_START; i < LINE_METRICS_END; i++) values[i] = plain[i] as number
    for (const name of [
      'short_line_fraction',
      'duplicate_filled_line_character_fraction',
    ] as const) {
      const i = QUALITY_METRICS.indexOf(name)
      values[i] = plain[i] as number
    }
    return values
  }
}

/** A set whose rules all compare a kernel metric with a threshold: Gopher's two, FineWeb's. */
export function wordRuleSet(
  name: WordRuleSet,
  measures: WordMeasures,
  thresholds: ReadonlyMap<string, number | null>,
): RuleSet {
  const [start, end] = METRICS_OF[name]
  const limits = limitsOf(name, thresholds).map((rule) => ({
    rule,
    index: (QUALITY_METRICS as readonly string[]).indexOf(rule.metric),
  }))
  const metrics = QUALITY_METRICS.filter((_, i) => i < ALWAYS || (i >= start && i < end))
  return {
    metrics,
    evaluate(document) {
      const values = measures.of(document)
      for (let i = 0; i < ALWAYS; i++)
        document.metric(QUALITY_METRICS[i] as string, values[i] as number)
      for (let i = start; i < end; i++)
        document.metric(QUALITY_METRICS[i] as string, values[i] as number)
      for (const { rule, index } of limits)
        if (!isExempt(rule.reason, rule.threshold, document.language))
          if (applyLimit(document, rule, values[index] as number)) return
    },
  }
}

/** Rules that say nothing about a language: stop words where there is no list, short words where words are short. */
function isExempt(reason: string, threshold: number, language: string): boolean {
  if (reason === 'gopher_quality.mean_word_too_short') return hasShortWords(language)
  if (reason === 'gopher_quality.too_few_stop_words')
    return stopWordsOf(language).length < threshold
  return false
}

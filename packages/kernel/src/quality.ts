import { isUtf8 } from 'node:buffer'
import type { Utf8Column } from '@winnow/core'
import { instantiate, type WasmMemory } from './load.js'
import { CLASSED_CODE_POINTS, fillCharacterClasses } from './quality-classes.js'

/**
 * What is measured of a document, in groups. Lengths are in code points. "Words" are separated by white space; a spoken
 * word has at least one character that is not punctuation. Fractions with "character" in their meaning (all from
 * `duplicate_paragraph_character_fraction` on that count characters) divide by `character_count`.
 *
 * - always: `character_count`, `word_count` (spoken words), `token_count` (all words);
 * - `quality`: Gopher A1.1. `mean_word_length` is over spoken words, the other ratios over all words or lines;
 * - `repetition`: Gopher table A1. A duplicate n-gram fraction is that of characters in repeated n-grams;
 * - `fineweb`: FineWeb's filter, over lines that are not blank.
 *
 * A ratio of nothing (no words, no lines) is NaN, and so is every metric of a group that was not asked for.
 */
export const QUALITY_METRICS = [
  'character_count',
  'word_count',
  'token_count',
  'mean_word_length',
  'hash_to_word_ratio',
  'ellipsis_to_word_ratio',
  'bullet_line_fraction',
  'ellipsis_line_fraction',
  'alphabetic_word_fraction',
  'stop_word_count',
  'duplicate_paragraph_fraction',
  'duplicate_paragraph_character_fraction',
  'duplicate_line_fraction',
  'duplicate_line_character_fraction',
  'top_2_gram_fraction',
  'top_3_gram_fraction',
  'top_4_gram_fraction',
  'duplicate_5_gram_fraction',
  'duplicate_6_gram_fraction',
  'duplicate_7_gram_fraction',
  'duplicate_8_gram_fraction',
  'duplicate_9_gram_fraction',
  'duplicate_10_gram_fraction',
  'terminal_line_fraction',
  'short_line_fraction',
  'duplicate_filled_line_character_fraction',
  'line_feed_to_word_ratio',
  'filled_line_count',
] as const
export type QualityMetric = (typeof QUALITY_METRICS)[number]

/** Bits that say which groups of metrics to measure. */
export const QualityGroup = { quality: 1, repetition: 2, fineweb: 4 } as const

/** The metrics of a batch: one column per name, one value per row. */
export type QualityMeasures = Readonly<Record<QualityMetric, Float64Array>>

/**
 * Longer documents are measured by their first 16 MiB. Such a text breaks Gopher's rules on word count or mean word
 * length on that part alone, and memory stays bounded.
 */
export const MEASURED_BYTES = 16 * 1024 * 1024

/** Instances for documents over this size are made for the document and given back to the garbage collector. */
const KEPT_CAPACITY = 1024 * 1024

type KernelExports = {
  readonly memory: WasmMemory
  start(bytes: number): void
  classAddress(): number
  textAddress(): number
  metricAddress(): number
  clearStopWords(): void
  addStopWord(at: number, length: number): void
  measure(length: number, characters: number, groups: number): void
}

class Instance {
  private readonly kernel = instantiate<KernelExports>('quality')
  private readonly text: number
  private readonly bytes: Uint8Array
  private readonly metrics: Float64Array
  private stopWords: readonly string[] | undefined

  constructor(readonly capacity: number) {
    this.kernel.start(capacity)
    this.text = this.kernel.textAddress()
    const { buffer } = this.kernel.memory
    this.bytes = new Uint8Array(buffer)
    this.metrics = new Float64Array(buffer, this.kernel.metricAddress(), QUALITY_METRICS.length)
    fillCharacterClasses(new Uint8Array(buffer, this.kernel.classAddress(), CLASSED_CODE_POINTS))
  }

  useStopWords(words: readonly string[]): void {
    if (words === this.stopWords) return
    this.kernel.clearStopWords()
    for (const bytes of encodedWords(words)) {
      if (bytes.length > this.capacity) continue
      this.bytes.set(bytes, this.text)
      this.kernel.addStopWord(this.text, bytes.length)
    }
    this.stopWords = words
  }

  /** The metrics of one text, as a view that the next call overwrites. */
  measure(text: Uint8Array, characters: number, groups: number): Float64Array {
    this.bytes.set(text, this.text)
    this.metrics.fill(Number.NaN)
    this.kernel.measure(text.length, characters, groups)
    return this.metrics
  }
}

const encoder = new TextEncoder()
const encoded = new WeakMap<readonly string[], readonly Uint8Array[]>()

/** Crawls change languages with every document: each list is encoded once. */
function encodedWords(words: readonly string[]): readonly Uint8Array[] {
  let bytes = encoded.get(words)
  if (bytes === undefined) {
    bytes = words.map((word) => encoder.encode(word))
    encoded.set(words, bytes)
  }
  return bytes
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/**
 * At most MEASURED_BYTES of `bytes`, cut between two characters, as valid UTF-8: each maximal broken sequence becomes
 * U+FFFD, as the Encoding standard says. Returns a view of `bytes` when they are valid.
 */
export function measuredText(bytes: Uint8Array): Uint8Array {
  let end = Math.min(bytes.length, MEASURED_BYTES)
  if (end < bytes.length)
    for (let back = 0; back < 3 && ((bytes[end] as number) & 0xc0) === 0x80; back++) end--
  const part = bytes.subarray(0, end)
  // Broken bytes may grow threefold, to at most 3 x MEASURED_BYTES; cut again.
  return isUtf8(part) ? part : measuredText(encoder.encode(decoder.decode(part)))
}

/** Measures documents; keeps an instance of the kernel between calls. */
export class QualityMeter {
  private instance: Instance | undefined

  /**
   * The metrics of one text, in the order of QUALITY_METRICS; the next call overwrites them.
   *
   * `groups` are bits of QualityGroup. `stopWords` (at most 4,096) are matched as they stand, case included.
   * `characters` replaces the text's own length in code points as the divisor of fractions, for texts to which white
   * space was added.
   */
  measure(
    text: Uint8Array,
    groups: number,
    stopWords: readonly string[] = [],
    characters = 0,
  ): Float64Array {
    const valid = measuredText(text)
    const instance = this.instanceFor(valid.length)
    instance.useStopWords(stopWords)
    return instance.measure(valid, characters, groups)
  }

  private instanceFor(length: number): Instance {
    if (length > KEPT_CAPACITY) return new Instance(length)
    this.instance ??= new Instance(KEPT_CAPACITY)
    return this.instance
  }
}

let sharedMeter: QualityMeter | undefined

/** The metrics of every row of `text`. See QUALITY_METRICS for what they are, QualityMeter.measure for the options. */
export function measureQuality(
  text: Utf8Column,
  options: { groups?: number; stopWords?: readonly string[] } = {},
): QualityMeasures {
  const rows = text.offsets.length - 1
  const groups = options.groups ?? QualityGroup.quality | QualityGroup.repetition
  const columns = QUALITY_METRICS.map(() => new Float64Array(rows))
  sharedMeter ??= new QualityMeter()
  for (let row = 0; row < rows; row++) {
    const bytes = text.bytes.subarray(text.offsets[row], text.offsets[row + 1])
    const values = sharedMeter.measure(bytes, groups, options.stopWords)
    for (let i = 0; i < columns.length; i++) (columns[i] as Float64Array)[row] = values[i] as number
  }
  return Object.fromEntries(
    QUALITY_METRICS.map((name, i) => [name, columns[i]]),
  ) as unknown as QualityMeasures
}

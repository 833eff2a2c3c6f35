import {
  type Attributes,
  mergeRanges,
  rangesOf,
  reasonOf,
  removeRanges,
  toOriginalRanges,
  type Utf8Column,
  Verdict,
  valueBytes,
  valueString,
} from '@winnow/core'
import { passagesOf, trimmed, wordsOf } from '@winnow/kernel/reference'
import type { Disagreement } from '../verify.js'
import { PASSAGE_NAMES } from './attributes.js'
import type { PassageOptions } from './options.js'

/** A document shard as it is stored, to be verified. */
export interface StoredPassages {
  readonly shard: string
  /** Ids of the document shard's rows. */
  readonly ids: readonly string[]
  /** The texts before any cut. */
  readonly text: Utf8Column
  /** The host of each row, as `hostColumn` gives them; needed with `scope: 'host'`. */
  readonly hosts?: Utf8Column
  /** Attributes of the stages before deduplication. */
  readonly earlier: readonly Attributes[]
  /** attributes/dedup of the document shard. */
  readonly attributes: Attributes
}

export interface PassageReport {
  /** Passages long enough to be compared, in documents that deduplication kept as a whole. */
  readonly passages: number
  /** Those of them that go. */
  readonly repeated: number
  /** Rows whose stored cuts or verdict are not those that the texts give. */
  readonly disagreements: readonly Disagreement[]
  /** Passages that stand twice in what is kept: the document of the second, and its text. */
  readonly keptTwice: readonly (readonly [id: string, passage: string])[]
  /** No disagreement, nothing kept twice. */
  readonly sound: boolean
}

/**
 * Recomputes every cut from the texts, with nothing but sets and loops, and compares with what is stored: it shares no
 * code with the kernel, the files and the index. Memory grows with the corpus. Verdicts on whole documents are taken as stored.
 *
 * @param shards in the order of the log; one whose id came before is skipped.
 */
export async function verifyPassages(
  shards: AsyncIterable<StoredPassages> | Iterable<StoredPassages>,
  options: PassageOptions,
): Promise<PassageReport> {
  const verifier = new PassageVerifier(options)
  for await (const shard of shards) verifier.add(shard)
  return verifier.report()
}

/** A passage as it is compared, with its host where that counts. */
interface Said {
  readonly start: number
  readonly end: number
  readonly key: string
}

class PassageVerifier {
  private readonly shards = new Set<string>()
  private readonly seen = new Set<string>()
  private readonly left = new Set<string>()
  private readonly disagreements: Disagreement[] = []
  private readonly keptTwice: [string, string][] = []
  private passages = 0
  private repeated = 0

  constructor(private readonly options: PassageOptions) {}

  add(stored: StoredPassages): void {
    if (this.shards.has(stored.shard)) return
    this.shards.add(stored.shard)
    for (const row of stored.ids.keys()) if (this.wasKept(stored, row)) this.addRow(stored, row)
  }

  /** Kept by the stages before and by deduplication of whole documents. */
  private wasKept({ earlier, attributes }: StoredPassages, row: number): boolean {
    const gone = (stage: Attributes): boolean =>
      stage.verdict[row] === Verdict.drop || stage.verdict[row] === Verdict.unseen
    if (earlier.some(gone)) return false
    return !gone(attributes) || reasonOf(attributes, row) === PASSAGE_NAMES[this.options.unit].drop
  }

  private addRow(stored: StoredPassages, row: number): void {
    const { text, earlier, attributes } = stored
    const original = valueBytes(text, row)
    const before = rangesOf(earlier, row)
    const bytes = removeRanges(original, before)
    const host = this.options.scope === 'host' && stored.hosts ? valueString(stored.hosts, row) : ''
    const ranges: number[] = []
    for (const { start, end, key } of this.passagesIn(bytes, host)) {
      this.passages++
      if (this.seen.has(key)) ranges.push(start, end)
      this.seen.add(key)
    }
    this.repeated += ranges.length / 2
    const expected = this.describe(bytes, ranges, before)
    const storedCuts = describeCuts(rangesOf([...earlier, attributes], row), before)
    const dropped = attributes.verdict[row] === Verdict.drop
    this.compare(stored, row, expected, dropped ? reasonOf(attributes, row) : storedCuts)
    if (dropped) return
    const cut = removeRanges(original, rangesOf([...earlier, attributes], row))
    for (const { start, end, key } of this.passagesIn(cut, host)) {
      if (this.left.has(key))
        this.keptTwice.push([stored.ids[row] ?? '', decoder.decode(cut.subarray(start, end))])
      this.left.add(key)
    }
  }

  /** The passages that are long enough. */
  private passagesIn(bytes: Uint8Array, host: string): Said[] {
    const out: Said[] = []
    for (const { start, end, filledEnd } of passagesOf(bytes, this.options.unit)) {
      const said = this.normalised(bytes.subarray(start, filledEnd))
      if (said.length >= this.options.minBytes)
        out.push({ start, end, key: `${host}\n${said.toString('latin1')}` })
    }
    return out
  }

  private normalised(bytes: Uint8Array): Buffer {
    if (this.options.normalise === 'exact') return Buffer.from(trimmed(bytes))
    const words = wordsOf(bytes).map((word) => word.text.replace(/[0-9]/g, '0'))
    return Buffer.from(words.join(' '))
  }

  /** The verdict that a row must have: the reason of a drop, or the ranges cut from the original text. */
  private describe(
    bytes: Uint8Array,
    ranges: readonly number[],
    before: readonly number[],
  ): string {
    const total = size(
      passagesOf(bytes, this.options.unit).flatMap(({ start, end }) => [start, end]),
    )
    const left = total - size(ranges)
    if (ranges.length > 0 && (left === 0 || left < this.options.minKept * total))
      return PASSAGE_NAMES[this.options.unit].drop
    const all = mergeRanges([...before, ...toOriginalRanges(mergeRanges(ranges), before)])
    return describeCuts(all, before)
  }

  private compare({ shard, ids }: StoredPassages, row: number, expected: string, stored: string) {
    if (stored !== expected)
      this.disagreements.push({ shard, row, id: ids[row] ?? '', expected, stored })
  }

  report(): PassageReport {
    const { passages, repeated, disagreements, keptTwice } = this
    const sound = disagreements.length === 0 && keptTwice.length === 0
    return { passages, repeated, disagreements, keptTwice, sound }
  }
}

const decoder = new TextDecoder()

function size(ranges: readonly number[]): number {
  return ranges.reduce((sum, place, i) => sum + (i % 2 === 0 ? -place : place), 0)
}

/** Ranges cut, earlier stages' cuts among them, as text; `keep` where there are none but those. */
function describeCuts(ranges: readonly number[], before: readonly number[]): string {
  const text = ranges.join(' ')
  return text === before.join(' ') ? 'keep' : `cut ${text}`
}

import { type AttributesBuilder, mergeRanges, removeRanges, toOriginalRanges } from '@winnow/core'

/**
 * One document on its way through the rule sets. `text` is what the cuts so far have left of it; spans are kept in
 * bytes of the original.
 */
export class RuledDocument {
  text: Uint8Array
  private cuts: number[] = []

  constructor(
    readonly row: number,
    readonly original: Uint8Array,
    readonly url: string,
    readonly language: string,
    readonly languageScore: number,
    private readonly out: AttributesBuilder,
  ) {
    this.text = original
  }

  drop(reason: string, detail: string): void {
    this.out.drop(this.row, reason, detail)
  }

  /** Removes byte ranges, pairs of [start, end) of the present `text`. */
  cut(reason: string, ranges: readonly number[], detail: string): void {
    if (ranges.length === 0) return
    const original = toOriginalRanges(mergeRanges(ranges), this.cuts)
    this.out.cut(this.row, reason, original, detail)
    this.cuts = mergeRanges([...this.cuts, ...original])
    this.text = removeRanges(this.original, this.cuts)
  }

  metric(name: string, value: number): void {
    this.out.metric(name)[this.row] = value
  }
}

/** One rule set made ready: what it measures, and how it judges a document. */
export interface RuleSet {
  readonly metrics: readonly string[]
  evaluate(document: RuledDocument): void
}

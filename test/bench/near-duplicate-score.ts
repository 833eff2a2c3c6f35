import { EDITS, type Edit, type EditedCorpus } from './edited-corpus.js'
import { TrueJaccard } from './true-jaccard.js'

/** A pair at or above it is a near duplicate that should be found. */
const NEAR = 0.8
/** A document was dropped rightly when one that was kept is as close as this. */
const RIGHT = 0.7
const SAMPLE = 500

export interface NearDuplicateScore {
  /** Share of the pairs of which one was dropped, by what was done to the copy; NaN where there is none. */
  readonly recall: Readonly<Record<Edit, number>>
  /** The same over the pairs with a true Jaccard index of 0.8 or more. */
  readonly recallNear: number
  readonly dropped: number
  /** Share of the documents dropped that a kept one with a true Jaccard index of 0.7 or more justifies. */
  readonly precision: number
}

/** Scores what programs kept of a corpus by the true Jaccard index of normalised word 5-grams. */
export class NearDuplicateScorer {
  private readonly truth: TrueJaccard
  private readonly jaccard: readonly number[]
  private readonly partner: Int32Array
  private readonly partnerJaccard: Float64Array
  private readonly neighbours = new Map<number, readonly number[]>()

  constructor(private readonly corpus: EditedCorpus) {
    const { documents, pairs } = corpus
    this.truth = new TrueJaccard(documents.map(({ text }) => text))
    this.partner = new Int32Array(documents.length).fill(-1)
    this.partnerJaccard = new Float64Array(documents.length)
    this.jaccard = pairs.map(({ original, copy }) => {
      const jaccard = this.truth.of(original, copy)
      this.partner[original] = copy
      this.partner[copy] = original
      this.partnerJaccard[original] = jaccard
      this.partnerJaccard[copy] = jaccard
      return jaccard
    })
  }

  /** Mean true Jaccard index of the pairs of each edit. */
  meanJaccard(): Record<Edit, number> {
    return this.byEdit((pair) => this.jaccard[pair] as number)
  }

  /** Number of pairs with a true Jaccard index of 0.8 or more. */
  get nearPairs(): number {
    return this.jaccard.filter((jaccard) => jaccard >= NEAR).length
  }

  /** Largest true Jaccard index of 500 documents with any that is not their partner. */
  closestStrangers(): number {
    const step = Math.max(1, Math.floor(this.corpus.documents.length / SAMPLE))
    const rows = [...this.corpus.documents.keys()].filter((row) => row % step === 0)
    let closest = 0
    for (const [row, found] of this.truth.neighbours(rows.slice(0, SAMPLE), 0))
      for (const other of found)
        if (other.row !== this.partner[row]) closest = Math.max(closest, other.jaccard)
    return closest
  }

  /** @param runs which rows each program kept; all at once, since documents far from their partner are looked up together. */
  score(runs: readonly ReadonlySet<number>[]): NearDuplicateScore[] {
    const unclear = new Set<number>()
    for (const kept of runs)
      for (const row of this.droppedOf(kept))
        if (!this.partnerJustifies(row, kept) && !this.neighbours.has(row)) unclear.add(row)
    for (const [row, found] of this.truth.neighbours([...unclear], RIGHT))
      this.neighbours.set(
        row,
        found.map((neighbour) => neighbour.row),
      )
    return runs.map((kept) => this.scoreOne(kept))
  }

  private scoreOne(kept: ReadonlySet<number>): NearDuplicateScore {
    const { pairs } = this.corpus
    const found = pairs.map(({ original, copy }) => !kept.has(original) || !kept.has(copy))
    const near = [...pairs.keys()].filter((pair) => (this.jaccard[pair] as number) >= NEAR)
    const dropped = this.droppedOf(kept)
    const right = dropped.filter(
      (row) =>
        this.partnerJustifies(row, kept) ||
        (this.neighbours.get(row) ?? []).some((other) => kept.has(other)),
    )
    return {
      recall: this.byEdit((pair) => Number(found[pair])),
      recallNear: near.filter((pair) => found[pair]).length / near.length,
      dropped: dropped.length,
      precision: right.length / dropped.length,
    }
  }

  private droppedOf(kept: ReadonlySet<number>): number[] {
    return [...this.corpus.documents.keys()].filter((row) => !kept.has(row))
  }

  private partnerJustifies(row: number, kept: ReadonlySet<number>): boolean {
    return kept.has(this.partner[row] as number) && (this.partnerJaccard[row] as number) >= RIGHT
  }

  private byEdit(value: (pair: number) => number): Record<Edit, number> {
    const mean = (edit: Edit) => {
      let sum = 0
      let count = 0
      for (const [pair, { edit: own }] of this.corpus.pairs.entries())
        if (own === edit) {
          sum += value(pair)
          count++
        }
      return sum / count
    }
    return Object.fromEntries(EDITS.map((edit) => [edit, mean(edit)])) as Record<Edit, number>
  }
}

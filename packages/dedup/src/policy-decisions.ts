import { Family } from './candidates.js'
import type { Decision } from './decisions.js'
import { type EdgesOfLog, type PlacedEdges, requireInLog } from './placed-edges.js'
import type { Choice } from './policies.js'

/** A shard to be decided again. */
export interface PlacedShard extends PlacedEdges {
  readonly rows: number
}

const NO_EDGE = 0xff

/**
 * The pairs of documents with the one that stays for them, where that one came later and so has the pair in its own shard.
 * Takes 15 bytes for each document that goes for a later one.
 */
export class LaterEdges {
  /** A `Family`, or `NO_EDGE`. */
  private readonly family: Uint8Array
  private readonly jaccard: Float64Array
  private readonly bands: Uint16Array

  private constructor(
    /** The documents that go for a later one, ascending. */
    private readonly documents: Uint32Array,
  ) {
    this.family = new Uint8Array(documents.length).fill(NO_EDGE)
    this.jaccard = new Float64Array(documents.length)
    this.bands = new Uint16Array(documents.length)
  }

  /**
   * Gathers them in one pass over the stored matches; where no document goes for a later one, nothing is read.
   *
   * @param shards verified pairs, read once, in any order.
   * @throws CorruptError when a pair is not of this log.
   */
  static async collect(choice: Choice, shards: EdgesOfLog): Promise<LaterEdges> {
    const { representative } = choice
    const later = new LaterEdges(goneForLater(choice))
    if (later.documents.length === 0) return later
    for await (const shard of shards) {
      requireInLog(shard, representative.length)
      const { base, edges } = shard
      for (let edge = 0; edge < edges.count; edge++) {
        const earlier = edges.earlier[edge] as number
        if (representative[earlier] !== base + (edges.row[edge] as number)) continue
        if (earlier >= choice.firstOfRun) later.put(later.find(earlier), shard, edge)
      }
    }
    return later
  }

  /** Fills in what is known of the rows of a shard. */
  describe(decision: Decision, base: number): void {
    const end = this.find(base + decision.rows)
    for (let at = this.find(base); at < end; at++) {
      if (this.family[at] === NO_EDGE) continue
      const row = (this.documents[at] as number) - base
      decision.family[row] = this.family[at] as number
      decision.jaccard[row] = this.jaccard[at] as number
      decision.bands[row] = this.bands[at] as number
    }
  }

  private put(at: number, { edges }: PlacedEdges, edge: number): void {
    this.family[at] = edges.family[edge] as number
    this.jaccard[at] = edges.jaccard[edge] as number
    this.bands[at] = edges.bands[edge] as number
  }

  /** Place of the first document that is not before this ordinal. */
  private find(ordinal: number): number {
    let low = 0
    let high = this.documents.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.documents[middle] as number) < ordinal) low = middle + 1
      else high = middle
    }
    return low
  }
}

function goneForLater({ representative, firstOfRun }: Choice): Uint32Array {
  let count = 0
  for (let ordinal = firstOfRun; ordinal < representative.length; ordinal++)
    if ((representative[ordinal] as number) > ordinal) count++
  const documents = new Uint32Array(count)
  let at = 0
  for (let ordinal = firstOfRun; ordinal < representative.length; ordinal++)
    if ((representative[ordinal] as number) > ordinal) documents[at++] = ordinal
  return documents
}

/**
 * What becomes of the rows of a shard under a policy. Shards can be decided in any order.
 * A row's family, Jaccard index and bands are those of its pair with the document that stays. Where there is no such pair, the two
 * are in one cluster by way of others: then it is a near duplicate with a Jaccard index of NaN and 0 bands.
 *
 * @param later from `LaterEdges.collect` with the same choice.
 * @throws RangeError when the shard is not of this run or not of this log.
 */
export function policyDecision(choice: Choice, shard: PlacedShard, later: LaterEdges): Decision {
  const { base, rows, edges } = shard
  const { representative, firstOfRun } = choice
  if (base < firstOfRun)
    throw new RangeError(`the shard at document ${base} was decided by an earlier run`)
  if (base + rows > representative.length)
    throw new RangeError(`the shard at document ${base} goes beyond the documents clustered`)
  const decision = decisionOf(choice, base, rows)
  for (let edge = 0; edge < edges.count; edge++) {
    const row = edges.row[edge] as number
    if (decision.duplicateOf[row] !== edges.earlier[edge]) continue
    decision.family[row] = edges.family[edge] as number
    decision.jaccard[row] = edges.jaccard[edge] as number
    decision.bands[row] = edges.bands[edge] as number
  }
  later.describe(decision, base)
  return decision
}

/** The decision as if there were no pairs. */
function decisionOf({ representative }: Choice, base: number, rows: number): Decision {
  const decision: Decision = {
    rows,
    duplicateOf: new Float64Array(rows).fill(-1),
    family: new Uint8Array(rows),
    jaccard: new Float64Array(rows).fill(Number.NaN),
    bands: new Uint16Array(rows),
  }
  for (let row = 0; row < rows; row++) {
    const stays = representative[base + row] as number
    if (stays === base + row) continue
    decision.duplicateOf[row] = stays
    decision.family[row] = Family.near
  }
  return decision
}

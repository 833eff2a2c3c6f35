import { similarityOfShared } from './bands.js'
import type { BloomIndex } from './bloom-index.js'
import { Family } from './candidates.js'
import type { Decision } from './decisions.js'
import type { RowTable } from './key-file.js'
import { FIRST_BAND_TAG, TEXT_TAG, URL_TAG } from './keys.js'
import type { DedupParameters } from './parameters.js'
import type { Edges } from './verification.js'

/** Ordinal that stands for an earlier document of which it is only known that there is one. */
export const SOME_EARLIER = Number.POSITIVE_INFINITY

/**
 * As `LogFold`, with an index that only knows whether a key was seen: a row is a duplicate when any of its keys was, in any
 * earlier document. Nothing is verified, and the earlier document is not named.
 */
export class BloomFold {
  private end: number

  /** @param ordinals documents that `index` has seen. */
  constructor(
    readonly parameters: DedupParameters,
    readonly index: BloomIndex,
    ordinals = 0,
  ) {
    this.end = ordinals
  }

  /** Ordinal of the next document. */
  get ordinals(): number {
    return this.end
  }

  /** Different keys held. */
  get keys(): number {
    return this.index.keys
  }

  /** Bytes of memory held. */
  get bytes(): number {
    return this.index.bytes
  }

  /**
   * Decides the next shard of the log. Each row that goes has one pair, with `SOME_EARLIER`.
   *
   * @param entries all entries of its key file.
   * @param own the records of its key file.
   */
  async resolve(
    entries: Uint32Array,
    { rows }: Pick<RowTable, 'rows'>,
  ): Promise<{ decision: Decision; edges: Edges }> {
    const seen = this.index.insert(entries)
    const decision: Decision = {
      rows,
      duplicateOf: new Float64Array(rows).fill(-1),
      family: new Uint8Array(rows).fill(Family.near),
      jaccard: new Float64Array(rows).fill(Number.NaN),
      bands: new Uint16Array(rows),
    }
    for (let at = 0; at < seen.count; at++) {
      const row = seen.row[at] as number
      const tag = seen.tag[at] as number
      decision.duplicateOf[row] = SOME_EARLIER
      if (tag >= FIRST_BAND_TAG) decision.bands[row] = (decision.bands[row] as number) + 1
      else if (tag === URL_TAG) decision.family[row] = Family.url
      else if (tag === TEXT_TAG && decision.family[row] === Family.near)
        decision.family[row] = Family.text
    }
    const gone: number[] = []
    for (let row = 0; row < rows; row++) {
      if ((decision.duplicateOf[row] as number) < 0) continue
      gone.push(row)
      const family = decision.family[row] as number
      if (family === Family.text) decision.jaccard[row] = 1
      else if (family === Family.near)
        decision.jaccard[row] = similarityOfShared(decision.bands[row] as number, this.parameters)
    }
    this.end += rows
    return { decision, edges: edgesOf(gone, decision) }
  }
}

function edgesOf(gone: readonly number[], { family, jaccard, bands }: Decision): Edges {
  return {
    count: gone.length,
    row: Uint32Array.from(gone),
    earlier: new Float64Array(gone.length).fill(SOME_EARLIER),
    family: Uint8Array.from(gone, (row) => family[row] as number),
    jaccard: Float64Array.from(gone, (row) => jaccard[row] as number),
    bands: Uint16Array.from(gone, (row) => bands[row] as number),
  }
}

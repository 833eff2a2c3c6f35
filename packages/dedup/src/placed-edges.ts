import { CorruptError } from '@winnow/core'
import type { Edges } from './verification.js'

/** A shard's verified pairs with its place in the log. */
export interface PlacedEdges {
  /** Ordinal of the shard's row 0. */
  readonly base: number
  readonly edges: Edges
}

/** The verified pairs of a whole log, shard by shard, so that only one shard's are in memory at once. */
export type EdgesOfLog = Iterable<PlacedEdges> | AsyncIterable<PlacedEdges>

/**
 * Checks that every pair is one of a document of the log and an earlier one, so that what follows them can trust them.
 *
 * @throws CorruptError naming the first pair that is not.
 */
export function requireInLog({ base, edges }: PlacedEdges, documents: number): void {
  for (let edge = 0; edge < edges.count; edge++) {
    const document = base + (edges.row[edge] as number)
    const earlier = edges.earlier[edge] as number
    if (document < documents && Number.isInteger(earlier) && earlier >= 0 && earlier < document)
      continue
    throw new CorruptError(
      `pair ${edge} of the shard at document ${base} is of documents ${document} and ${earlier}, in a log of ${documents}`,
      'The stored matches are not those of this log; make them again.',
    )
  }
}

import fc from 'fast-check'
import type { PlacedEdges } from '../src/clusters.js'
import type { Edges } from '../src/verification.js'

/** A verified pair of ordinals. */
export interface Pair {
  readonly later: number
  readonly earlier: number
  readonly family: number
  readonly jaccard: number
  readonly bands: number
}

export interface EdgeLog {
  readonly documents: number
  /** Ascending by later and then by earlier document, each pair once. */
  readonly pairs: readonly Pair[]
  readonly shards: readonly (PlacedEdges & { rows: number })[]
}

export function edgesOf(pairs: readonly Pair[], base: number): Edges {
  return {
    count: pairs.length,
    row: Uint32Array.from(pairs, ({ later }) => later - base),
    earlier: Float64Array.from(pairs, ({ earlier }) => earlier),
    family: Uint8Array.from(pairs, ({ family }) => family),
    jaccard: Float64Array.from(pairs, ({ jaccard }) => jaccard),
    bands: Uint16Array.from(pairs, ({ bands }) => bands),
  }
}

/** @param ends of the shards, ascending; the last one is the number of documents. */
export function edgeLog(pairs: readonly Pair[], ends: readonly number[]): EdgeLog {
  const shards = ends.map((end, number) => {
    const base = ends[number - 1] ?? 0
    const own = pairs.filter(({ later }) => later >= base && later < end)
    return { base, rows: end - base, edges: edgesOf(own, base) }
  })
  return { documents: ends.at(-1) ?? 0, pairs, shards }
}

/** A near duplicate. */
export function near(later: number, earlier: number, jaccard = 0.9, bands = 5): Pair {
  return { later, earlier, family: 2, jaccard, bands }
}

/** Logs of up to 40 documents, sparse and dense, with few values of the Jaccard index, so that many tie. */
export const edgeLogs: fc.Arbitrary<EdgeLog> = fc
  .integer({ min: 1, max: 40 })
  .chain((documents) => {
    const ordinal = fc.integer({ min: 0, max: documents - 1 })
    const nearPair = fc.record({
      family: fc.constant(2),
      jaccard: fc.constantFrom(0.7, 0.8, 0.9, 1),
      bands: fc.integer({ min: 1, max: 14 }),
    })
    const exact = fc.constantFrom(
      { family: 0, jaccard: Number.NaN, bands: 0 },
      { family: 1, jaccard: 1, bands: 3 },
    )
    const link = fc.tuple(ordinal, ordinal, fc.oneof(nearPair, nearPair, exact))
    return fc.record({
      links: fc.array(link, { maxLength: 2 * documents }),
      cuts: fc.array(ordinal, { maxLength: 5 }),
      documents: fc.constant(documents),
    })
  })
  .map(({ links, cuts, documents }) => {
    const pairs = new Map<number, Pair>()
    for (const [a, b, likeness] of links) {
      if (a === b) continue
      const pair = { later: Math.max(a, b), earlier: Math.min(a, b), ...likeness }
      pairs.set(pair.later * documents + pair.earlier, pair)
    }
    const sorted = [...pairs].sort(([a], [b]) => a - b).map(([, pair]) => pair)
    return edgeLog(sorted, [...cuts.sort((a, b) => a - b), documents])
  })

/** The members of each cluster, by root. */
export function membersOf(clusterOf: ArrayLike<number>): Map<number, number[]> {
  const members = new Map<number, number[]>()
  for (const [ordinal, root] of Array.from(clusterOf).entries())
    members.set(root, [...(members.get(root) ?? []), ordinal])
  return members
}

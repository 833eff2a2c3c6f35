import { CorruptError, UsageError } from '@winnow/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  Clusters,
  clusterComponents,
  clusterStars,
  MAX_CLUSTERED,
  type PlacedEdges,
} from '../src/clusters.js'
import { Decisions } from '../src/decisions.js'
import { type EdgeLog, edgeLog, edgeLogs, edgesOf, membersOf, near } from './edge-log.js'

/** Breadth-first search from every document that was not reached yet, the oldest first. */
function naiveComponents({ documents, pairs }: EdgeLog): number[] {
  const neighbours = new Map<number, number[]>()
  for (const { later, earlier } of pairs) {
    neighbours.set(later, [...(neighbours.get(later) ?? []), earlier])
    neighbours.set(earlier, [...(neighbours.get(earlier) ?? []), later])
  }
  const root = new Map<number, number>()
  for (let start = 0; start < documents; start++) {
    const queue = root.has(start) ? [] : [start]
    for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
      if (root.has(at)) continue
      root.set(at, start)
      queue.push(...(neighbours.get(at) ?? []))
    }
  }
  return Array.from({ length: documents }, (_, ordinal) => root.get(ordinal) ?? -1)
}

/** The rule word for word: of the earlier centres it is like, the most alike, then the oldest. */
function naiveStars({ documents, pairs }: EdgeLog): number[] {
  const centres = new Set<number>()
  return Array.from({ length: documents }, (_, document) => {
    const [best] = pairs
      .filter(({ later, earlier }) => later === document && centres.has(earlier))
      .map(({ earlier, family, jaccard }) => ({ earlier, likeness: family === 0 ? 1 : jaccard }))
      .sort((a, b) => b.likeness - a.likeness || a.earlier - b.earlier)
    if (best === undefined) centres.add(document)
    return best?.earlier ?? document
  })
}

async function* streamed(shards: readonly PlacedEdges[]) {
  for (const shard of shards) yield await Promise.resolve(shard)
}

/** Each pair as a shard of its own, in the order of `keys`. */
function shuffled({ pairs }: EdgeLog, keys: readonly number[]): PlacedEdges[] {
  return pairs
    .map((pair, index) => ({ pair, key: keys[index % keys.length] ?? 0 }))
    .sort((a, b) => a.key - b.key)
    .map(({ pair }) => ({ base: pair.later, edges: edgesOf([pair], pair.later) }))
}

describe('components', () => {
  test('are those that a search finds, each named by its oldest document', async () => {
    await fc.assert(
      fc.asyncProperty(edgeLogs, async (log) => {
        const { clusterOf } = await clusterComponents(log.documents, streamed(log.shards))
        expect([...clusterOf]).toEqual(naiveComponents(log))
      }),
    )
  })

  test('do not depend on the order of shards and pairs', async () => {
    const keys = fc.array(fc.double({ noNaN: true }), { minLength: 100, maxLength: 100 })
    await fc.assert(
      fc.asyncProperty(edgeLogs, keys, async (log, order) => {
        const once = await clusterComponents(log.documents, log.shards)
        const again = await clusterComponents(log.documents, shuffled(log, order))
        expect(again.clusterOf).toEqual(once.clusterOf)
      }),
    )
  })

  test('follow a long chain however it is met', async () => {
    const documents = 20_000
    const chain = Array.from({ length: documents - 1 }, (_, i) => near(i + 1, i))
    const forward = [{ base: 0, edges: edgesOf(chain, 0) }]
    const backward = [{ base: 0, edges: edgesOf([...chain].reverse(), 0) }]
    for (const shards of [forward, backward]) {
      const clusters = await clusterComponents(documents, shards)
      expect(clusters.histogram()).toEqual([{ size: documents, clusters: 1 }])
    }
  })
})

describe('stars', () => {
  test('are those of the rule', async () => {
    await fc.assert(
      fc.asyncProperty(edgeLogs, async (log) => {
        const { clusterOf } = await clusterStars(log.documents, streamed(log.shards))
        expect([...clusterOf]).toEqual(naiveStars(log))
      }),
    )
  })

  test('have as centres the documents that the log keeps', async () => {
    await fc.assert(
      fc.asyncProperty(edgeLogs, async (log) => {
        const { clusterOf } = await clusterStars(log.documents, log.shards)
        const decisions = new Decisions('kept')
        for (const { rows, edges } of log.shards) decisions.decide(rows, edges)
        for (const [ordinal, centre] of clusterOf.entries())
          expect(centre !== ordinal).toBe(decisions.isDropped(ordinal))
      }),
    )
  })

  test('hold no chains: C is like B and B like A, but C unlike A', async () => {
    const { documents, shards } = edgeLog([near(1, 0), near(2, 1)], [3])
    expect([...(await clusterStars(documents, shards)).clusterOf]).toEqual([0, 0, 2])
    expect([...(await clusterComponents(documents, shards)).clusterOf]).toEqual([0, 0, 0])
  })

  test('refuse pairs out of the order of the log', async () => {
    const { documents, shards } = edgeLog([near(1, 0), near(3, 2)], [2, 4])
    await expect(clusterStars(documents, [...shards].reverse())).rejects.toThrow(CorruptError)
    const twice = shards.slice(0, 1)
    await expect(clusterStars(documents, [...twice, ...twice])).rejects.toThrow(CorruptError)
    const split = edgesOf([near(2, 0), near(3, 0), near(2, 1)], 0)
    await expect(clusterStars(documents, [{ base: 0, edges: split }])).rejects.toThrow(CorruptError)
  })
})

describe('clusters', () => {
  test('are counted, and the largest listed, as a map of lists does it', async () => {
    const limits = fc.nat({ max: 6 })
    await fc.assert(
      fc.asyncProperty(edgeLogs, limits, limits, async (log, limit, members) => {
        const clusters = await clusterStars(log.documents, log.shards)
        const naive = [...membersOf(clusters.clusterOf)]
        const several = naive.filter(([, list]) => list.length > 1)
        expect(clusters.count).toBe(several.length)
        expect(clusters.largest(limit, members)).toEqual(
          several
            .sort(([a, one], [b, other]) => other.length - one.length || a - b)
            .slice(0, limit)
            .map(([root, list]) => ({ root, size: list.length, members: list.slice(0, members) })),
        )
        const sizes = naive.map(([, list]) => list.length).sort((a, b) => a - b)
        expect(clusters.histogram()).toEqual(
          [...new Set(sizes)].map((size) => ({
            size,
            clusters: sizes.filter((other) => other === size).length,
          })),
        )
        for (const [ordinal, size] of clusters.sizes.entries())
          expect(size).toBe(naive.find(([root]) => root === ordinal)?.[1].length ?? 0)
      }),
    )
  })

  test('can be made of nothing', async () => {
    const none = await clusterComponents(0, [])
    expect([none.documents, none.count, none.histogram(), none.largest(3, 3)]).toEqual([
      0,
      0,
      [],
      [],
    ])
    expect(new Clusters('stars', Uint32Array.of(0, 1)).largest(3, 3)).toEqual([])
  })

  test.each([
    ['a document after the log', [near(4, 0)], 3],
    ['a document with itself', [near(2, 2)], 3],
    ['a later document', [near(1, 2)], 3],
    ['a document before the log', [near(1, -1)], 3],
    ['no document', [near(1, Number.NaN)], 3],
    ['part of a document', [near(2, 0.5)], 3],
  ])('refuse a pair with %s', async (_, pairs, documents) => {
    const shards = [{ base: 0, edges: edgesOf(pairs, 0) }]
    await expect(clusterComponents(documents, shards)).rejects.toThrow(CorruptError)
    await expect(clusterStars(documents, shards)).rejects.toThrow(CorruptError)
  })

  test('refuse more documents than they can number, before they take the memory', async () => {
    await expect(clusterComponents(MAX_CLUSTERED + 1, [])).rejects.toThrow(UsageError)
    await expect(clusterStars(MAX_CLUSTERED + 1, [])).rejects.toThrow(UsageError)
  })
})

import { UsageError } from '@winnow/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Family } from '../src/candidates.js'
import { clusterComponents, clusterStars } from '../src/clusters.js'
import { Decisions } from '../src/decisions.js'
import { dedupParameters } from '../src/parameters.js'
import {
  type Choice,
  choose,
  type FixedPast,
  NOBODY,
  POLICIES,
  type Policy,
} from '../src/policies.js'
import { LaterEdges, policyDecision } from '../src/policy-decisions.js'
import { dedupAttributes } from '../src/resolve.js'
import { type EdgeLog, edgeLog, edgeLogs, membersOf, near } from './edge-log.js'

const policies = fc.constantFrom(...POLICIES)
const kinds = fc.constantFrom(clusterComponents, clusterStars)
const columns = fc.array(
  fc.constantFrom(Number.NaN, Number.NEGATIVE_INFINITY, -1, -0, 0, 2, Number.POSITIVE_INFINITY),
  { minLength: 40, maxLength: 40 },
)
const bits = fc.array(fc.boolean(), { minLength: 40, maxLength: 40 })

/** The oldest of those with the best value; the oldest of all where none has one. */
function naiveBest(members: readonly number[], values: readonly number[], smaller: boolean) {
  const known = members.map((member) => values[member] ?? 0).filter((value) => !Number.isNaN(value))
  if (known.length === 0) return members[0]
  const best = smaller ? Math.min(...known) : Math.max(...known)
  return members.find((member) => values[member] === best)
}

function optionsFor(policy: Policy, column: readonly number[], documents: number) {
  return policy === 'first' ? {} : { values: column.slice(0, documents) }
}

/** The decisions on all shards of this run, row by row. */
async function decided(
  log: EdgeLog,
  choice: Choice,
): Promise<{ ordinal: number; of: number; family: number; jaccard: number; bands: number }[]> {
  const later = await LaterEdges.collect(choice, log.shards)
  return log.shards
    .filter(({ base }) => base >= choice.firstOfRun)
    .flatMap((shard) => {
      const { duplicateOf, family, jaccard, bands } = policyDecision(choice, shard, later)
      return Array.from(duplicateOf, (of, row) => ({
        ordinal: shard.base + row,
        of,
        family: family[row] ?? -1,
        jaccard: jaccard[row] ?? -1,
        bands: bands[row] ?? -1,
      }))
    })
}

describe('a policy', () => {
  test('chooses the best of each cluster, of equals the oldest', async () => {
    await fc.assert(
      fc.asyncProperty(
        edgeLogs,
        kinds,
        policies,
        columns,
        fc.boolean(),
        async (log, cluster, policy, column, smaller) => {
          const clusters = await cluster(log.documents, log.shards)
          const smallerIsBetter = smaller && policy === 'best'
          const options = { ...optionsFor(policy, column, log.documents), smallerIsBetter }
          const { representative } = choose(clusters, policy, options)
          for (const members of membersOf(clusters.clusterOf).values()) {
            const best =
              policy === 'first' ? members[0] : naiveBest(members, column, smallerIsBetter)
            for (const member of members) expect(representative[member]).toBe(best)
          }
        },
      ),
    )
  })

  test('keeps one document of each cluster', async () => {
    await fc.assert(
      fc.asyncProperty(edgeLogs, policies, columns, async (log, policy, column) => {
        const clusters = await clusterStars(log.documents, log.shards)
        const choice = choose(clusters, policy, optionsFor(policy, column, log.documents))
        expect(choice.kept).toBe(membersOf(clusters.clusterOf).size)
      }),
    )
  })

  test('first, with stars, keeps what the log keeps', async () => {
    await fc.assert(
      fc.asyncProperty(edgeLogs, async (log) => {
        const choice = choose(await clusterStars(log.documents, log.shards), 'first')
        const decisions = new Decisions('kept')
        for (const { rows, edges } of log.shards) decisions.decide(rows, edges)
        for (let ordinal = 0; ordinal < log.documents; ordinal++)
          expect(choice.isKept(ordinal)).toBe(!decisions.isDropped(ordinal))
      }),
    )
  })

  test('is refused without its values, with too few, and with an option that it cannot use', async () => {
    const clusters = await clusterComponents(3, [])
    expect(() => choose(clusters, 'best')).toThrow(UsageError)
    expect(() => choose(clusters, 'newest', { values: [1, 2] })).toThrow(UsageError)
    expect(() => choose(clusters, 'longest', { values: [1, 2, 3], smallerIsBetter: true })).toThrow(
      UsageError,
    )
    expect(() => choose(clusters, 'oldest' as Policy)).toThrow(UsageError)
  })
})

describe('documents of earlier runs', () => {
  /** Any verdicts at all, also such as no run would have given. */
  function pastOf(log: EdgeLog, kept: readonly boolean[], share: number): FixedPast {
    const ends = log.shards.map(({ base }) => base)
    const before = ends[Math.floor(share * ends.length)] ?? 0
    return { before, isKept: (ordinal) => ordinal < before && kept[ordinal] === true }
  }
  const shares = fc.double({ min: 0, max: 0.99, noNaN: true })

  test('keep their verdicts, and stay for those that follow', async () => {
    await fc.assert(
      fc.asyncProperty(
        edgeLogs,
        kinds,
        policies,
        columns,
        bits,
        shares,
        async (log, cluster, policy, column, kept, share) => {
          const fixed = pastOf(log, kept, share)
          const clusters = await cluster(log.documents, log.shards)
          const options = { ...optionsFor(policy, column, log.documents), fixed }
          const choice = choose(clusters, policy, options)
          for (const members of membersOf(clusters.clusterOf).values()) {
            const past = members.filter((member) => member < fixed.before)
            const present = members.filter((member) => member >= fixed.before)
            for (const member of past) expect(choice.isKept(member)).toBe(fixed.isKept(member))
            const standing = past.filter(fixed.isKept)
            const pool = standing.length > 0 ? standing : present
            const best = policy === 'first' ? pool[0] : naiveBest(pool, column, false)
            for (const member of members)
              if (!standing.includes(member))
                expect(choice.representative[member]).toBe(best ?? NOBODY)
          }
        },
      ),
    )
  })

  test('cannot be chosen away by a better one', async () => {
    const { documents, shards } = edgeLog([near(1, 0), near(2, 0), near(3, 2)], [2, 4])
    const clusters = await clusterComponents(documents, shards)
    const values = [1, 2, 3, 4]
    expect([...choose(clusters, 'best', { values }).representative]).toEqual([3, 3, 3, 3])
    const fixed = { before: 2, isKept: (ordinal: number) => ordinal === 0 }
    const choice = choose(clusters, 'best', { values, fixed })
    expect([...choice.representative]).toEqual([0, 0, 0, 0])
    const later = await LaterEdges.collect(choice, shards)
    expect(() => policyDecision(choice, shards[0] as (typeof shards)[0], later)).toThrow(RangeError)
  })
})

describe('decisions under a policy', () => {
  test('name the document that stays, with their pair where there is one', async () => {
    await fc.assert(
      fc.asyncProperty(
        edgeLogs,
        kinds,
        policies,
        columns,
        fc.boolean(),
        async (log, cluster, policy, column, past) => {
          const clusters = await cluster(log.documents, log.shards)
          const before = past ? (log.shards[1]?.base ?? 0) : 0
          const fixed = { before, isKept: (ordinal: number) => ordinal % 2 === 0 }
          const options = { ...optionsFor(policy, column, log.documents), fixed }
          const choice = choose(clusters, policy, options)
          const rows = await decided(log, choice)
          expect(rows.map(({ ordinal }) => ordinal)).toEqual(
            Array.from({ length: log.documents - before }, (_, row) => before + row),
          )
          for (const { ordinal, of, family, jaccard, bands } of rows) {
            const stays = choice.representative[ordinal]
            expect(of).toBe(stays === ordinal ? -1 : stays)
            const pair = log.pairs.find(
              ({ later, earlier }) =>
                later === Math.max(ordinal, of) && earlier === Math.min(ordinal, of),
            )
            const without = { family: of < 0 ? 0 : Family.near, jaccard: Number.NaN, bands: 0 }
            const { family: kind, jaccard: likeness, bands: shared } = pair ?? without
            expect([family, jaccard, bands]).toEqual([kind, likeness, shared])
          }
        },
      ),
    )
  })

  test('always have the pair with stars and the first', async () => {
    await fc.assert(
      fc.asyncProperty(edgeLogs, async (log) => {
        const clusters = await clusterStars(log.documents, log.shards)
        for (const { of, family, jaccard } of await decided(log, choose(clusters, 'first')))
          if (of >= 0 && family === Family.near) expect(jaccard).toBeGreaterThan(0)
      }),
    )
  })

  test('become attributes that say so where two were never compared', async () => {
    const log = edgeLog([near(1, 0, 0.75), near(2, 1, 0.8, 6)], [2, 3])
    const clusters = await clusterComponents(log.documents, log.shards)
    const choice = choose(clusters, 'newest', { values: [1, 2, 3] })
    const later = await LaterEdges.collect(choice, log.shards)
    const shard = log.shards[0] as (typeof log.shards)[0]
    const attributes = await dedupAttributes(
      policyDecision(choice, shard, later),
      dedupParameters('default'),
      (ordinals) => Array.from(ordinals, (ordinal) => `d${ordinal}`),
    )
    expect(attributes.labels.duplicate_of).toEqual(['d2', 'd2'])
    expect(attributes.detail).toEqual([
      'same cluster, linked by other documents',
      'estimated Jaccard 0.800 >= 0.7, 6 of 14 bands agree',
    ])
    expect([...(attributes.metrics.jaccard_estimate ?? [])]).toEqual([Number.NaN, 0.8])
    expect([...(attributes.metrics.matched_bands ?? [])]).toEqual([0, 6])
  })

  test('read no matches when nothing goes for a later document', async () => {
    const log = edgeLog([near(1, 0)], [2])
    const choice = choose(await clusterStars(log.documents, log.shards), 'first')
    const unread = {
      [Symbol.iterator]: () => {
        throw new Error('read')
      },
    }
    const later = await LaterEdges.collect(choice, unread)
    const shard = log.shards[0] as (typeof log.shards)[0]
    expect([...policyDecision(choice, shard, later).duplicateOf]).toEqual([-1, 0])
  })
})

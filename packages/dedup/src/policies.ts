import { UsageError } from '@winnow/core'
import type { Clusters } from './clusters.js'

/**
 * Which document of a cluster stays.
 *
 * `first`: the oldest in the log. `longest`: the one with most text. `best`: the one with the best value of a metric.
 * `newest`: the one with the latest date. Of equals the oldest in the log stays.
 */
export const POLICIES = ['first', 'longest', 'best', 'newest'] as const
export type Policy = (typeof POLICIES)[number]

/** What earlier runs have decided: their clean shards are written and stay as they are. */
export interface FixedPast {
  /** Ordinal of the first document of this run. */
  readonly before: number
  /** Whether a document before it was kept. */
  readonly isKept: (ordinal: number) => boolean
}

export interface PolicyOptions {
  /**
   * A number per document: bytes of text for `longest`, the metric for `best`, the date for `newest`. NaN, where there is none,
   * comes after all numbers. Those of earlier runs may be left NaN: a document they kept stays anyhow.
   */
  readonly values?: ArrayLike<number>
  /** `best` only: the smallest value is the best. */
  readonly smallerIsBetter?: boolean
  readonly fixed?: FixedPast
}

/** Stands for no document in `Choice.representative`. */
export const NOBODY = 0xffffffff

/** Which documents stay, and which one stays for each of those that go. Holds 4 bytes a document and no clusters. */
export class Choice {
  /**
   * @param representative per document the ordinal of the one that stays for it: itself where it stays. `NOBODY` for one that
   * an earlier run dropped, where its cluster holds no document of this run and none that was kept.
   * @param firstOfRun ordinal of the first document that could be chosen; verdicts on those before are as they were.
   */
  constructor(
    readonly representative: Uint32Array,
    readonly firstOfRun: number,
  ) {}

  isKept(ordinal: number): boolean {
    return this.representative[ordinal] === ordinal
  }

  /** Documents that stay. */
  get kept(): number {
    let kept = 0
    for (let ordinal = 0; ordinal < this.representative.length; ordinal++)
      if (this.isKept(ordinal)) kept++
    return kept
  }
}

/**
 * Chooses which document of each cluster stays.
 *
 * Promised: one document of each cluster stays, and every one that goes is in the cluster of the one named for it. In a component
 * the two may be linked by a chain only. In a star both are like the centre, but not always like each other: two documents that
 * share 70 % with the centre may share 40 %. Demanding that they are alike would leave copies in: the pairs are those that
 * the index remembered, with the oldest documents of a key, so later copies of one text have no pair with each other.
 *
 * With `fixed`, documents of earlier runs keep their verdicts. A cluster that holds some that were kept keeps those and
 * no other, whatever the policy; the best of them is named for what goes. One that an earlier run dropped never comes back.
 *
 * @throws UsageError when the policy needs values that are not given, or cannot use an option.
 */
export function choose(clusters: Clusters, policy: Policy, options: PolicyOptions = {}): Choice {
  requireFitting(clusters.documents, policy, options)
  const { clusterOf } = clusters
  const isBetter = comparison(policy, options)
  const stays = new Uint32Array(clusterOf.length)
  // A root is the oldest of its cluster, so its entry can hold the best seen so far before those of the others are due.
  for (let ordinal = 0; ordinal < clusterOf.length; ordinal++) {
    const root = clusterOf[ordinal] as number
    if (root === ordinal || isBetter(ordinal, stays[root] as number)) stays[root] = ordinal
  }
  for (let ordinal = 0; ordinal < clusterOf.length; ordinal++)
    stays[ordinal] = stays[clusterOf[ordinal] as number] as number
  if (options.fixed !== undefined) restorePast(stays, options.fixed)
  return new Choice(stays, options.fixed?.before ?? 0)
}

function requireFitting(documents: number, policy: Policy, options: PolicyOptions): void {
  const { values, smallerIsBetter } = options
  if (!POLICIES.includes(policy))
    throw new UsageError(
      `there is no policy ${JSON.stringify(policy)}`,
      `Policies are ${POLICIES.join(', ')}.`,
    )
  if (smallerIsBetter === true && policy !== 'best')
    throw new UsageError(
      `the policy '${policy}' cannot prefer smaller values`,
      "Only 'best', which goes by a metric, can.",
    )
  if (policy === 'first') return
  if (values === undefined)
    throw new UsageError(
      `the policy '${policy}' needs a value for every document`,
      "Give the column it goes by, or use 'first'.",
    )
  if (values.length !== documents)
    throw new UsageError(
      `there are ${values.length} values for the policy '${policy}', and ${documents} documents in the clusters`,
      'Give one for every document of the log, NaN where there is none.',
    )
}

/** Whether a document is to stay rather than an older one. */
function comparison(
  policy: Policy,
  { values, smallerIsBetter = false, fixed }: PolicyOptions,
): (ordinal: number, older: number) => boolean {
  const byValue =
    policy === 'first' || values === undefined ? () => false : valueOrder(values, smallerIsBetter)
  if (fixed === undefined) return byValue
  const standing = (ordinal: number): number => {
    if (ordinal >= fixed.before) return 1
    return fixed.isKept(ordinal) ? 2 : 0
  }
  return (ordinal, older) => {
    const lead = standing(ordinal) - standing(older)
    return lead > 0 || (lead === 0 && byValue(ordinal, older))
  }
}

function valueOrder(values: ArrayLike<number>, smallerIsBetter: boolean) {
  return (ordinal: number, older: number): boolean => {
    const value = values[ordinal] as number
    const other = values[older] as number
    if (Number.isNaN(other)) return !Number.isNaN(value)
    return smallerIsBetter ? value < other : value > other
  }
}

/** Gives documents of earlier runs the verdicts they had. */
function restorePast(stays: Uint32Array, { before, isKept }: FixedPast): void {
  const end = Math.min(before, stays.length)
  for (let ordinal = 0; ordinal < end; ordinal++) {
    const chosen = stays[ordinal] as number
    if (isKept(ordinal)) stays[ordinal] = ordinal
    // Only where there was nothing better is the one chosen gone itself.
    else if (chosen < before && !isKept(chosen)) stays[ordinal] = NOBODY
  }
}

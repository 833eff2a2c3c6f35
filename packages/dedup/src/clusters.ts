import { CorruptError, UsageError } from '@winnow/core'
import { Family } from './candidates.js'
import { type EdgesOfLog, requireInLog } from './placed-edges.js'
import type { Edges } from './verification.js'

export type { EdgesOfLog, PlacedEdges } from './placed-edges.js'

/**
 * How pairs become clusters.
 *
 * `components`: whoever is linked by a chain of pairs. What is alike is never parted; the ends of a chain may be unlike.
 * `stars`: everyone with one centre that it is like itself. There are no chains; two members may be unlike.
 */
export const CLUSTER_KINDS = ['components', 'stars'] as const
export type ClusterKind = (typeof CLUSTER_KINDS)[number]

/** Documents that can be clustered: ordinals are held in 32 bits, and one value says "none". */
export const MAX_CLUSTERED = 2 ** 32 - 2

/** A group of duplicates. */
export interface Cluster {
  /** Ordinal of its oldest document. */
  readonly root: number
  readonly size: number
  /** Ordinals of its oldest documents, ascending, the root first. */
  readonly members: readonly number[]
}

/** The documents of a log in groups. Every document is in one of them, most of them alone. */
export class Clusters {
  private counted: Uint32Array | undefined

  /**
   * @param clusterOf per document the ordinal of the root of its cluster, which is the oldest document in it.
   */
  constructor(
    readonly kind: ClusterKind,
    readonly clusterOf: Uint32Array,
  ) {}

  get documents(): number {
    return this.clusterOf.length
  }

  /** Documents in a cluster, at the ordinal of its root; 0 at all others. Counted when first asked for, 4 bytes a document. */
  get sizes(): Uint32Array {
    this.counted ??= sizesOf(this.clusterOf)
    return this.counted
  }

  /** Clusters of two documents or more. */
  get count(): number {
    let count = 0
    for (const size of this.sizes) if (size > 1) count++
    return count
  }

  /** How many clusters have which size, the smallest first, those of one document included. */
  histogram(): { size: number; clusters: number }[] {
    const clusters = new Map<number, number>()
    for (const size of this.sizes) if (size > 0) clusters.set(size, (clusters.get(size) ?? 0) + 1)
    return [...clusters]
      .map(([size, count]) => ({ size, clusters: count }))
      .sort((a, b) => a.size - b.size)
  }

  /**
   * The members of some clusters that stay, by root.
   *
   * @param limit documents listed of each, the oldest.
   */
  keptMembers(
    roots: readonly number[],
    isKept: (ordinal: number) => boolean,
    limit: number,
  ): Map<number, { count: number; members: number[] }> {
    const found = new Map(roots.map((root) => [root, { count: 0, members: [] as number[] }]))
    for (let ordinal = 0; ordinal < this.clusterOf.length; ordinal++) {
      const entry = found.get(this.clusterOf[ordinal] as number)
      if (entry === undefined || !isKept(ordinal)) continue
      entry.count++
      if (entry.members.length < limit) entry.members.push(ordinal)
    }
    return found
  }

  /**
   * The largest clusters of two documents or more, the largest first; of equal ones the oldest.
   *
   * @param limit clusters listed.
   * @param members documents listed of each.
   */
  largest(limit: number, members: number): Cluster[] {
    const { clusterOf, sizes } = this
    const roots = largestRoots(sizes, limit)
    const least = sizes[roots.at(-1) ?? -1] ?? Number.POSITIVE_INFINITY
    const listed = new Map<number, number[]>(roots.map((root) => [root, []]))
    for (let ordinal = 0; ordinal < clusterOf.length; ordinal++) {
      const root = clusterOf[ordinal] as number
      if ((sizes[root] as number) < least) continue
      const list = listed.get(root)
      if (list !== undefined && list.length < members) list.push(ordinal)
    }
    return [...listed].map(([root, members]) => ({ root, size: sizes[root] as number, members }))
  }
}

function largestRoots(sizes: Uint32Array, limit: number): number[] {
  const roots: number[] = []
  if (limit < 1) return roots
  for (let root = 0; root < sizes.length; root++) {
    const size = sizes[root] as number
    if (size < 2) continue
    const full = roots.length >= limit
    if (full && size <= (sizes[roots.at(-1) as number] as number)) continue
    if (full) roots.pop()
    roots.splice(placeBySize(roots, size, sizes), 0, root)
  }
  return roots
}

/** Where a cluster of this size belongs, behind those as large, which are older. `roots` descend by size. */
function placeBySize(roots: readonly number[], size: number, sizes: Uint32Array): number {
  let low = 0
  let high = roots.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sizes[roots[middle] as number] as number) >= size) low = middle + 1
    else high = middle
  }
  return low
}

function sizesOf(clusterOf: Uint32Array): Uint32Array {
  const sizes = new Uint32Array(clusterOf.length)
  for (const root of clusterOf) sizes[root] = (sizes[root] as number) + 1
  return sizes
}

/**
 * Connected components: two documents are in one cluster when a chain of pairs links them.
 * The result does not depend on the order of the shards or of their pairs. Takes 4 bytes a document.
 *
 * @param documents of the log.
 * @param shards verified pairs, read once, in any order.
 * @throws UsageError for more documents than `MAX_CLUSTERED`.
 * @throws CorruptError when a pair is not of this log.
 */
export async function clusterComponents(documents: number, shards: EdgesOfLog): Promise<Clusters> {
  const parent = eachAlone(documents)
  for await (const shard of shards) {
    requireInLog(shard, documents)
    const { base, edges } = shard
    for (let edge = 0; edge < edges.count; edge++)
      unite(parent, base + (edges.row[edge] as number), edges.earlier[edge] as number)
  }
  // Parents are older than their children, so those before an ordinal point to their roots by now.
  for (let ordinal = 0; ordinal < documents; ordinal++)
    parent[ordinal] = parent[parent[ordinal] as number] as number
  return new Clusters('components', parent)
}

/** Puts the younger root under the older one, so that every root is the oldest document of its tree. */
function unite(parent: Uint32Array, one: number, other: number): void {
  const a = rootOf(parent, one)
  const b = rootOf(parent, other)
  if (a < b) parent[b] = a
  else parent[a] = b
}

/** Union-find with path halving (Tarjan and van Leeuwen 1984): every other document passed is hung one step higher. */
function rootOf(parent: Uint32Array, ordinal: number): number {
  let at = ordinal
  for (;;) {
    const above = parent[at] as number
    if (above === at) return at
    const next = parent[above] as number
    parent[at] = next
    at = next
  }
}

/**
 * Star clusters: along the log, a document that is like an earlier centre joins the centre it is most like (the oldest of equals;
 * the same URL counts as 1), any other becomes a centre. So every member is directly like its centre.
 * The centres are the documents that `Decisions` keeps with `against: 'kept'`. Takes 4 bytes a document.
 *
 * @param documents of the log.
 * @param shards verified pairs, read once, in the order of the log.
 * @throws UsageError for more documents than `MAX_CLUSTERED`.
 * @throws CorruptError when a pair is not of this log or stands out of its order.
 */
export async function clusterStars(documents: number, shards: EdgesOfLog): Promise<Clusters> {
  const centreOf = eachAlone(documents)
  let last = -1
  for await (const shard of shards) {
    requireInLog(shard, documents)
    const { base, edges } = shard
    for (let edge = 0; edge < edges.count; ) {
      const end = endOfRow(edges, edge)
      const document = base + (edges.row[edge] as number)
      if (document <= last)
        throw new CorruptError(
          `the pairs of document ${document} come after those of document ${last}`,
          'Star clusters need the stored matches in the order of the log.',
        )
      last = document
      centreOf[document] = centreFor(document, edges, edge, end, centreOf)
      edge = end
    }
  }
  return new Clusters('stars', centreOf)
}

function endOfRow(edges: Edges, from: number): number {
  let end = from + 1
  while (end < edges.count && edges.row[end] === edges.row[from]) end++
  return end
}

/** The centre that a document joins, itself when it is like none. */
function centreFor(
  document: number,
  edges: Edges,
  from: number,
  to: number,
  centreOf: Uint32Array,
): number {
  let centre = document
  let most = -1
  for (let edge = from; edge < to; edge++) {
    const earlier = edges.earlier[edge] as number
    if (centreOf[earlier] !== earlier) continue
    const likeness = edges.family[edge] === Family.near ? (edges.jaccard[edge] as number) : 1
    if (likeness < most || (likeness === most && earlier > centre)) continue
    centre = earlier
    most = likeness
  }
  return centre
}

function eachAlone(documents: number): Uint32Array {
  if (documents > MAX_CLUSTERED)
    throw new UsageError(
      `the log has ${documents} documents, and clusters can be made of ${MAX_CLUSTERED} at most`,
      'Cluster the corpus in parts, each with its own log.',
    )
  const roots = new Uint32Array(documents)
  for (let ordinal = 0; ordinal < documents; ordinal++) roots[ordinal] = ordinal
  return roots
}

/** A member of a group, with the partitions that it had until now. */
export interface GroupMember {
  readonly id: string
  readonly owned: readonly number[]
  /** Those of them that have a message in work: the last to be taken away. */
  readonly busy: readonly number[]
}

/**
 * Shares partitions out so that members differ by one at most, and as many as possible stay where they are: a shard
 * in work need not be begun again elsewhere because a member came or went. A pure function, since any member may be
 * the one that is asked.
 */
export function assignPartitions(
  partitions: readonly number[],
  members: readonly GroupMember[],
): Map<string, number[]> {
  const byId = [...members].sort((a, b) => (a.id < b.id ? -1 : 1))
  const claims = claimsOf(partitions, byId)
  const least = Math.floor(partitions.length / byId.length)
  let larger = partitions.length % byId.length
  const shares = new Map<string, number[]>()
  const free = new Set(partitions)
  const largestFirst = [...byId].sort((a, b) => size(claims, b) - size(claims, a))
  const quotas = new Map<string, number>()
  for (const { id } of largestFirst) {
    const quota = larger-- > 0 ? least + 1 : least
    const kept = (claims.get(id) ?? []).slice(0, quota)
    for (const partition of kept) free.delete(partition)
    shares.set(id, kept)
    quotas.set(id, quota)
  }
  for (const partition of free) {
    const next = byId.find(({ id }) => (shares.get(id) ?? []).length < (quotas.get(id) ?? 0))
    if (next !== undefined) shares.get(next.id)?.push(partition)
  }
  return shares
}

/** Each partition's claimant, busy ones first; a partition that two claim goes to the one that works on it. */
function claimsOf(
  partitions: readonly number[],
  members: readonly GroupMember[],
): Map<string, number[]> {
  const free = new Set(partitions)
  const claims = new Map<string, number[]>(members.map(({ id }) => [id, []]))
  for (const list of ['busy', 'owned'] as const)
    for (const member of members)
      for (const partition of member[list])
        if (free.delete(partition)) claims.get(member.id)?.push(partition)
  return claims
}

function size(claims: Map<string, number[]>, { id }: GroupMember): number {
  return claims.get(id)?.length ?? 0
}

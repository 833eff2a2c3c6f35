import { Verdict } from '@winnow/core'
import { ENTRY_WORDS, ROW_MASK } from './keys.js'
import type { StoredShard } from './verify.js'

export interface BloomReport {
  readonly documents: number
  readonly kept: number
  readonly dropped: number
  /** Ids of documents that were kept although an earlier document has one of their keys. */
  readonly keptCopies: readonly string[]
  /** Ids of documents that were dropped although no earlier document has one of their keys. */
  readonly falsePositives: readonly string[]
  /** Keys looked up that were new. */
  readonly newKeys: number
  /** No copy kept, and no more false positives than the filter's rate lets expect. */
  readonly sound: boolean
}

/**
 * Recomputes the verdicts of a bloom index with sets of keys. A Bloom filter errs on one side only: what was seen is found.
 *
 * @param shards in the order of the log; one whose id came before is skipped.
 * @param falsePositiveRate of a look-up.
 */
export async function verifyBloom(
  shards: AsyncIterable<StoredShard> | Iterable<StoredShard>,
  falsePositiveRate: number,
): Promise<BloomReport> {
  const seen = new Set<bigint>()
  const known = new Set<string>()
  const keptCopies: string[] = []
  const falsePositives: string[] = []
  let documents = 0
  let dropped = 0
  for await (const { shard, keyFile, ids, attributes } of shards) {
    if (known.has(shard)) continue
    known.add(shard)
    const rows = Array.from({ length: keyFile.header.rows }, (): bigint[] => [])
    const { entries, table } = keyFile
    for (let at = 0; at < entries.length; at += ENTRY_WORDS)
      rows[(entries[at + 2] as number) & ROW_MASK]?.push(
        (BigInt(entries[at + 1] as number) << 32n) | BigInt(entries[at] as number),
      )
    for (const [row, keys] of rows.entries()) {
      const place = table.documentRow[row] as number
      const isCopy = keys.some((key) => seen.has(key))
      const isDropped = attributes.verdict[place] === Verdict.drop
      if (isCopy && !isDropped) keptCopies.push(ids[place] ?? '')
      if (isDropped && !isCopy) falsePositives.push(ids[place] ?? '')
      if (isDropped) dropped++
      documents++
      for (const key of keys) seen.add(key)
    }
  }
  return {
    documents,
    kept: documents - dropped,
    dropped,
    keptCopies,
    falsePositives,
    newKeys: seen.size,
    sound:
      keptCopies.length === 0 &&
      falsePositives.length <= mostExpected(seen.size * falsePositiveRate),
  }
}

/** More than so many have a chance of under one in a million (six standard deviations, and a few for small numbers). */
function mostExpected(mean: number): number {
  return mean + 6 * Math.sqrt(mean) + 3
}

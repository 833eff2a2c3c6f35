import type { CrawlShard } from '@winnow/core'
import {
  bytesSource,
  type CrawlItem,
  type CrawlPage,
  planSplits,
  type ReadOptions,
  readRecords,
} from '../src/index.js'

/** Everything in a file, read as splits of `splitBytes`. */
export async function readAll(
  uri: string,
  bytes: Uint8Array,
  options: ReadOptions & { splitBytes?: number } = {},
): Promise<CrawlItem[]> {
  const source = bytesSource(uri, bytes)
  const { splitBytes, ...rest } = options
  const { shards } = await planSplits(source, splitBytes === undefined ? {} : { splitBytes })
  const items: CrawlItem[] = []
  for (const shard of shards)
    for await (const item of readRecords(source, shard, rest)) items.push(item)
  return items
}

export async function readShard(
  uri: string,
  bytes: Uint8Array,
  shard: CrawlShard,
): Promise<CrawlItem[]> {
  const items: CrawlItem[] = []
  for await (const item of readRecords(bytesSource(uri, bytes), shard)) items.push(item)
  return items
}

export function pagesOf(items: readonly CrawlItem[]): CrawlPage[] {
  return items.filter((item) => item.kind === 'page')
}

/** How often each fate came: `page`, `document`, or the reason of a skip. */
export function fates(items: readonly CrawlItem[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const item of items) {
    const fate = item.kind === 'skipped' ? item.reason : item.kind
    counts[fate] = (counts[fate] ?? 0) + 1
  }
  return counts
}

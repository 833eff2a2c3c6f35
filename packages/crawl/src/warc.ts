import type { CrawlShard } from '@winnow/core'
import { ByteFeed } from './feed.js'
import type { Layout } from './format.js'
import type { CrawlItem } from './items.js'
import type { ReadLimits } from './limits.js'
import { itemOf } from './page.js'
import { type RandomAccess, ReadWindow } from './source.js'
import { gzipRecords } from './warc-gzip.js'
import { plainRecords } from './warc-plain.js'
import { parseRecords, type RawRecord } from './warc-records.js'
import { type StreamDamage, zstdStream } from './zstd.js'

/** The pages, texts and skipped records of a split of a WARC or WET file. */
export async function* readWarc(
  source: RandomAccess,
  shard: CrawlShard,
  layout: Layout,
  limits: ReadLimits,
): AsyncGenerator<CrawlItem> {
  for await (const record of rawRecords(source, shard, layout, limits)) yield itemOf(record, limits)
}

function rawRecords(
  source: RandomAccess,
  shard: CrawlShard,
  layout: Layout,
  limits: ReadLimits,
): AsyncGenerator<RawRecord> {
  if (layout.compression === 'none') return plainRecords(source, shard, limits)
  if (layout.compression === 'zstd') return zstdRecords(source, limits)
  return gzipRecords(source, shard, layout.splittable ? 'members' : 'stream', limits)
}

async function* zstdRecords(source: RandomAccess, limits: ReadLimits): AsyncGenerator<RawRecord> {
  const outcome: StreamDamage = { reason: null, detail: '' }
  const feed = new ByteFeed(zstdStream(new ReadWindow(source).chunks(0), outcome))
  for await (const record of parseRecords(feed, limits)) {
    if (record.kind === 'broken' && record.reason === 'truncated' && outcome.reason !== null)
      return yield { ...record, reason: outcome.reason, detail: outcome.detail }
    yield record
  }
  if (outcome.reason !== null)
    yield {
      kind: 'broken',
      position: feed.position,
      header: null,
      reason: outcome.reason,
      detail: outcome.detail,
    }
}

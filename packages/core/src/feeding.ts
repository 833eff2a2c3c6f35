import type { ShardMessage } from './messages.js'
import type { CrawlShard } from './shard.js'
import { TOPICS } from './topics.js'

/** The message that gives a crawl shard to the first stage. `sequence` is its place in the order of feeding. */
export function crawlShardMessage(
  { id, uri, offset, length, format }: CrawlShard,
  run: string,
  sequence: number,
): { readonly topic: string; readonly key: string; readonly value: string } {
  const message: ShardMessage = {
    schema: 1,
    run,
    shard: id,
    sequence,
    source: { uri, offset, length, format },
    attributes: {},
    timings: {},
  }
  return { topic: TOPICS.crawlShards, key: id, value: JSON.stringify(message) }
}

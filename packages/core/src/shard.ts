import { hash64Hex } from './hash.js'

export const CRAWL_FORMATS = ['warc', 'wet', 'jsonl', 'parquet', 'arrow'] as const
export type CrawlFormat = (typeof CRAWL_FORMATS)[number]

/** One input split: a URI and a byte range of it. `length` counts stored (compressed) bytes. */
export interface CrawlShard {
  readonly id: string
  readonly uri: string
  readonly offset: number
  readonly length: number
  readonly format: CrawlFormat
}

/** 16 hex digits that depend on the source alone, so that doing a shard again writes under the same name. */
export function shardId(uri: string, offset: number, length: number): string {
  return hash64Hex(`${uri}\n${offset}\n${length}`)
}

/**
 * Id of the document at `position` (bytes; rows for Parquet) of the file `uri`: the same however the file is split.
 */
export function documentId(uriHash: string, position: number): string {
  return `${uriHash}-${position.toString(36)}`
}

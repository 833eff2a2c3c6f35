import { type CrawlFormat, type CrawlShard, shardId } from '@winnow/core'
import { detectLayout, type Layout } from './format.js'
import type { RandomAccess } from './source.js'

/** Stored bytes per input split: some 200 MB of HTML, seconds of work. */
export const DEFAULT_SPLIT_BYTES = 64 << 20

export interface PlanOptions {
  /** Wished size of a split in stored bytes. Default 64 MiB. */
  readonly splitBytes?: number
  /** Set to skip detection by content. */
  readonly format?: CrawlFormat
}

export interface SplitPlan {
  readonly shards: readonly CrawlShard[]
  /** Null for an empty file. */
  readonly layout: Layout | null
  /** What the user should know of this input, '' if nothing. */
  readonly note: string
}

/**
 * Cuts a crawl file into input splits of equal size that cover it without gap or overlap. Reads only the file's
 * head (and a Parquet footer). A record belongs to the split its first byte (or its gzip member's) lies in;
 * `readRecords` finds the seams. Compressed streams and Arrow files come as one split.
 *
 * @throws InputError for a directory and for a file of no accepted format
 */
export async function planSplits(
  source: RandomAccess,
  options: PlanOptions = {},
): Promise<SplitPlan> {
  const layout = await detectLayout(source, options.format)
  if (layout === null) return { shards: [], layout, note: `${source.uri} is empty` }
  const splitBytes = Math.max(1, options.splitBytes ?? DEFAULT_SPLIT_BYTES)
  const bounds =
    layout.format === 'parquet'
      ? await (await import('./parquet.js')).planRowGroups(source, splitBytes)
      : evenBounds(source.size, layout.splittable ? splitBytes : source.size)
  const shards = bounds.slice(1).map((end, i) => {
    const offset = bounds[i] as number
    const length = end - offset
    return {
      id: shardId(source.uri, offset, length),
      uri: source.uri,
      offset,
      length,
      format: layout.format,
    }
  })
  const single =
    !layout.splittable && source.size > 2 * splitBytes
      ? `${source.uri} cannot be split: ${whySingle(layout)}; one worker reads it`
      : ''
  return { shards, layout, note: single }
}

function evenBounds(size: number, splitBytes: number): number[] {
  const splits = Math.max(1, Math.round(size / splitBytes))
  return Array.from({ length: splits + 1 }, (_, i) => Math.floor((i * size) / splits))
}

function whySingle(layout: Layout): string {
  if (layout.format === 'arrow') return 'an Arrow stream is read from its start'
  return layout.compression === 'zstd'
    ? 'it is one zstd stream'
    : 'it is one gzip stream, not a member per record'
}

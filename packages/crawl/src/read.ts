import { type CrawlShard, InputError } from '@winnow/core'
import { detectLayout } from './format.js'
import type { CrawlItem } from './items.js'
import { readJsonl } from './jsonl.js'
import { DEFAULT_LIMITS, type ReadLimits } from './limits.js'
import type { RandomAccess } from './source.js'
import { readWarc } from './warc.js'

export interface ReadOptions extends Partial<ReadLimits> {
  /** Field or column that holds the text in JSONL, Parquet and Arrow. Default `text`. */
  readonly textField?: string
}

/**
 * Everything that one input split holds, in file order: pages, texts, and each skipped record with its reason.
 * Memory is bounded by `maxRecordBytes`, not by the split (by the row group in Parquet).
 *
 * @throws InputError when the rows have no text field (the message lists what there is), and when a Parquet or
 *   Arrow file cannot be opened. Broken records never throw.
 */
export async function* readRecords(
  source: RandomAccess,
  shard: CrawlShard,
  options: ReadOptions = {},
): AsyncGenerator<CrawlItem> {
  if (shard.offset < 0 || shard.offset + shard.length > source.size)
    throw new InputError(
      `${source.uri} has ${source.size} bytes, the split goes to ${shard.offset + shard.length}`,
      'The file changed after the run was planned: start a new run.',
    )
  const layout = await detectLayout(source, shard.format)
  if (layout === null) return
  const limits: ReadLimits = {
    maxRecordBytes: options.maxRecordBytes ?? DEFAULT_LIMITS.maxRecordBytes,
    maxCompressionRatio: options.maxCompressionRatio ?? DEFAULT_LIMITS.maxCompressionRatio,
  }
  const textField = options.textField ?? 'text'
  switch (shard.format) {
    case 'warc':
    case 'wet':
      return yield* readWarc(source, shard, layout, limits)
    case 'jsonl':
      return yield* readJsonl(source, shard, layout, textField, limits)
    case 'parquet':
      return yield* (await import('./parquet.js')).readParquet(source, shard, textField)
    case 'arrow':
      return yield* (await import('./arrow.js')).readArrow(source, layout, textField)
  }
}

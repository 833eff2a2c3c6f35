import {
  applyCuts,
  type DocumentBatch,
  keptRows,
  type RuleDescription,
  type ShardMessage,
  takeDocuments,
  withText,
} from '@winnow/core'
import { type ShardSummary, summarizeShard } from '@winnow/report/summary'
import { type ShardMemory, stagesOf } from '@winnow/runtime/worker'
import {
  decodeSkipped,
  encodeCleanJsonl,
  encodeCleanParquet,
  layout,
  type ObjectStore,
  SHARD_METADATA,
} from '@winnow/storage'

export type CleanFormat = 'parquet' | 'jsonl'

/** The rows that every stage kept, with the cuts applied: the clean shard. */
export function cleanDocuments(memory: ShardMemory): DocumentBatch {
  const stages = stagesOf(memory)
  const { documents } = memory
  const rows = keptRows(documents.rows, stages)
  return takeDocuments(withText(documents, applyCuts(documents.text, stages)), rows)
}

/** Writes the clean shard and the shard's summary for the report. Returns the summary. */
export async function materialise(
  store: ObjectStore,
  message: ShardMessage,
  memory: ShardMemory,
  options: { format: CleanFormat; rules: readonly RuleDescription[] },
): Promise<{ rows: number; bytes: number }> {
  const { shard, source } = message
  const clean = cleanDocuments(memory)
  const summary = summarizeShard({
    shard: { id: shard, uri: source.uri, offset: source.offset, length: source.length },
    records: await recordCounts(store, shard),
    documents: memory.documents,
    stages: memory.attributes,
    clean: { rows: clean.rows, bytes: clean.text.bytes.length },
    seconds: secondsByStage(message),
    rules: options.rules,
  })
  await putSummary(store, shard, summary)
  const bytes =
    options.format === 'jsonl'
      ? encodeCleanJsonl(clean)
      : encodeCleanParquet(clean, { [SHARD_METADATA]: shard })
  // The clean shard comes last: where it is, the shard is done.
  await store.put(layout.clean(shard, options.format), bytes)
  return { rows: clean.rows, bytes: clean.text.bytes.length }
}

async function putSummary(store: ObjectStore, shard: string, summary: ShardSummary): Promise<void> {
  await store.put(layout.summary(shard), Buffer.from(JSON.stringify(summary)))
}

async function recordCounts(store: ObjectStore, shard: string): Promise<Record<string, number>> {
  const key = layout.skipped(shard)
  const counts: Record<string, number> = {}
  for (const { reason } of await decodeSkipped(key, await store.get(key)))
    counts[reason] = (counts[reason] ?? 0) + 1
  return counts
}

/** Signing is deduplication's work on text, so the two count as one stage in the report. */
function secondsByStage({ timings }: ShardMessage) {
  const { sign, ...stages } = timings
  return { ...stages, ...(sign === undefined ? {} : { dedup: sign }) }
}

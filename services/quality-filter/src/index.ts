import { createQualityStage, type QualityOptions } from '@winnow/quality'
import { AttributeStage, type ShardProcessor } from '@winnow/runtime/worker'
import type { ObjectStore } from '@winnow/storage'

/** Judges the documents of a shard by content, language, quality and repetition; writes attributes/quality. */
export async function createQualityFilter(
  store: ObjectStore,
  options: QualityOptions,
): Promise<ShardProcessor> {
  const stage = await createQualityStage(options)
  return new AttributeStage('quality', store, (batch) => stage.evaluate(batch))
}

import {
  type Attributes,
  applyCuts,
  countVerdicts,
  type DocumentBatch,
  keptRows,
  rangesOf,
  type ShardMessage,
  type Stage,
  scatterAttributes,
  takeDocuments,
  toOriginalRanges,
  Verdict,
  withText,
} from '@winnow/core'
import {
  decodeAttributes,
  encodeAttributes,
  layout,
  type ObjectStore,
  SHARD_METADATA,
} from '@winnow/storage'
import type { ProcessResult, ShardProcessor } from './processor.js'
import { loadShard, type ShardMemory, stagesOf } from './shard-memory.js'

/** Judges documents: the pure core of a stage. Row `i` of the result is about row `i` of the batch. */
export type Evaluate = (batch: DocumentBatch) => Attributes

/**
 * A stage that reads the rows still kept, as earlier stages cut them, and writes one attributes file.
 * What it did before is recognised by the file and not done again.
 */
export class AttributeStage implements ShardProcessor {
  constructor(
    private readonly stage: Stage,
    private readonly store: ObjectStore,
    private readonly evaluate: Evaluate,
  ) {}

  async process(message: ShardMessage, memory: ShardMemory | undefined): Promise<ProcessResult> {
    const key = layout.attributes(this.stage, message.shard)
    const next = {
      ...message,
      attributes: { ...message.attributes, [this.stage]: key },
    }
    const shard = memory ?? (await loadShard(this.store, message))
    const started = performance.now()
    const earlier = stagesOf(shard)
    const selected = selectRows(shard.documents, earlier)
    const existing = await this.existing(key)
    const attributes = existing ?? judge(this.evaluate, selected, shard.documents.rows)
    if (existing === undefined)
      await this.store.put(
        key,
        encodeAttributes(shard.documents.id, attributes, { [SHARD_METADATA]: message.shard }),
      )
    const documents = selected.rows.length
    const bytes = selected.batch.text.bytes.length
    return {
      message: {
        ...next,
        timings: {
          ...message.timings,
          [this.stage]: { seconds: (performance.now() - started) / 1000, documents, bytes },
        },
      },
      memory: { ...shard, attributes: { ...shard.attributes, [this.stage]: attributes } },
      documents,
      kept: keptRows(attributes.rows, [attributes]).length,
      bytes,
      ...(existing === undefined ? { verdicts: countVerdicts(attributes) } : {}),
    }
  }

  private async existing(key: string): Promise<Attributes | undefined> {
    if ((await this.store.head(key)) === undefined) return undefined
    return decodeAttributes(key, await this.store.get(key))
  }
}

/** The rows that `earlier` stages kept, with their cuts applied. `cuts[i]` are the merged ranges removed from row `i`. */
export interface SelectedRows {
  readonly rows: Int32Array
  readonly batch: DocumentBatch
  readonly cuts: readonly (readonly number[])[]
}

export function selectRows(documents: DocumentBatch, earlier: readonly Attributes[]): SelectedRows {
  const rows = keptRows(documents.rows, earlier)
  const cutting = earlier.some((stage) => stage.spans.values.length > 0)
  const whole = cutting ? withText(documents, applyCuts(documents.text, earlier)) : documents
  return {
    rows,
    batch: rows.length === documents.rows ? whole : takeDocuments(whole, rows),
    cuts: cutting ? Array.from(rows, (row) => rangesOf(earlier, row)) : [],
  }
}

/** Evaluates the selected rows and spreads the result over the whole shard, spans in terms of the uncut text. */
function judge(evaluate: Evaluate, selected: SelectedRows, rows: number): Attributes {
  const part = evaluate(selected.batch)
  return scatterAttributes(
    selected.cuts.length === 0 ? part : withOriginalSpans(part, selected.cuts),
    selected.rows,
    rows,
  )
}

function withOriginalSpans(part: Attributes, cuts: readonly (readonly number[])[]): Attributes {
  const offsets = new Int32Array(part.rows + 1)
  const values: number[] = []
  for (let row = 0; row < part.rows; row++) {
    if (part.verdict[row] === Verdict.cut) {
      const from = part.spans.offsets[row] as number
      const to = part.spans.offsets[row + 1] as number
      const ranges = Array.from(part.spans.values.subarray(from, to))
      values.push(...toOriginalRanges(ranges, cuts[row] ?? []))
    }
    offsets[row + 1] = values.length
  }
  return { ...part, spans: { offsets, values: Int32Array.from(values) } }
}

import { type Attributes, rangesOf } from '@winnow/core'
import {
  type Decision,
  decodePassageFile,
  type ExactSeenSet,
  type PassageDecision,
  PassageIndex,
  type PassageOptions,
  type Passages,
  passageAttributes,
  withPassages,
} from '@winnow/dedup'
import { decodeAttributes, indexLayout, layout, type ObjectStore } from '@winnow/storage'

/** What became of the passages of a shard. */
export interface ShardCuts {
  readonly passages: Passages
  readonly decision: PassageDecision
}

/** Cuts lines or paragraphs that were seen before, shard by shard in the order of the log. */
export class PassageCutter {
  private readonly fold: PassageIndex

  constructor(
    private readonly index: ObjectStore,
    readonly options: PassageOptions,
    readonly seen: ExactSeenSet,
  ) {
    this.fold = new PassageIndex(seen)
  }

  /** Reads the passages of a shard. Throws CorruptError or StorageError when they cannot be read. */
  async read(run: string, shard: string): Promise<Passages> {
    const key = indexLayout.passages(run, shard)
    return decodePassageFile(await this.index.get(key), this.options, key)
  }

  /** Looks up and remembers the passages of the rows that the decision on whole documents keeps. */
  next(passages: Passages, { duplicateOf }: Pick<Decision, 'duplicateOf'>): ShardCuts {
    const kept = Uint8Array.from(duplicateOf, (earlier) => (earlier < 0 ? 1 : 0))
    return { passages, decision: this.fold.insert(passages, kept) }
  }

  /**
   * Adds the cuts to the attributes of a key file's rows.
   *
   * @param store of the run, for what earlier stages cut: passages are of the text without that.
   * @param documentRow row in the document shard of each row.
   */
  async cut(
    attributes: Attributes,
    { passages, decision }: ShardCuts,
    store: ObjectStore,
    shard: string,
    documentRow: Uint32Array,
  ): Promise<Attributes> {
    const earlier: Attributes[] = []
    for (const stage of ['extract', 'quality'] as const) {
      const key = layout.attributes(stage, shard)
      if ((await store.head(key)) !== undefined)
        earlier.push(await decodeAttributes(key, await store.get(key)))
    }
    const cutting = earlier.some(({ spans }) => spans.values.length > 0)
    const cutsOf = (row: number): number[] => rangesOf(earlier, documentRow[row] as number)
    return withPassages(
      attributes,
      passageAttributes(passages, decision, this.options, cutting ? cutsOf : undefined),
    )
  }
}

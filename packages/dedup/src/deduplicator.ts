import { utf8Column, type VerdictName } from '@winnow/core'
import { type Signatures, sign } from '@winnow/kernel'
import type { RowTable } from './key-file.js'
import { keyEntries } from './keys.js'
import { LogFold } from './log-fold.js'
import {
  type DedupParameters,
  dedupParameters,
  type ProfileName,
  signOptionsOf,
  sketchBytes,
} from './parameters.js'
import { RecordStore } from './record-store.js'
import { FAMILY_REASONS } from './resolve.js'

export interface DeduplicatorOptions {
  /** `default` when not given. */
  readonly profile?: ProfileName
  /** Values that replace the profile's. */
  readonly parameters?: Partial<DedupParameters>
  /** Documents signed at a time; verdicts do not depend on it. 1024 by default. */
  readonly batchSize?: number
}

/** A document to deduplicate. Without `url` only its text counts. */
export interface DocumentToDeduplicate {
  readonly id: string
  readonly url?: string
  readonly text: string
}

export interface DedupResult {
  readonly id: string
  readonly verdict: Extract<VerdictName, 'keep' | 'drop'>
  /** `duplicate_url`, `duplicate_text` or `near_duplicate`; '' when kept. */
  readonly reason: string
  /** Id of the earlier document; '' when kept. */
  readonly duplicateOf: string
  /** Estimated Jaccard index with it, 1 for the same text; NaN when kept, and for the same URL. */
  readonly jaccard: number
}

/**
 * Deduplicates a stream of documents in memory: the first of each group of copies is kept.
 * An instance remembers what it has seen: about 16 bytes a key, 120 a document and its id.
 */
export class Deduplicator {
  private readonly parameters: DedupParameters
  private readonly batchSize: number
  private readonly fold: LogFold
  private readonly records: RecordStore
  private readonly ids: string[] = []

  /** @throws UsageError when an option is out of range. */
  constructor(options: DeduplicatorOptions = {}) {
    this.parameters = dedupParameters(options.profile, options.parameters)
    this.batchSize = Math.max(1, Math.floor(options.batchSize ?? 1024))
    this.fold = new LogFold(this.parameters)
    this.records = new RecordStore(sketchBytes(this.parameters))
  }

  /** One result per document, in their order. Streams must be processed one after the other, not at the same time. */
  async *process(
    documents: AsyncIterable<DocumentToDeduplicate> | Iterable<DocumentToDeduplicate>,
  ): AsyncGenerator<DedupResult> {
    let batch: DocumentToDeduplicate[] = []
    for await (const document of documents) {
      batch.push(document)
      if (batch.length < this.batchSize) continue
      yield* await this.decide(batch)
      batch = []
    }
    if (batch.length > 0) yield* await this.decide(batch)
  }

  private async decide(batch: readonly DocumentToDeduplicate[]): Promise<DedupResult[]> {
    const signatures = sign(
      utf8Column(batch.map((document) => document.text)),
      signOptionsOf(this.parameters),
    )
    const urls = utf8Column(batch.map((document) => document.url ?? ''))
    const own = rowTableOf(signatures)
    const entries = keyEntries(signatures, urls, this.parameters.bands)
    const decision = await this.fold.next(entries, own, (ordinals) => this.records.read(ordinals))
    this.records.append(own)
    for (const document of batch) this.ids.push(document.id)
    return batch.map(({ id }, row) => {
      const earlier = decision.duplicateOf[row] as number
      if (earlier < 0)
        return { id, verdict: 'keep', reason: '', duplicateOf: '', jaccard: Number.NaN }
      return {
        id,
        verdict: 'drop',
        reason: FAMILY_REASONS[decision.family[row] as number] ?? '',
        duplicateOf: this.ids[earlier] ?? '',
        jaccard: decision.jaccard[row] as number,
      }
    })
  }
}

/** The records that the key file of these signatures would hold. */
function rowTableOf(signatures: Signatures): RowTable {
  const { textLength, sketches } = signatures
  const documentRow = Uint32Array.from(textLength, (_, row) => row)
  return { rows: textLength.length, documentRow, textLength, sketches }
}

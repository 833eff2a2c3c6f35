import {
  type Attributes,
  AttributesBuilder,
  DOCUMENT_TEXT_COLUMNS,
  type DocumentBatch,
  type DocumentRow,
  type DocumentTextColumn,
  Utf8Builder,
  type Utf8Column,
} from '@winnow/core'
import type { Screening } from './screening.js'

/** A document's fate in the extractor: kept, or dropped with a reason. */
export interface ExtractVerdict {
  readonly reason: string
  readonly detail: string
}

/** What the page itself says of its language, and what kind of page it is. */
const EXTRACT_LABELS = ['language_hint', 'page_kind'] as const
export type ExtractLabels = Record<(typeof EXTRACT_LABELS)[number], string>

/** Gathers the documents of a crawl shard and what the extractor says of each. */
export class DocumentCollector {
  private readonly columns = Object.fromEntries(
    DOCUMENT_TEXT_COLUMNS.map((name) => [name, new Utf8Builder()]),
  ) as Record<DocumentTextColumn, Utf8Builder>
  private readonly positions: number[] = []
  private readonly verdicts: (ExtractVerdict | undefined)[] = []
  private readonly htmlLengths: number[] = []
  private readonly labels: (Partial<ExtractLabels> | undefined)[] = []

  get rows(): number {
    return this.positions.length
  }

  /** @param htmlLength characters of HTML the text was taken from; 0 for text that came as such. */
  add(
    row: DocumentRow,
    htmlLength: number,
    dropped?: ExtractVerdict,
    labels?: Partial<ExtractLabels>,
  ): void {
    for (const name of DOCUMENT_TEXT_COLUMNS) this.columns[name].append(row[name] ?? '')
    this.positions.push(row.position ?? 0)
    this.htmlLengths.push(htmlLength)
    this.verdicts.push(dropped)
    this.labels.push(labels)
  }

  /** The batch, with languages as identified, or else as the source has them, with a score of 0; and the stage's attributes. */
  async finish(
    identify: Screening['identify'],
  ): Promise<{ documents: DocumentBatch; attributes: Attributes }> {
    const built = Object.fromEntries(
      DOCUMENT_TEXT_COLUMNS.map((name) => [name, this.columns[name].finish()]),
    ) as Record<DocumentTextColumn, Utf8Column>
    const { language, score } = (await identify?.(built.text)) ?? {
      language: built.language,
      score: new Float32Array(this.rows),
    }
    const documents: DocumentBatch = {
      rows: this.rows,
      ...built,
      language,
      languageScore: score,
      position: Float64Array.from(this.positions),
    }
    return { documents, attributes: this.attributes(documents) }
  }

  private attributes(documents: DocumentBatch): Attributes {
    const builder = new AttributesBuilder(this.rows, ['html_length', 'text_bytes'], EXTRACT_LABELS)
    const textBytes = builder.metric('text_bytes')
    builder.metric('html_length').set(this.htmlLengths)
    const { offsets } = documents.text
    for (let row = 0; row < this.rows; row++) {
      textBytes[row] = (offsets[row + 1] as number) - (offsets[row] as number)
      const verdict = this.verdicts[row]
      for (const name of EXTRACT_LABELS) builder.label(row, name, this.labels[row]?.[name] ?? '')
      if (verdict !== undefined) builder.drop(row, verdict.reason, verdict.detail)
    }
    return builder.finish()
  }
}

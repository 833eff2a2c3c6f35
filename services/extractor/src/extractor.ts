import { countVerdicts, documentId, hash64Hex, keptRows, type ShardMessage } from '@winnow/core'
import { type CrawlDocument, type CrawlPage, type ReadOptions, readRecords } from '@winnow/crawl'
import { extractPage } from '@winnow/extraction'
import {
  type LiveCounters,
  loadShard,
  type ProcessResult,
  type ShardMemory,
  type ShardProcessor,
} from '@winnow/runtime/worker'
import {
  encodeAttributes,
  encodeDocuments,
  encodeSkipped,
  layout,
  type ObjectStore,
  type RandomAccess,
  SHARD_METADATA,
  type SkippedRecord,
  SOURCE_METADATA,
} from '@winnow/storage'
import { DocumentCollector } from './document-collector.js'
import { InputMeter } from './input-meter.js'
import type { Screening } from './screening.js'

export interface ExtractorOptions {
  readonly read: ReadOptions
  readonly screening: Screening
  /** Told of every document while a shard is in work. */
  readonly counters?: LiveCounters
  /** Opens a crawl file. */
  open(uri: string): Promise<RandomAccess>
}

const DISCARDED = {
  'extract.no_main_content': 'no main content was found in the page',
  'extract.not_html': 'the body holds no HTML',
} as const

/** Reads a crawl shard and writes its documents, what became of each, and the records that are none. */
export class Extractor implements ShardProcessor {
  constructor(
    private readonly store: ObjectStore,
    private readonly options: ExtractorOptions,
  ) {}

  async process(message: ShardMessage): Promise<ProcessResult> {
    const { shard } = message
    const done = await this.existing(message)
    if (done !== undefined) return done
    const started = performance.now()
    const { memory, skipped, bytes } = await this.read(message)
    const metadata = { [SHARD_METADATA]: shard, [SOURCE_METADATA]: message.source.uri }
    const attributes = memory.attributes.extract
    if (attributes === undefined) throw new RangeError('the extractor left no attributes')
    await this.store.put(layout.skipped(shard), encodeSkipped(skipped, metadata))
    await this.store.put(
      layout.attributes('extract', shard),
      encodeAttributes(memory.documents.id, attributes, metadata),
    )
    // The documents come last: where they are, the other two are as well.
    await this.store.put(layout.documents(shard), encodeDocuments(memory.documents, metadata))
    const { rows } = memory.documents
    const seconds = (performance.now() - started) / 1000
    return {
      message: {
        ...this.next(message, rows),
        timings: { ...message.timings, extract: { seconds, documents: rows, bytes } },
      },
      memory,
      documents: rows,
      kept: keptRows(rows, [attributes]).length,
      bytes,
      verdicts: countVerdicts(attributes),
    }
  }

  private next(message: ShardMessage, rows: number): ShardMessage {
    const { shard } = message
    return {
      ...message,
      rows,
      documents: layout.documents(shard),
      attributes: { extract: layout.attributes('extract', shard) },
    }
  }

  private async existing(message: ShardMessage): Promise<ProcessResult | undefined> {
    const { shard } = message
    for (const key of [
      layout.documents(shard),
      layout.attributes('extract', shard),
      layout.skipped(shard),
    ])
      if ((await this.store.head(key)) === undefined) return undefined
    const memory = await loadShard(this.store, this.next(message, 0))
    this.options.counters?.addInput(message.source.length)
    const { rows } = memory.documents
    const extract = memory.attributes.extract
    return {
      message: this.next(message, rows),
      memory,
      documents: rows,
      kept: extract === undefined ? rows : keptRows(rows, [extract]).length,
      bytes: 0,
    }
  }

  private async read(
    message: ShardMessage,
  ): Promise<{ memory: ShardMemory; skipped: SkippedRecord[]; bytes: number }> {
    const { uri, offset, length, format } = message.source
    const { counters } = this.options
    const collector = new DocumentCollector()
    const skipped: SkippedRecord[] = []
    const uriHash = hash64Hex(uri)
    let bytes = 0
    const source = await this.options.open(uri)
    const input = new InputMeter(source, offset, length, counters)
    try {
      const shard = { id: message.shard, uri, offset, length, format }
      for await (const item of readRecords(input, shard, this.options.read)) {
        if (item.kind === 'skipped') {
          const { kind, ...record } = item
          skipped.push(record)
        } else if (item.kind === 'page') {
          bytes += item.html.length
          counters?.addDocument(item.html.length)
          this.addPage(collector, item, uri, uriHash)
        } else {
          bytes += item.text.length
          counters?.addDocument(item.text.length)
          this.addDocument(collector, item, uri, uriHash)
        }
      }
    } finally {
      await source.close()
    }
    input.finish()
    const { documents, attributes } = await collector.finish(this.options.screening.identify)
    return { memory: { documents, attributes: { extract: attributes } }, skipped, bytes }
  }

  private addPage(
    collector: DocumentCollector,
    page: CrawlPage,
    uri: string,
    uriHash: string,
  ): void {
    const { url, position } = page
    const base = { id: documentId(uriHash, position), url, source: uri, position }
    const blocked = this.options.screening.url(url)
    if (blocked !== undefined) {
      collector.add({ ...base, date: page.date, text: '' }, page.html.length, blocked)
      return
    }
    const extracted = extractPage(page.html, { url })
    const { discarded, language, kind } = extracted
    collector.add(
      {
        ...base,
        date: extracted.date === '' ? page.date : extracted.date,
        title: extracted.title,
        text: extracted.text,
      },
      page.html.length,
      discarded === undefined ? undefined : { reason: discarded, detail: DISCARDED[discarded] },
      { language_hint: language === '' ? page.language : language, page_kind: kind },
    )
  }

  private addDocument(
    collector: DocumentCollector,
    document: CrawlDocument,
    uri: string,
    uriHash: string,
  ): void {
    const { url = '', position, date = '', text, title = '', language = '' } = document
    const id = document.id ?? documentId(uriHash, position)
    const blocked = this.options.screening.url(url)
    const row = { id, url, date, source: uri, position, title, text }
    collector.add(row, 0, blocked, { language_hint: language })
  }
}

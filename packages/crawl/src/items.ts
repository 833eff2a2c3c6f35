/** Why a record is not handed on, with what it means. `records that are no page` first, then broken ones. */
export const SKIP_REASONS = {
  warcinfo: 'the WARC file describing itself',
  request: 'the request of a page, not the page',
  metadata: 'data about another record',
  revisit: 'a page that was stored before: this record has no body of its own',
  continuation: 'a part of a record that was split over several files',
  unknown_record_type: 'a WARC record type that this reader does not know',
  http_status: 'the server answered with another status than 200',
  not_html: 'the body is no HTML page (image, PDF, script, plain text, ...)',
  empty: 'there is no text',
  payload_truncated: 'the crawler stored only the beginning of the page (WARC-Truncated)',
  record_too_large: 'larger than the limit on records',
  compression_ratio: 'grows beyond the limit when decompressed, as a decompression bomb does',
  broken_compression: 'compressed data that cannot be decompressed',
  broken_record: 'a WARC record whose header or length is wrong',
  broken_http: 'a response without a readable HTTP header',
  broken_encoding: 'an HTTP body that cannot be decoded as its Content-Encoding says',
  broken_rows: 'rows of a Parquet or Arrow file that cannot be read',
  truncated: 'the file ends in the middle of the record',
  bad_json: 'a line that is no JSON object',
  no_text_field: 'a row without the text field',
} as const
export type SkipReason = keyof typeof SKIP_REASONS

/** An HTML page, decoded. */
export interface CrawlPage {
  readonly kind: 'page'
  readonly url: string
  /** When it was fetched, ISO 8601, '' where unknown. */
  readonly date: string
  readonly position: number
  readonly html: string
  /** Encoding the HTML was decoded from, as the WHATWG names it. */
  readonly charset: string
  readonly contentType: string
  /** Value of Content-Language, '' where there is none. */
  readonly language: string
}

/** A text that needs no extraction: a WET record, or a row of JSONL, Parquet or Arrow. */
export interface CrawlDocument {
  readonly kind: 'document'
  readonly text: string
  readonly position: number
  readonly id?: string
  readonly url?: string
  readonly date?: string
  readonly language?: string
  readonly title?: string
}

/** A record that is no page, or that could not be read. */
export interface SkippedRecord {
  readonly kind: 'skipped'
  /** '' where unknown. */
  readonly url: string
  readonly position: number
  /** The WARC record type, or `line` or `row`; '' where the header could not be read. */
  readonly recordType: string
  readonly reason: SkipReason
  readonly detail: string
}

/**
 * What the reader hands on. `position` is where the record starts and is unique in the file, however it is split:
 *
 * - one gzip member per record: offset of the member (plus the record's number in it, where it holds several);
 * - plain files: offset of the record or line;
 * - one compressed stream: offset in the decompressed data;
 * - Parquet and Arrow: row number.
 */
export type CrawlItem = CrawlPage | CrawlDocument | SkippedRecord

import { latin1, startsWith } from './bytes.js'
import { decodeHtml, decodeText } from './charset.js'
import { decodeBody } from './content-encoding.js'
import { dechunk, parseContentType, parseHttp } from './http.js'
import type { CrawlItem, SkipReason } from './items.js'
import type { ReadLimits } from './limits.js'
import { recordDate, recordType, targetUri, type WarcHeader } from './warc-header.js'
import type { RawRecord } from './warc-records.js'

const HTML_TYPES = new Set(['text/html', 'application/xhtml+xml'])
/** Types that say nothing of the content: the body decides. */
const VAGUE_TYPES = new Set(['', 'application/octet-stream', 'unknown/unknown', 'content/unknown'])

/** What a record is to the pipeline: a page, a text, or skipped with its reason. */
export function itemOf(record: RawRecord, limits: ReadLimits): CrawlItem {
  const { header, position } = record
  const known: Known = {
    url: header === null ? '' : targetUri(header),
    position,
    recordType: header === null ? '' : recordType(header),
  }
  if (record.kind === 'broken') return skipped(known, record.reason, record.detail)
  switch (known.recordType) {
    case 'response':
      return responseItem(record.header, record.body, known, limits)
    case 'resource':
      return resourceItem(record.header, record.body, known, limits)
    case 'conversion':
      return conversionItem(record.header, record.body, known)
    case 'warcinfo':
    case 'request':
    case 'metadata':
    case 'revisit':
    case 'continuation':
      return skipped(known, known.recordType, '')
    default:
      return skipped(known, 'unknown_record_type', known.recordType)
  }
}

interface Known {
  readonly url: string
  readonly position: number
  readonly recordType: string
}

function skipped(known: Known, reason: SkipReason, detail: string): CrawlItem {
  return { kind: 'skipped', ...known, reason, detail }
}

function responseItem(
  header: WarcHeader,
  block: Uint8Array,
  known: Known,
  limits: ReadLimits,
): CrawlItem {
  const stored = parseContentType(header.fields.get('content-type') ?? '').type
  const http = parseHttp(block)
  if (http === null)
    return stored === 'application/http' || stored === ''
      ? skipped(known, 'broken_http', excerpt(block))
      : resourceItem(header, block, known, limits)
  if (http.status !== 200) return skipped(known, 'http_status', String(http.status))
  const truncated = header.fields.get('warc-truncated')
  if (truncated !== undefined) return skipped(known, 'payload_truncated', truncated)
  const transfer = http.headers.get('transfer-encoding') ?? ''
  const joined = /\bchunked\b/i.test(transfer) ? dechunk(http.body) : http.body
  const contentType = http.headers.get('content-type') ?? ''
  const early = notHtmlByName(header, contentType)
  if (early !== '') return skipped(known, 'not_html', early)
  const body = decodeBody(joined, http.headers.get('content-encoding') ?? '', limits)
  if ('reason' in body) return skipped(known, body.reason, body.detail)
  return pageItem(header, body.bytes, contentType, known, http.headers.get('content-language'))
}

function resourceItem(
  header: WarcHeader,
  body: Uint8Array,
  known: Known,
  limits: ReadLimits,
): CrawlItem {
  const contentType = header.fields.get('content-type') ?? ''
  const early = notHtmlByName(header, contentType)
  if (early !== '') return skipped(known, 'not_html', early)
  const decoded = decodeBody(body, '', limits)
  if ('reason' in decoded) return skipped(known, decoded.reason, decoded.detail)
  return pageItem(header, decoded.bytes, contentType, known, undefined)
}

/** The text of a WET record. */
function conversionItem(header: WarcHeader, body: Uint8Array, known: Known): CrawlItem {
  const { type } = parseContentType(header.fields.get('content-type') ?? '')
  if (type !== '' && type !== 'text/plain') return skipped(known, 'not_html', type)
  const text = decodeText(body)
  if (text.trim() === '') return skipped(known, 'empty', '')
  const languages = header.fields.get('warc-identified-content-language')
  return {
    kind: 'document',
    text,
    position: known.position,
    url: known.url,
    date: recordDate(header),
    ...(languages === undefined ? {} : { language: languages.split(',')[0] as string }),
  }
}

function pageItem(
  header: WarcHeader,
  body: Uint8Array,
  contentType: string,
  known: Known,
  language: string | undefined,
): CrawlItem {
  const { type, charset } = parseContentType(contentType)
  const binary = binaryKind(body)
  if (binary !== '') return skipped(known, 'not_html', `${binary} called ${type || 'nothing'}`)
  const decoded = decodeHtml(body, charset)
  if (decoded.text.trim() === '') return skipped(known, 'empty', '')
  if (VAGUE_TYPES.has(type) && !looksLikeHtml(decoded.text))
    return skipped(known, 'not_html', type || 'no Content-Type')
  return {
    kind: 'page',
    url: known.url,
    date: recordDate(header),
    position: known.position,
    html: decoded.text,
    charset: decoded.charset,
    contentType: type,
    language: language ?? '',
  }
}

/** The type that rules a body out before it is decoded, '' when it may be HTML. */
function notHtmlByName(header: WarcHeader, contentType: string): string {
  const { type } = parseContentType(contentType)
  if (HTML_TYPES.has(type)) return ''
  if (!VAGUE_TYPES.has(type)) return type
  const identified = header.fields.get('warc-identified-payload-type') ?? ''
  return identified === '' || HTML_TYPES.has(identified.toLowerCase()) ? '' : identified
}

const BINARY_MAGIC: readonly [string, string][] = [
  ['%PDF-', 'PDF'],
  ['\x89PNG', 'PNG'],
  ['GIF8', 'GIF'],
  ['\xff\xd8\xff', 'JPEG'],
  ['PK\x03\x04', 'ZIP'],
  ['RIFF', 'RIFF'],
  ['\x00\x00\x01\x00', 'icon'],
]

function binaryKind(body: Uint8Array): string {
  return BINARY_MAGIC.find(([magic]) => startsWith(body, magic))?.[1] ?? ''
}

function looksLikeHtml(text: string): boolean {
  return /<(?:!doctype\s+html|html|head|body|title|meta|div|p|a|table|h[1-6])[\s>]/i.test(
    text.slice(0, 4096),
  )
}

function excerpt(block: Uint8Array): string {
  return JSON.stringify(latin1(block, 0, 40))
}

import { type CrawlFormat, InputError } from '@winnow/core'
import { asBuffer, latin1, startsWith } from './bytes.js'
import { describeContent } from './content-kind.js'
import { findGzipMagic, inflateHead, inflateMember } from './gzip.js'
import { type RandomAccess, ReadWindow } from './source.js'
import { findHeader, parseWarcHeader } from './warc-header.js'
import { ZSTD_MAGIC, zstdStream } from './zstd.js'

export type Compression = 'none' | 'gzip' | 'zstd'

/** How a crawl file is stored. */
export interface Layout {
  readonly format: CrawlFormat
  readonly compression: Compression
  /** Whether reading can start in the middle. */
  readonly splittable: boolean
}

/** Read to tell what a file is. */
const HEAD_BYTES = 256 << 10
const MAX_FIRST_MEMBER_BYTES = 16 << 20
const ACCEPTED =
  'Accepted are WARC, WET, JSON lines (each plain, .gz or .zst), Parquet and Arrow IPC files.'

/**
 * Tells a file's format by its content first and its name second; one read of 256 KiB. Null for an empty file, or one
 * that holds nothing but blank lines.
 * @param format taken as given where the caller knows it
 * @throws InputError for a directory, and for a file that is none of the accepted formats
 */
export async function detectLayout(
  source: RandomAccess,
  format?: CrawlFormat,
): Promise<Layout | null> {
  const head = await readHead(source)
  if (head.length === 0) return null
  const compression = compressionOf(head, source.uri)
  const content = await contentHead(head, compression)
  if (holdsNothing(source, head, content, compression)) return null
  const found = format ?? formatOf(source, head, content, compression)
  return { format: found, compression, splittable: isSplittable(head, found, compression) }
}

/** Blank lines, or a sound gzip member of nothing: a crawler that found nothing to write. */
function holdsNothing(
  source: RandomAccess,
  head: Uint8Array,
  content: Uint8Array,
  compression: Compression,
): boolean {
  if (source.size > head.length || compression === 'zstd') return false
  if (latin1(content, 0, content.length).trim() !== '') return false
  return compression === 'none' || inflateMember(head, MAX_FIRST_MEMBER_BYTES).status === 'whole'
}

async function readHead(source: RandomAccess): Promise<Uint8Array> {
  if (source.size === 0) return new Uint8Array(0)
  try {
    return (await new ReadWindow(source, HEAD_BYTES).at(0, HEAD_BYTES)).subarray(0, HEAD_BYTES)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EISDIR')
      throw new InputError(
        `${source.uri} is a directory`,
        'Name the crawl files in it, with a glob such as DIR/*.warc.gz.',
        error,
      )
    throw error
  }
}

function compressionOf(head: Uint8Array, uri: string): Compression {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip'
  if (head.length >= 4 && asBuffer(head).readUInt32LE(0) === ZSTD_MAGIC) return 'zstd'
  // a damaged first member: others follow
  return /\.gz$/i.test(uri) && findGzipMagic(head, 0) >= 0 ? 'gzip' : 'none'
}

/** The first bytes of what is compressed, a few records where each is its own member. */
async function contentHead(head: Uint8Array, compression: Compression): Promise<Uint8Array> {
  if (compression === 'none') return head
  if (compression === 'zstd') return zstdHead(head)
  const parts: Uint8Array[] = []
  for (let at = 0; at < head.length && parts.length < 3; ) {
    const member = inflateMember(head.subarray(at), MAX_FIRST_MEMBER_BYTES)
    parts.push(member.status === 'whole' ? member.bytes : inflateHead(head.subarray(at)))
    if (member.status !== 'whole') break
    at += member.length
  }
  return Buffer.concat(parts)
}

async function zstdHead(head: Uint8Array): Promise<Uint8Array> {
  const one = async function* () {
    yield head
  }
  for await (const chunk of zstdStream(one(), { reason: null, detail: '' })) return chunk
  return new Uint8Array(0)
}

function formatOf(
  source: RandomAccess,
  head: Uint8Array,
  content: Uint8Array,
  compression: Compression,
): CrawlFormat {
  const format = formatByContent(content) ?? formatByName(source.uri, head, content, compression)
  if (format !== null) return format
  const kind = describeContent(content)
  const found = compression === 'none' ? kind : `${compression} of ${kind}`
  throw new InputError(`${source.uri} is no crawl file: it holds ${found}`, ACCEPTED)
}

function formatByContent(content: Uint8Array): CrawlFormat | null {
  if (startsWith(content, 'PAR1')) return 'parquet'
  if (startsWith(content, 'ARROW1')) return 'arrow'
  // an Arrow stream begins with a continuation mark and the length of its schema
  if (startsWith(content, '\xff\xff\xff\xff') && content.length >= 8)
    return asBuffer(content).readUInt32LE(4) < 1 << 24 ? 'arrow' : null
  const text = latin1(content, 0, 4096).replace(/^(?:\xef\xbb\xbf)?\s*/, '')
  if (text.startsWith('WARC/')) return isWet(content) ? 'wet' : 'warc'
  return text.startsWith('{') ? 'jsonl' : null
}

/** Whether texts come before any response; most WET files begin with a warcinfo record. */
function isWet(content: Uint8Array): boolean {
  const text = latin1(content, 0, 64 << 10)
  const first = /\r?\nWARC-Type:\s*(conversion|response|request|resource)/i.exec(text)
  return first?.[1]?.toLowerCase() === 'conversion'
}

/** By name only where the content does not speak against it: its beginning may be damaged. */
function formatByName(
  uri: string,
  head: Uint8Array,
  content: Uint8Array,
  compression: Compression,
): CrawlFormat | null {
  const name = uri.toLowerCase().replace(/\.(gz|zst)$/, '')
  if (/\.(warc|wet)$/.test(name)) {
    const damaged = compression !== 'none' && content.length === 0
    const later = compression === 'gzip' && findGzipMagic(head, 1) >= 0
    if (damaged || later || findHeader(content, 0) >= 0)
      return name.endsWith('.wet') ? 'wet' : 'warc'
  }
  if (/\.(jsonl|ndjson|json)$/.test(name) && /^\s*\{/m.test(latin1(content, 0, HEAD_BYTES)))
    return 'jsonl'
  return null
}

function isSplittable(head: Uint8Array, format: CrawlFormat, compression: Compression): boolean {
  if (format === 'parquet') return true
  if (format === 'arrow') return false
  if (compression === 'none') return true
  return compression === 'gzip' && format !== 'jsonl' && hasMemberPerRecord(head)
}

/** True when the first readable member ends before the file's head does and holds one record. */
function hasMemberPerRecord(head: Uint8Array): boolean {
  for (let at = findGzipMagic(head, 0); at >= 0; at = findGzipMagic(head, at + 1)) {
    const member = inflateMember(head.subarray(at), MAX_FIRST_MEMBER_BYTES)
    if (member.status !== 'whole') continue
    const header = parseWarcHeader(member.bytes)
    if (header === null || header.contentLength < 0) continue
    const rest = member.bytes.length - header.headerBytes - header.contentLength
    return rest >= 0 && rest <= 8
  }
  return false
}

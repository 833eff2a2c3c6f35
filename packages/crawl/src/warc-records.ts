import { startsWith } from './bytes.js'
import type { ByteFeed } from './feed.js'
import type { SkipReason } from './items.js'
import type { ReadLimits } from './limits.js'
import {
  findHeader,
  isCompleteHeader,
  MAX_HEADER_BYTES,
  parseLoneHeader,
  parseWarcHeader,
  type WarcHeader,
} from './warc-header.js'

/** A record as it stands in the file, or what is left of one. `position` is that of the feed. */
export type RawRecord =
  | {
      readonly kind: 'record'
      readonly position: number
      readonly header: WarcHeader
      readonly body: Uint8Array
    }
  | {
      readonly kind: 'broken'
      readonly position: number
      readonly header: WarcHeader | null
      readonly reason: SkipReason
      readonly detail: string
    }

export interface RecordOptions extends ReadLimits {
  /** Whether a record starts at `position`, where that can be looked up ahead. Lets long records be jumped over. */
  readonly startsRecord?: (position: number) => Promise<boolean>
}

const SCAN_BYTES = 1 << 20
const PEEK_BYTES = 4096

/**
 * Cuts a stream into WARC records. A record whose length leads nowhere is reported as broken, and reading goes on
 * at the next header; the end of the stream inside a record is reported as `truncated`.
 */
export async function* parseRecords(
  feed: ByteFeed,
  options: RecordOptions,
): AsyncGenerator<RawRecord> {
  while (await skipBlank(feed)) {
    const position = feed.position
    const header = await readHeader(feed)
    if (header === null || header.contentLength < 0) {
      yield await unreadable(feed, position, header)
    } else if (header.contentLength > options.maxRecordBytes) {
      yield await oversized(feed, position, header, options)
    } else {
      yield await readRecord(feed, position, header)
    }
  }
}

async function readRecord(
  feed: ByteFeed,
  position: number,
  header: WarcHeader,
): Promise<RawRecord> {
  const total = header.headerBytes + header.contentLength
  const held = await feed.peek(total + PEEK_BYTES)
  if (held.length >= total && isBoundary(held, total)) {
    await feed.skip(total)
    return { kind: 'record', position, header, body: held.subarray(header.headerBytes, total) }
  }
  const broken = { kind: 'broken', position, header } as const
  const next = findCompleteHeader(held, header.headerBytes)
  if (held.length < total && next < 0) {
    await feed.skip(held.length)
    const detail = `${held.length - header.headerBytes} of ${header.contentLength} bytes are there`
    return { ...broken, reason: 'truncated', detail }
  }
  if (next >= 0) await feed.skip(next)
  else await skipToHeader(feed, total)
  const detail = `Content-Length ${header.contentLength} does not lead to the next record`
  return { ...broken, reason: 'broken_record', detail }
}

async function oversized(
  feed: ByteFeed,
  position: number,
  header: WarcHeader,
  options: RecordOptions,
): Promise<RawRecord> {
  const total = header.headerBytes + header.contentLength
  if ((await options.startsRecord?.(position + total)) === true) await feed.skip(total)
  else await skipToHeader(feed, header.headerBytes)
  return {
    kind: 'broken',
    position,
    header,
    reason: 'record_too_large',
    detail: `${header.contentLength} bytes, the limit is ${options.maxRecordBytes}`,
  }
}

async function unreadable(
  feed: ByteFeed,
  position: number,
  header: WarcHeader | null,
): Promise<RawRecord> {
  const held = await feed.peek(MAX_HEADER_BYTES)
  const begun = startsWith(held, 'WARC/')
  const found = await skipToHeader(feed, header?.headerBytes ?? 1)
  if (header === null && begun && !found) {
    const detail = 'the file ends in the record header'
    return { kind: 'broken', position, header, reason: 'truncated', detail }
  }
  const detail =
    header === null
      ? begun
        ? 'the record header has no end'
        : 'no record header where one must start'
      : `Content-Length is ${header.fields.get('content-length') ?? 'missing'}`
  return { kind: 'broken', position, header, reason: 'broken_record', detail }
}

/** Skips line ends between records. False at the end of the stream. */
async function skipBlank(feed: ByteFeed): Promise<boolean> {
  for (;;) {
    const held = await feed.peek(1)
    if (held.length === 0) return false
    let blank = 0
    while (held[blank] === 13 || held[blank] === 10) blank++
    if (blank === 0) return true
    await feed.skip(blank)
  }
}

async function readHeader(feed: ByteFeed): Promise<WarcHeader | null> {
  return (
    parseWarcHeader(await feed.peek(PEEK_BYTES)) ??
    parseWarcHeader(await feed.peek(MAX_HEADER_BYTES))
  )
}

/** True when a blank line, the next header or the end follows: the length was right. */
function isBoundary(bytes: Uint8Array, at: number): boolean {
  if (startsWith(bytes, '\r\n\r\n', at) || startsWith(bytes, '\n\n', at)) return true
  let next = at
  while (bytes[next] === 13 || bytes[next] === 10) next++
  return next >= bytes.length || startsWith(bytes, 'WARC/', next)
}

/** Consumes up to the next header that stands at least `from` bytes ahead; all of it when there is none. */
async function skipToHeader(feed: ByteFeed, from: number): Promise<boolean> {
  for (let ahead = from; ; ) {
    const held = await feed.peek(ahead + SCAN_BYTES)
    const next = findCompleteHeader(held, ahead)
    if (next >= 0) {
      await feed.skip(next)
      return true
    }
    if (held.length < ahead + SCAN_BYTES) {
      await feed.skip(held.length)
      return false
    }
    // a header that begins near the end of what is held is looked at again with the next part
    await feed.skip(held.length - MAX_HEADER_BYTES)
    ahead = 0
  }
}

function findCompleteHeader(bytes: Uint8Array, from: number): number {
  for (let at = findHeader(bytes, from); at >= 0; at = findHeader(bytes, at + 1)) {
    const header = parseLoneHeader(bytes, at)
    if (header !== null && isCompleteHeader(header)) return at
  }
  return -1
}

import type { CrawlShard } from '@winnow/core'
import { startsWith } from './bytes.js'
import { ByteFeed } from './feed.js'
import type { ReadLimits } from './limits.js'
import { type RandomAccess, ReadWindow } from './source.js'
import { findHeader, isCompleteHeader, MAX_HEADER_BYTES, parseWarcHeader } from './warc-header.js'
import { parseRecords, type RawRecord } from './warc-records.js'

const SEAM_BLOCK_BYTES = 256 << 10
/** Records that must follow one another without a gap before a place counts as a seam. */
const CHAIN_RECORDS = 32

/**
 * Records of an uncompressed WARC file that belong to the split: all from the first seam at or behind its start
 * up to the first seam at or behind its end.
 *
 * A seam is a place where a chain of 32 records begins (or fewer that reach the end of the file exactly), each
 * with a complete header and each ending in exactly one blank line before the next. Text in a page that looks
 * like a record, even a whole WARC file stored as a page, breaks that chain where the page ends. Both readers
 * at a seam ask the same question of the same bytes, so nothing is lost or doubled: records that are no seam
 * (before a broken one, say) stay with the split before.
 */
export async function* plainRecords(
  source: RandomAccess,
  shard: CrawlShard,
  limits: ReadLimits,
): AsyncGenerator<RawRecord> {
  const window = new ReadWindow(source)
  const seams = new ReadWindow(source, SEAM_BLOCK_BYTES)
  const end = shard.offset + shard.length
  const start = shard.offset === 0 ? 0 : await findSeam(window, seams, shard.offset, end)
  if (start < 0) return
  const feed = new ByteFeed(window.chunks(start), undefined, start)
  const startsRecord = (position: number) => isSeam(seams, skipBlankLine(position), 1)
  for await (const record of parseRecords(feed, { ...limits, startsRecord })) {
    if (record.position >= end && (await isSeam(seams, record.position))) return
    yield record
  }
}

/** A record's length leads to the blank line behind it; the next header stands four bytes on. */
function skipBlankLine(position: number): number {
  return position + 4
}

async function findSeam(
  window: ReadWindow,
  seams: ReadWindow,
  from: number,
  end: number,
): Promise<number> {
  // the blank line before a header may stand before the split
  for (let at = Math.max(0, from - 4); at < end; ) {
    const bytes = await window.at(at, MAX_HEADER_BYTES)
    for (let next = findHeader(bytes, 0); next >= 0; next = findHeader(bytes, next + 1)) {
      const position = at + next
      if (position >= end) return -1
      if (position >= from && (await isSeam(seams, position))) return position
    }
    if (at + bytes.length >= window.source.size) return -1
    at += Math.max(1, bytes.length - 16)
  }
  return -1
}

async function isSeam(
  window: ReadWindow,
  position: number,
  records = CHAIN_RECORDS,
): Promise<boolean> {
  const { size } = window.source
  let at = position
  for (let record = 0; record < records; record++) {
    if (at === size) return record > 0
    let bytes = await window.at(at, 4096)
    let header = parseWarcHeader(bytes)
    if (header === null && at + bytes.length < size) {
      bytes = await window.at(at, MAX_HEADER_BYTES)
      header = parseWarcHeader(bytes)
    }
    if (header === null || !isCompleteHeader(header)) return false
    const next = at + header.headerBytes + header.contentLength
    if (next > size) return false
    const between = (await window.at(next, 8)).subarray(0, 8)
    if (between.length === 0) return true
    const blank = startsWith(between, '\r\n\r\n') ? 4 : startsWith(between, '\n\n') ? 2 : 0
    if (blank === 0 && record + 1 < records) return false
    at = next + blank
    if (at < size && (await window.at(at, 1))[0] !== 87 /* W */) return false
  }
  return true
}

import type { CrawlShard } from '@winnow/core'
import { startsWith } from './bytes.js'
import { ByteFeed } from './feed.js'
import type { ReadLimits } from './limits.js'
import { type RandomAccess, ReadWindow } from './source.js'
import { findHeader, isCompleteHeader, MAX_HEADER_BYTES, parseLoneHeader } from './warc-header.js'
import { parseRecords, type RawRecord } from './warc-records.js'

/** Enough for the header of nearly every record. */
const HEADER_BYTES = 4096
const SEAM_BLOCK_BYTES = 1 << 20
/** How far records must follow one another without a gap before a place counts as a seam. */
const CHAIN_BYTES = 4 << 20
/** Stands between a record and the next. */
const BLANK_LINE_BYTES = 4

/**
 * Records of an uncompressed WARC file that belong to the split: all from the first seam at or behind its start
 * up to the first seam at or behind its end.
 *
 * A seam is a place where a chain of records begins that goes on for 4 MiB or to the end of the file exactly, each
 * with a complete header and each ending in exactly one blank line before the next. Text in a page that looks
 * like a record, even a WARC file of up to 4 MiB stored as a page, breaks that chain where the page ends. Both
 * readers at a seam ask the same question of the same bytes, so nothing is lost or doubled: records that are no
 * seam (those before a broken one, say) stay with the split before.
 */
export async function* plainRecords(
  source: RandomAccess,
  shard: CrawlShard,
  limits: ReadLimits,
): AsyncGenerator<RawRecord> {
  const window = new ReadWindow(source)
  const seams = new Seams(source)
  const end = shard.offset + shard.length
  const start = shard.offset === 0 ? 0 : await findSeam(window, seams, shard.offset, end)
  if (start < 0) return
  const feed = new ByteFeed(window.chunks(start), undefined, start)
  const startsRecord = (position: number) => seams.startsRecord(position + BLANK_LINE_BYTES)
  for await (const record of parseRecords(feed, { ...limits, startsRecord })) {
    if (record.position >= end && (await seams.isSeam(record.position))) return
    yield record
  }
}

async function findSeam(
  window: ReadWindow,
  seams: Seams,
  from: number,
  end: number,
): Promise<number> {
  for (let at = from; at < end; ) {
    const bytes = await window.at(at, MAX_HEADER_BYTES)
    for (let next = findHeader(bytes, 0); next >= 0; next = findHeader(bytes, next + 1)) {
      const position = at + next
      if (position >= end) return -1
      if (await seams.isSeam(position)) return position
    }
    if (at + bytes.length >= window.source.size) return -1
    at += Math.max(1, bytes.length - 16)
  }
  return -1
}

/** Asks whether places are seams, and remembers the chains that broke, so that none is walked twice. */
class Seams {
  private readonly window: ReadWindow
  private readonly broken = new Set<number>()

  constructor(source: RandomAccess) {
    this.window = new ReadWindow(source, SEAM_BLOCK_BYTES)
  }

  async isSeam(position: number): Promise<boolean> {
    const { size } = this.window.source
    const path: number[] = []
    let at = position
    while (at < position + CHAIN_BYTES && at < size) {
      path.push(at)
      at = this.broken.has(at) ? -1 : await nextInChain(this.window, at)
      if (at < 0) {
        for (const passed of path) this.broken.add(passed)
        return false
      }
    }
    return path.length > 0
  }

  /** Whether one record is here that leads to another. */
  async startsRecord(position: number): Promise<boolean> {
    return (await nextInChain(this.window, position)) >= 0
  }
}

/** Where the next record starts if one at `at` leads to it or to the end of the file, else -1. */
async function nextInChain(window: ReadWindow, at: number): Promise<number> {
  const { size } = window.source
  const header =
    parseLoneHeader(await window.at(at, HEADER_BYTES), 0) ??
    parseLoneHeader(await window.at(at, MAX_HEADER_BYTES), 0)
  if (header === null || !isCompleteHeader(header)) return -1
  const end = at + header.headerBytes + header.contentLength
  if (end >= size) return end === size ? size : -1
  const behind = await window.at(end, 8)
  const blank = startsWith(behind, '\r\n\r\n') ? 4 : startsWith(behind, '\n\n') ? 2 : 0
  if (blank === 0) return -1
  const next = end + blank
  return next >= size || startsWith(behind, 'WARC', blank) ? next : -1
}

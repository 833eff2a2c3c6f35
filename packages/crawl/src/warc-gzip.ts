import type { CrawlShard } from '@winnow/core'
import { startsWith } from './bytes.js'
import { ByteFeed } from './feed.js'
import {
  findGzipMagic,
  inflateHead,
  inflateMember,
  type StreamedMember,
  streamMember,
} from './gzip.js'
import type { SkipReason } from './items.js'
import type { ReadLimits } from './limits.js'
import { type RandomAccess, READ_BYTES, ReadWindow } from './source.js'
import { MAX_HEADER_BYTES, parseWarcHeader } from './warc-header.js'
import { parseRecords, type RawRecord } from './warc-records.js'

/** `members`: a gzip member per record (or few), a place to seek to. `stream`: one member for all. */
export type GzipLayout = 'members' | 'stream'

/** A DEFLATE stored block holds 65,535 bytes at most (RFC 1951, section 3.2.4). */
const STORED_BLOCK_BYTES = 65_535
const SEAM_BLOCK_BYTES = 256 << 10
const PROBE_BYTES = 1024

/**
 * Records of a gzipped WARC file whose member belongs to the split: all from the first seam at or behind its start
 * up to the first seam at or behind its end. A broken member costs itself: reading goes on at the next that
 * begins with a record.
 */
export async function* gzipRecords(
  source: RandomAccess,
  shard: CrawlShard,
  layout: GzipLayout,
  limits: ReadLimits,
): AsyncGenerator<RawRecord> {
  const window = new ReadWindow(source)
  const seams = new ReadWindow(source, SEAM_BLOCK_BYTES)
  const end = shard.offset + shard.length
  let position = shard.offset
  if (position > 0) position = await findMember(window, position, end, (at) => isSeam(seams, at))
  let streamed = 0
  while (position >= 0 && position < source.size) {
    if (position >= end && (await isSeam(seams, position))) return
    const member = layout === 'members' ? await wholeMember(window, position, limits) : null
    if (member !== null && member.status === 'whole') {
      yield* memberRecords(member.bytes, position, limits)
      position += member.length
      continue
    }
    if (member !== null && member.status === 'damaged') {
      yield await damagedMember(window, position, member.detail)
      position = await nextMember(window, position)
      continue
    }
    const outcome: StreamedMember = { next: -1, damage: '', detail: '' }
    streamed = yield* streamedRecords(window, position, layout, streamed, limits, outcome)
    position = outcome.next >= 0 ? outcome.next : await nextMember(window, position)
  }
}

/** Reads a member in bounded memory. Returns the stream offset behind it. */
async function* streamedRecords(
  window: ReadWindow,
  position: number,
  layout: GzipLayout,
  base: number,
  limits: ReadLimits,
  outcome: StreamedMember,
): AsyncGenerator<RawRecord, number> {
  const ratio = limits.maxCompressionRatio
  const chunks = streamMember(window, position, limits.maxRecordBytes, ratio, outcome)
  const start = layout === 'stream' ? base : 0
  const feed = new ByteFeed(chunks, undefined, start)
  let ordinal = 0
  // a broken record waits: how the member ends may explain it
  let broken: BrokenRecord | null = null
  for await (const raw of parseRecords(feed, limits)) {
    if (broken !== null) yield broken
    const record = layout === 'stream' ? raw : { ...raw, position: position + ordinal }
    ordinal++
    broken = record.kind === 'broken' ? record : null
    if (broken === null) yield record
  }
  const end = layout === 'stream' ? feed.position : position + ordinal
  if (outcome.damage === '') {
    if (broken !== null) yield explained(broken, 'broken_record')
  } else if (broken?.reason === 'record_too_large') {
    yield broken
  } else {
    const header = ordinal === 0 ? await memberHeader(window, position) : null
    yield {
      kind: 'broken',
      position: broken?.position ?? end,
      header: broken?.header ?? header,
      reason: DAMAGE_REASONS[outcome.damage],
      detail: outcome.detail,
    }
  }
  return feed.position
}

type BrokenRecord = Extract<RawRecord, { kind: 'broken' }>

/** A record that is shorter than it says, in a member that is whole, has a wrong length. */
function explained(record: BrokenRecord, reason: SkipReason): BrokenRecord {
  return record.reason === 'truncated' ? { ...record, reason } : record
}

const DAMAGE_REASONS = {
  truncated: 'truncated',
  damaged: 'broken_compression',
  too_large: 'compression_ratio',
} as const satisfies Record<Exclude<StreamedMember['damage'], ''>, SkipReason>

/** The records of a member that is whole, with their positions in the file. */
async function* memberRecords(
  bytes: Uint8Array,
  position: number,
  limits: ReadLimits,
): AsyncGenerator<RawRecord> {
  let ordinal = 0
  for await (const raw of parseRecords(ByteFeed.of(bytes), limits)) {
    const record = { ...raw, position: position + ordinal++ }
    yield record.kind === 'broken' ? explained(record, 'broken_record') : record
  }
}

async function wholeMember(window: ReadWindow, position: number, limits: ReadLimits) {
  const maxBytes = limits.maxRecordBytes + MAX_HEADER_BYTES
  const held = await window.at(position, MAX_HEADER_BYTES)
  const result = inflateMember(held, maxBytes)
  if (result.status !== 'unfinished' || held.length >= READ_BYTES) return result
  return inflateMember(await window.at(position, READ_BYTES), maxBytes)
}

async function damagedMember(
  window: ReadWindow,
  position: number,
  detail: string,
): Promise<RawRecord> {
  const header = await memberHeader(window, position)
  return { kind: 'broken', position, header, reason: 'broken_compression', detail }
}

/** The header of a member's first record, as far as it can be inflated. */
async function memberHeader(window: ReadWindow, position: number) {
  const bytes = await window.at(position, MAX_HEADER_BYTES)
  return parseWarcHeader(inflateHead(bytes.subarray(0, MAX_HEADER_BYTES)))
}

/** The next member behind a broken one, -1 when there is none. */
function nextMember(window: ReadWindow, position: number): Promise<number> {
  const { size } = window.source
  return findMember(window, position + 1, size, async (at) =>
    beginsRecord(await window.at(at, PROBE_BYTES)),
  )
}

async function findMember(
  window: ReadWindow,
  from: number,
  end: number,
  accept: (position: number) => Promise<boolean>,
): Promise<number> {
  for (let at = from; at < end; ) {
    const bytes = await window.at(at, MAX_HEADER_BYTES)
    for (let next = findGzipMagic(bytes, 0); next >= 0; next = findGzipMagic(bytes, next + 1)) {
      if (at + next >= end) return -1
      if (await accept(at + next)) return at + next
    }
    if (at + bytes.length >= window.source.size) return -1
    at += Math.max(1, bytes.length - 2)
  }
  return -1
}

/** True when a member starts here that begins with a WARC version line. */
function beginsRecord(bytes: Uint8Array): boolean {
  return startsWith(inflateHead(bytes.subarray(0, PROBE_BYTES)), 'WARC/')
}

/**
 * True when members that begin with a record follow one another from here without a gap for more than 64 KiB, or to
 * the end of the file. A .warc.gz that was itself crawled can stand verbatim in the data of a member, as it does
 * not compress; but only in stored blocks of 65,535 bytes, whose headers break such a chain.
 */
async function isSeam(window: ReadWindow, position: number): Promise<boolean> {
  const { size } = window.source
  for (let at = position; at <= position + STORED_BLOCK_BYTES; ) {
    if (at === size) return at > position
    const held = (await window.at(at, SEAM_BLOCK_BYTES)).subarray(0, SEAM_BLOCK_BYTES)
    if (!beginsRecord(held)) return false
    const member = inflateMember(held, SEAM_BLOCK_BYTES * 64)
    // a member longer than four stored blocks that inflates so far is no chance hit
    if (member.status === 'too_large') return true
    if (member.status === 'unfinished') return held.length === SEAM_BLOCK_BYTES
    if (member.status !== 'whole') return false
    at += member.length
  }
  return true
}

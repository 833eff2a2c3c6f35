// Lines and paragraphs: how they begin and end, and how many stand twice.
import {
  classAt,
  classOf,
  countByte,
  countCodePoints,
  decode,
  findByte,
  LINE_BREAK,
  previous,
  sequenceLength,
  skipSpace,
  TERMINAL,
  trimEnd,
} from './characters'
import { findOrInsert, hashBytes, startTable } from './table'

export let lines: u32 = 0
export let bulletLines: u32 = 0
export let ellipsisLines: u32 = 0

/** Position of the first byte in [at, end) that may begin a line break of Python's str.splitlines, or `end`. */
function findBreak(at: usize, end: usize): usize {
  while (at < end) {
    const bytes = v128.load(at)
    const hits = i8x16.bitmask(
      v128.or(
        v128.or(
          i8x16.le_u(i8x16.sub(bytes, i8x16.splat(0x0a)), i8x16.splat(3)),
          i8x16.le_u(i8x16.sub(bytes, i8x16.splat(0x1c)), i8x16.splat(2)),
        ),
        v128.or(i8x16.eq(bytes, i8x16.splat(<i8>0xc2)), i8x16.eq(bytes, i8x16.splat(<i8>0xe2))),
      ),
    )
    if (hits != 0) return min(at + ctz(hits), end)
    at += 16
  }
  return end
}

function readLine(start: usize, end: usize): void {
  lines++
  const body = skipSpace(start, end)
  if (body == end) return
  const lead = load<u8>(body)
  // `-` or `•` (e2 80 a2)
  if (lead == 0x2d || (lead == 0xe2 && load<u16>(body, 1) == 0xa280)) bulletLines++
  const last = trimEnd(body, end)
  if (last - body < 3) return
  const three = <u32>load<u16>(last - 3) | ((<u32>load<u8>(last - 1)) << 16)
  // `...` or `…` (e2 80 a6)
  if (three == 0x2e2e2e || three == 0xa680e2) ellipsisLines++
}

/** Lines as Python's str.splitlines makes them: no empty one after the last break. */
export function readLines(at: usize, end: usize): void {
  lines = bulletLines = ellipsisLines = 0
  let start = at
  while (true) {
    at = findBreak(at, end)
    if (at >= end) break
    const lead = <u32>load<u8>(at)
    const size = sequenceLength(lead)
    if ((classOf(decode(at, lead)) & LINE_BREAK) == 0) {
      at += size
      continue
    }
    readLine(start, at)
    at += lead == 0x0d && at + 1 < end && load<u8>(at, 1) == 0x0a ? 2 : size
    start = at
  }
  if (start < end) readLine(start, end)
}

export let parts: u32 = 0
export let duplicateParts: u32 = 0
export let duplicateChars: u32 = 0

function countPart(start: usize, end: usize): void {
  const length = <u32>(end - start)
  if (findOrInsert(hashBytes(start, length), parts) != parts) {
    duplicateParts++
    duplicateChars += countCodePoints(start, end)
  }
  parts++
}

/** Position of the first of `breaks` (1 or 2) line feeds side by side in [at, end), or `end`. */
function findFeeds(at: usize, end: usize, breaks: u32): usize {
  const feed = i8x16.splat(0x0a)
  const second = breaks - 1
  while (at < end) {
    const both = v128.and(i8x16.eq(v128.load(at), feed), i8x16.eq(v128.load(at + second), feed))
    const hits = i8x16.bitmask(both)
    if (hits != 0) return min(at + ctz(hits), end)
    at += 16
  }
  return end
}

/**
 * Splits at every run of `breaks` or more line feeds and counts the parts that stood before; the empty parts before
 * a leading and after a trailing run count as well, as with Python's re.split. For runs of 2 the last byte is no line feed.
 */
export function countDuplicateParts(at: usize, end: usize, breaks: u32): void {
  parts = duplicateParts = duplicateChars = 0
  startTable(countByte(at, end, 0x0a) + 1)
  let start = at
  while (true) {
    const cut = findFeeds(at, end, breaks)
    if (cut >= end) break
    at = cut + breaks
    while (at < end && load<u8>(at) == 0x0a) at++
    countPart(start, cut)
    start = at
  }
  countPart(start, end)
}

export let filledLines: u32 = 0
export let terminalLines: u32 = 0
export let shortLines: u32 = 0

/** The counts of FineWeb's filter, over the lines between single line feeds that are not blank. */
export function readFineWebLines(at: usize, end: usize, shortLength: u32): void {
  filledLines = terminalLines = shortLines = 0
  parts = duplicateParts = duplicateChars = 0
  startTable(countByte(at, end, 0x0a) + 1)
  while (at < end) {
    const cut = findByte(at, end, 0x0a)
    if (skipSpace(at, cut) < cut) {
      filledLines++
      if (classAt(previous(cut)) & TERMINAL) terminalLines++
      const length = <u32>(cut - at)
      // Four bytes at most a code point: longer lines need no counting.
      if (length <= shortLength * 4 && countCodePoints(at, cut) <= shortLength) shortLines++
      countPart(at, cut)
    }
    at = cut + 1
  }
}

export function lineFeeds(at: usize, end: usize): u32 {
  return countByte(at, end, 0x0a)
}

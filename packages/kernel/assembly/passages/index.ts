// The passage kernel: the lines or paragraphs of a text, each with a hash of what it says. It has a memory of its own, and
// reads pieces of rows as the text kernel does, with the layout and the folding of that. Which bytes are a passage is said
// in `src/reference/passages.ts`.
import { blockEnd, closeLastWord, fold, foldedEnd } from '../text/fold'
import { mix64 } from '../text/hash'
import {
  FREE,
  INPUT,
  OFFSETS,
  PIECE,
  PIECE_ROWS,
  ROW_COUNT,
  ROW_HASH,
  ROW_LENGTH,
  reserve,
} from '../text/layout'
import { beginWords, hashWords, nextBlock, rowHash, rowLength } from '../text/words'
import { addTrimmed, beginBytes, isWhite, trimmedHash, trimmedLength } from './bytes'

/** Start and end in the row: u32; key: u64. */
const RECORD: usize = 16

let paragraphs: bool = false
let folding: bool = true
let leastBytes: u32 = 0

/** Bytes of the row in earlier calls, and where those of this call begin. */
let rowBefore: u32 = 0
let rowAt: usize = 0
let rowSeed: u64 = 0
/** Bytes of the row's passages, short ones among them. */
let rowBytes: u32 = 0
/** Where the line that is being read begins in the row, and whether it has more than white space so far. */
let lineStart: u32 = 0
let lineFilled: bool = false
/** A passage has begun, at `start` in the row. */
let open: bool = false
let start: u32 = 0
/** An empty line came after it: the next filled line is another paragraph. */
let closed: bool = false
/** Bytes [from, to) of it are not hashed yet. */
let from: usize = 0
let to: usize = 0
/** A block is folded, but its words are not hashed. */
let blockWaits: bool = false
let recordsEnd: usize = 0

export function inputAt(): usize {
  return INPUT
}

export function offsetsAt(): usize {
  return OFFSETS
}

/** A number per row that is mixed into its keys, u64, to be stored before a call. */
export function rowSeedsAt(): usize {
  return ROW_HASH
}

export function rowCountsAt(): usize {
  return ROW_COUNT
}

export function rowBytesAt(): usize {
  return ROW_LENGTH
}

export function recordsAt(): usize {
  return FREE
}

export function pieceBytes(): usize {
  return PIECE
}

export function pieceRows(): usize {
  return PIECE_ROWS
}

/** Makes the fixed regions and room for records usable: a passage has a byte and a line end, or ends its row. Call once. */
export function reserveAll(): void {
  reserve(FREE + RECORD * (PIECE / 2 + PIECE_ROWS + 2))
}

/** Sets what a passage is and how many normalised bytes, 1 at least, it must have to be told. */
export function configure(byParagraph: bool, byFolding: bool, minBytes: u32): void {
  paragraphs = byParagraph
  folding = byFolding
  leastBytes = minBytes
}

/** Reads a piece. Per row: passages told in this call; at the row's end the bytes of all of its passages. */
export function read(rows: u32, continues: bool, unfinished: bool): void {
  recordsEnd = FREE
  for (let row: u32 = 0; row < rows; row++) {
    const before = recordsEnd
    const offset = OFFSETS + ((<usize>row) << 2)
    const end = INPUT + <usize>load<u32>(offset, 4)
    rowAt = INPUT + <usize>load<u32>(offset)
    rowSeed = load<u64>(ROW_HASH + ((<usize>row) << 3))
    if (row > 0 || !continues) beginRow()
    from = to = rowAt
    readLines(rowAt, end)
    if (row + 1 == rows && unfinished) {
      if (open) hashWaiting()
      rowBefore += <u32>(end - rowAt)
    } else {
      if (lineStart != place(end)) endLine(place(end))
      if (open) endPassage(place(end))
      store<u32>(ROW_LENGTH + ((<usize>row) << 2), rowBytes)
    }
    store<u32>(ROW_COUNT + ((<usize>row) << 2), <u32>((recordsEnd - before) / RECORD))
  }
}

function beginRow(): void {
  rowBefore = 0
  rowBytes = 0
  lineStart = 0
  lineFilled = false
  open = false
}

/** Where an address is in the row. */
function place(at: usize): u32 {
  return rowBefore + <u32>(at - rowAt)
}

function readLines(at: usize, end: usize): void {
  while (at < end) {
    const feed = findFeed(at, end)
    const stop = feed < end ? feed + 1 : end
    readPart(at, stop)
    if (feed < end) endLine(place(stop))
    at = stop
  }
}

/** Position of the first line feed in [at, end), or `end`. */
function findFeed(at: usize, end: usize): usize {
  while (at < end) {
    const hits = i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(0x0a)))
    if (hits != 0) return min(at + ctz(hits), end)
    at += 16
  }
  return end
}

/** Takes a line or a part of one. */
function readPart(at: usize, end: usize): void {
  let filled = at
  while (filled < end && isWhite(load<u8>(filled))) filled++
  if (filled < end) {
    if (open && closed) endPassage(lineStart)
    if (!open) {
      open = true
      closed = false
      start = lineStart
      from = at
      blockWaits = false
      if (folding) beginWords()
      else beginBytes()
    }
    lineFilled = true
    to = end
  } else if (open && !closed) {
    to = end
  }
}

function endLine(end: u32): void {
  if (!paragraphs) {
    if (open) endPassage(end)
  } else if (open && !lineFilled) {
    closed = true
  }
  lineFilled = false
  lineStart = end
}

/** Tells the open passage, which ends at `end` in the row. */
function endPassage(end: u32): void {
  hashWaiting()
  open = false
  rowBytes += end - start
  let length: u32
  let hash: u64
  if (folding) {
    closeLastWord()
    hashWords()
    length = rowLength()
    hash = rowHash()
  } else {
    length = trimmedLength()
    hash = trimmedHash()
  }
  if (length < leastBytes) return
  store<u32>(recordsEnd, start)
  store<u32>(recordsEnd, end, 4)
  store<u64>(recordsEnd, mix64(hash ^ rowSeed), 8)
  recordsEnd += RECORD
}

/** Hashes the bytes of the open passage that were read, all but the words of the last block. */
function hashWaiting(): void {
  let at = from
  from = to
  if (!folding) {
    addTrimmed(at, to)
    return
  }
  while (at < to) {
    if (blockWaits) {
      hashWords()
      nextBlock()
    }
    const cut = blockEnd(at, to)
    const folded = foldedEnd
    fold(at, cut)
    clearDigits(folded, foldedEnd)
    blockWaits = true
    at = cut
  }
}

/** Makes every ASCII digit a 0. */
function clearDigits(at: usize, end: usize): void {
  while (at < end) {
    const bytes = v128.load(at)
    const isDigit = i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(0x30)), i8x16.splat(10))
    v128.store(at, v128.bitselect(i8x16.splat(0x30), bytes, isDigit))
    at += 16
  }
}

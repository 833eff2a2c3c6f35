// The text kernel. A call works on a piece: the bytes of up to PIECE_ROWS rows at INPUT and where they begin at OFFSETS.
// Of a row too long for one piece the first row of a call may be the next part (`continues`) and the last row may have
// more to come (`unfinished`). Results lie in memory until the next call.
import {
  beginCharacters,
  hashAllCharacters,
  nextCharacterBlock,
  takeCharacters,
} from './characters'
import { beginFolding, blockEnd, closeLastWord, fold } from './fold'
import {
  FREE,
  HASHES,
  INPUT,
  OFFSETS,
  PIECE,
  PIECE_ROWS,
  ROW_COUNT,
  ROW_HASH,
  ROW_LENGTH,
  ROW_WORDS,
  reserve,
} from './layout'
import * as minhash from './minhash'
import * as output from './normalize'
import * as table from './scan'
import {
  beginWords,
  endWords,
  hashAllWords,
  hashNgrams,
  hashWords,
  nextBlock,
  rowHash,
  rowLength,
  rowWords,
} from './words'

export function inputAt(): usize {
  return INPUT
}

export function offsetsAt(): usize {
  return OFFSETS
}

export function rowHashesAt(): usize {
  return ROW_HASH
}

export function rowLengthsAt(): usize {
  return ROW_LENGTH
}

export function rowCountsAt(): usize {
  return ROW_COUNT
}

export function rowWordsAt(): usize {
  return ROW_WORDS
}

export function pieceBytes(): usize {
  return PIECE
}

export function pieceRows(): usize {
  return PIECE_ROWS
}

/** Makes the fixed regions usable. Call once. */
export function start(): void {
  reserve(FREE)
}

function rowAt(row: u32): usize {
  return INPUT + <usize>load<u32>(OFFSETS + ((<usize>row) << 2))
}

function put(region: usize, row: u32, value: u32): void {
  store<u32>(region + ((<usize>row) << 2), value)
}

/** Where `normalize` writes the bytes, and the word ranges (pairs of u32) at 12 times PIECE after it. */
export function normalizedAt(): usize {
  return FREE
}

export function rangesAt(): usize {
  return FREE + 12 * PIECE
}

/** Normalises a piece. Per row: bytes written, words ended. */
export function normalize(rows: u32, continues: bool, unfinished: bool): void {
  reserve(rangesAt() + 8 * 6 * PIECE)
  output.beginOutput(normalizedAt(), rangesAt())
  for (let row: u32 = 0; row < rows; row++) {
    const bytesBefore = output.outputEnd
    const rangesBefore = output.rangesEnd
    if (row > 0 || !continues) {
      beginFolding()
      output.beginRowOutput()
    }
    let at = rowAt(row)
    const end = rowAt(row + 1)
    while (at < end) {
      const cut = blockEnd(at, end)
      fold(at, cut)
      output.writeWords()
      output.nextOutputBlock()
      at = cut
    }
    if (row + 1 < rows || !unfinished) {
      closeLastWord()
      output.writeWords()
    }
    put(ROW_LENGTH, row, <u32>(output.outputEnd - bytesBefore))
    put(ROW_COUNT, row, <u32>((output.rangesEnd - rangesBefore) >> 3))
  }
}

let bandKeys: usize = 0
let sketches: usize = 0
let shingleSize: u32 = 0
/** A shingle is a run of characters and not of words. */
let byCharacter: bool = false
let shingles: u32 = 0

export function bandKeysAt(): usize {
  return bandKeys
}

export function sketchesAt(): usize {
  return sketches
}

/** Sets the parameters of `sign` for calls of up to `rows` rows. */
export function configureSign(
  ngram: u32,
  bands: u32,
  bandRows: u32,
  sketchBits: u32,
  sketchSize: u32,
  seed: u32,
  rows: u32,
  ofCharacters: bool,
): void {
  shingleSize = ngram
  byCharacter = ofCharacters
  bandKeys = FREE + ((minhash.minhashBytes(bands, bandRows) + 63) & ~63)
  reserve(bandKeys)
  minhash.configure(FREE, bands, bandRows, sketchBits, sketchSize, seed)
  sketches = bandKeys + <usize>rows * minhash.bandKeyBytes()
  reserve(sketches + <usize>rows * minhash.sketchBytes())
}

/** Signs a piece. Per row: text hash, normalised bytes, shingles; band keys and sketches. */
export function sign(rows: u32, continues: bool, unfinished: bool): void {
  for (let row: u32 = 0; row < rows; row++) {
    if (row > 0 || !continues) {
      beginWords()
      minhash.beginMinimums()
      if (byCharacter) beginCharacters()
      shingles = 0
    }
    let at = rowAt(row)
    const end = rowAt(row + 1)
    while (at < end) {
      const cut = blockEnd(at, end)
      fold(at, cut)
      hashWords()
      takeShingles()
      nextBlock()
      if (byCharacter) nextCharacterBlock()
      at = cut
    }
    if (row + 1 < rows || !unfinished) finishSignature(row)
  }
}

function takeShingles(): void {
  if (byCharacter) {
    shingles += takeCharacters(shingleSize)
    return
  }
  const count = hashNgrams(shingleSize, HASHES)
  minhash.updateMinimums(HASHES, count)
  shingles += count
}

function finishSignature(row: u32): void {
  endWords()
  takeShingles()
  const words = rowWords()
  if (words > 0 && shingles == 0) {
    store<u64>(HASHES, byCharacter ? hashAllCharacters() : hashAllWords())
    minhash.updateMinimums(HASHES, 1)
    shingles = 1
  }
  store<u64>(ROW_HASH + ((<usize>row) << 3), rowHash())
  put(ROW_LENGTH, row, rowLength())
  put(ROW_COUNT, row, shingles)
  const keys = bandKeys + <usize>row * minhash.bandKeyBytes()
  const sketch = sketches + <usize>row * minhash.sketchBytes()
  if (words > 0) {
    minhash.writeSignature(keys, sketch)
  } else {
    memory.fill(keys, 0, minhash.bandKeyBytes())
    memory.fill(sketch, 0, minhash.sketchBytes())
  }
}

export function ngramsAt(): usize {
  return FREE
}

/** N-gram hashes of a piece, one after the other. Per row: hashes in this call, words so far. */
export function ngrams(rows: u32, n: u32, continues: bool, unfinished: bool): void {
  reserve(ngramsAt() + 8 * 6 * PIECE)
  let out = ngramsAt()
  for (let row: u32 = 0; row < rows; row++) {
    const before = out
    if (row > 0 || !continues) beginWords()
    let at = rowAt(row)
    const end = rowAt(row + 1)
    while (at < end) {
      const cut = blockEnd(at, end)
      fold(at, cut)
      hashWords()
      out += (<usize>hashNgrams(n, out)) << 3
      nextBlock()
      at = cut
    }
    if (row + 1 < rows || !unfinished) {
      endWords()
      out += (<usize>hashNgrams(n, out)) << 3
      const words = rowWords()
      if (words > 0 && words < n) {
        store<u64>(out, hashAllWords())
        out += 8
      }
      put(ROW_WORDS, row, words)
    }
    put(ROW_COUNT, row, <u32>((out - before) >> 3))
  }
}

/** Begins a table of up to `entries` n-grams. */
export function beginTable(entries: u32): void {
  reserve(FREE)
  table.beginTable(FREE, entries)
}

export function addLength(n: u32): void {
  table.addLength(n)
}

/** Stores `count` hashes (u64) at INPUT with their values (u32) at INPUT + PIECE / 2. */
export function insert(count: u32): void {
  for (let i: usize = 0; i < <usize>count; i++)
    table.insert(load<u64>(INPUT + (i << 3)), load<u32>(INPUT + PIECE / 2 + (i << 2)))
}

export function hitsAt(): usize {
  return table.hitsAt()
}

/** Looks for the table's n-grams in a piece; returns how many stand there. Per row: words. */
export function scan(rows: u32, continues: bool, unfinished: bool): u32 {
  table.beginHits()
  for (let row: u32 = 0; row < rows; row++) {
    if (row > 0 || !continues) beginWords()
    let at = rowAt(row)
    const end = rowAt(row + 1)
    while (at < end) {
      const cut = blockEnd(at, end)
      fold(at, cut)
      hashWords()
      table.scanBlock(row)
      nextBlock()
      at = cut
    }
    if (row + 1 < rows || !unfinished) {
      endWords()
      table.scanBlock(row)
      put(ROW_WORDS, row, rowWords())
    }
  }
  return table.hitCount()
}

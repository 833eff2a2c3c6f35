import { CorruptError } from '@winnow/core'
import {
  CHECKSUM_BYTES,
  isCount,
  padded,
  requireSealed,
  seal,
  viewOf,
  wordsAt,
} from './checksum.js'
import { CELL_WORDS, IndexSlot } from './index-slot.js'
import { DuplicateIndex } from './index-table.js'
import { SLOTS } from './keys.js'

/** A place in the order log. */
export interface LogPosition {
  /** Lines or messages read, those of shards seen before included. */
  readonly entries: number
  /** Documents numbered: the next ordinal. */
  readonly ordinals: number
}

export interface IndexSnapshot {
  readonly index: DuplicateIndex
  /** The next log entry to read. */
  readonly position: LogPosition
  readonly fingerprint: string
}

/**
 * A snapshot is, little-endian: magic "WNIX", version, first slot, end slot, chain limit, bytes of the fingerprint: u32 each;
 * log entries and ordinals: f64 each; the fingerprint, padded; per slot its cells and links: u32 counts, then the words;
 * u64 checksum of all before.
 */
const MAGIC = 0x58494e57
const VERSION = 1
const HEAD_BYTES = 40

/** Writes the index and its place in the log. The bytes are a function of the log up to there. */
export function encodeIndexSnapshot({ index, position, fingerprint }: IndexSnapshot): Uint8Array {
  const name = new TextEncoder().encode(fingerprint)
  const slots: IndexSlot[] = []
  for (let slot = index.firstSlot; slot < index.endSlot; slot++) slots.push(index.slot(slot))
  const headBytes = HEAD_BYTES + padded(name.length)
  const bodyWords = slots.reduce((sum, slot) => sum + slot.dumpWords, 0)
  const out = new Uint8Array(headBytes + 4 * bodyWords + CHECKSUM_BYTES)
  const view = viewOf(out)
  const numbers = [MAGIC, VERSION, index.firstSlot, index.endSlot, index.chainLimit, name.length]
  for (const [at, number] of numbers.entries()) view.setUint32(4 * at, number, true)
  view.setFloat64(24, position.entries, true)
  view.setFloat64(32, position.ordinals, true)
  out.set(name, HEAD_BYTES)
  const words = new Uint32Array(out.buffer, headBytes, bodyWords)
  let at = 0
  for (const slot of slots) {
    slot.dump(words, at)
    at += slot.dumpWords
  }
  return seal(out)
}

/**
 * Reads a snapshot.
 *
 * @throws CorruptError when it is torn, changed, or of another version.
 */
export function decodeIndexSnapshot(bytes: Uint8Array): IndexSnapshot {
  const view = viewOf(bytes)
  if (bytes.length < HEAD_BYTES + CHECKSUM_BYTES || view.getUint32(0, true) !== MAGIC)
    throw new CorruptError(
      'this is not an index snapshot',
      'Delete it; the log is replayed instead.',
    )
  if (view.getUint32(4, true) !== VERSION)
    throw new CorruptError(
      `the index snapshot has version ${view.getUint32(4, true)}, this program reads ${VERSION}`,
      'Delete it; the log is replayed instead.',
    )
  requireSealed(bytes, 'the index snapshot')
  const firstSlot = view.getUint32(8, true)
  const endSlot = view.getUint32(12, true)
  const chainLimit = view.getUint32(16, true)
  const nameBytes = view.getUint32(20, true)
  const position = { entries: view.getFloat64(24, true), ordinals: view.getFloat64(32, true) }
  const headBytes = HEAD_BYTES + padded(nameBytes)
  const bodyBytes = bytes.length - CHECKSUM_BYTES - headBytes
  if (!isCount(position.entries) || !isCount(position.ordinals)) throw broken()
  if (firstSlot > endSlot || endSlot > SLOTS || bodyBytes < 0 || bodyBytes % 4 !== 0) throw broken()
  const words = wordsAt(bytes, headBytes, bodyBytes)
  const slots: IndexSlot[] = []
  let at = 0
  for (let slot = firstSlot; slot < endSlot; slot++) {
    const cellsEnd = at + 2 + (words[at] ?? Number.NaN) * CELL_WORDS
    const linksEnd = cellsEnd + (words[at + 1] ?? Number.NaN) * CELL_WORDS
    if (!(linksEnd <= words.length)) throw broken()
    const cells = words.subarray(at + 2, cellsEnd)
    const loaded = IndexSlot.load(cells, words.subarray(cellsEnd, linksEnd), position.ordinals)
    if (loaded === undefined) throw broken()
    slots.push(loaded)
    at = linksEnd
  }
  if (at !== words.length) throw broken()
  return {
    index: new DuplicateIndex(chainLimit, firstSlot, endSlot, slots),
    position,
    fingerprint: new TextDecoder().decode(bytes.subarray(HEAD_BYTES, HEAD_BYTES + nameBytes)),
  }
}

function broken(): CorruptError {
  return new CorruptError(
    'the index snapshot contradicts itself',
    'Delete it; the log is replayed instead.',
  )
}

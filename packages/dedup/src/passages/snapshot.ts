import { CorruptError } from '@winnow/core'
import { CHECKSUM_BYTES, isCount, padded, requireSealed, seal, viewOf } from '../checksum.js'
import type { LogPosition } from '../index-snapshot.js'
import { SLOTS } from '../keys.js'
import { ExactSeenSet, SEEN_CELL_WORDS, SeenSlot } from './seen-set.js'

export interface PassageSnapshot {
  readonly seen: ExactSeenSet
  /** The next log entry to read. */
  readonly position: LogPosition
  /** `passageFingerprint` of the options. */
  readonly fingerprint: string
}

/**
 * A snapshot is, little-endian: magic "WNPS", version, bytes of the fingerprint, 0: u32 each; log entries and ordinals: f64
 * each; the fingerprint, padded; for each of the 256 slots its number of cells: u32; the cells; u64 checksum of all before.
 */
const MAGIC = 0x53504e57
const VERSION = 1
const HEAD_BYTES = 32
const CELL_BYTES = 4 * SEEN_CELL_WORDS

/** Writes the set of seen passages and its place in the log. */
export function encodePassageSnapshot({
  seen,
  position,
  fingerprint,
}: PassageSnapshot): Uint8Array {
  const name = new TextEncoder().encode(fingerprint)
  const countsAt = HEAD_BYTES + padded(name.length)
  const cellsAt = countsAt + 4 * SLOTS
  const out = new Uint8Array(cellsAt + seen.keys * CELL_BYTES + CHECKSUM_BYTES)
  const view = viewOf(out)
  for (const [at, number] of [MAGIC, VERSION, name.length].entries())
    view.setUint32(4 * at, number, true)
  view.setFloat64(16, position.entries, true)
  view.setFloat64(24, position.ordinals, true)
  out.set(name, HEAD_BYTES)
  let at = cellsAt
  for (let slot = 0; slot < SLOTS; slot++) {
    const cells = seen.slot(slot).dump()
    view.setUint32(countsAt + 4 * slot, cells.length / SEEN_CELL_WORDS, true)
    new Uint32Array(out.buffer, at, cells.length).set(cells)
    at += cells.byteLength
  }
  return seal(out)
}

/**
 * Reads a snapshot.
 *
 * @throws CorruptError when it is torn, changed, or of another version.
 */
export function decodePassageSnapshot(bytes: Uint8Array): PassageSnapshot {
  const view = viewOf(bytes)
  if (bytes.length < HEAD_BYTES + CHECKSUM_BYTES || view.getUint32(0, true) !== MAGIC)
    throw new CorruptError('this is not a snapshot of seen passages', REPLAY)
  if (view.getUint32(4, true) !== VERSION)
    throw new CorruptError(
      `the snapshot of seen passages has version ${view.getUint32(4, true)}, this program reads ${VERSION}`,
      REPLAY,
    )
  requireSealed(bytes, 'the snapshot of seen passages')
  const nameBytes = view.getUint32(8, true)
  const position = { entries: view.getFloat64(16, true), ordinals: view.getFloat64(24, true) }
  const countsAt = HEAD_BYTES + padded(nameBytes)
  const end = bytes.length - CHECKSUM_BYTES
  let at = countsAt + 4 * SLOTS
  if (!isCount(position.entries) || !isCount(position.ordinals) || at > end) throw broken()
  const slots: SeenSlot[] = []
  for (let slot = 0; slot < SLOTS; slot++) {
    const next = at + view.getUint32(countsAt + 4 * slot, true) * CELL_BYTES
    if (next > end) throw broken()
    const loaded = SeenSlot.load(new Uint32Array(bytes.slice(at, next).buffer))
    if (loaded === undefined) throw broken()
    slots.push(loaded)
    at = next
  }
  if (at !== end) throw broken()
  const name = bytes.subarray(HEAD_BYTES, HEAD_BYTES + nameBytes)
  return {
    seen: new ExactSeenSet(slots),
    position,
    fingerprint: new TextDecoder().decode(name),
  }
}

const REPLAY = 'Delete it; the log is replayed instead.'

function broken(): CorruptError {
  return new CorruptError('the snapshot of seen passages contradicts itself', REPLAY)
}

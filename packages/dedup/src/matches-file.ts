import { CorruptError } from '@winnow/core'
import { CHECKSUM_BYTES, padded, requireSealed, seal, viewOf } from './checksum.js'
import { SLOTS } from './keys.js'
import { joinMatches, type Matches } from './matches.js'

/** What one index worker found for one log entry: the matches of the entry's keys in slots [firstSlot, endSlot). */
export interface SlotMatches {
  /** Place of the entry in the order log. */
  readonly entry: number
  readonly firstSlot: number
  readonly endSlot: number
  readonly matches: Matches
}

/**
 * Little-endian: magic "WNMA", version, first slot, end slot: u32 each; entry: f64; matches: u32, padding u32; then the
 * columns earlier f64, row u32, tag u16 (padded); u64 checksum of all before.
 */
const MAGIC = 0x414d4e57
const VERSION = 1
const HEAD_BYTES = 32
/** More than an entry can have tags; with an ordinal of 39 bits they fit a double. */
const TAGS = 512

/** Writes them; the bytes are a function of the log up to the entry. */
export function encodeSlotMatches({ entry, firstSlot, endSlot, matches }: SlotMatches): Uint8Array {
  const { count, row, tag, earlier } = matches
  const out = new Uint8Array(bytesOf(count))
  const view = viewOf(out)
  const numbers = [MAGIC, VERSION, firstSlot, endSlot]
  for (const [at, number] of numbers.entries()) view.setUint32(4 * at, number, true)
  view.setFloat64(16, entry, true)
  view.setUint32(24, count, true)
  new Float64Array(out.buffer, HEAD_BYTES, count).set(earlier)
  new Uint32Array(out.buffer, HEAD_BYTES + 8 * count, count).set(row)
  new Uint16Array(out.buffer, HEAD_BYTES + 12 * count, count).set(tag)
  return seal(out)
}

/** Reads what `encodeSlotMatches` wrote. Throws CorruptError when it is torn, changed, or of another version. */
export function decodeSlotMatches(bytes: Uint8Array, name: string): SlotMatches {
  const view = viewOf(bytes)
  if (
    bytes.length < HEAD_BYTES + CHECKSUM_BYTES ||
    view.getUint32(0, true) !== MAGIC ||
    view.getUint32(4, true) !== VERSION
  )
    throw new CorruptError(`${name} holds no matches, or those of another version`)
  requireSealed(bytes, name)
  const count = view.getUint32(24, true)
  const firstSlot = view.getUint32(8, true)
  const endSlot = view.getUint32(12, true)
  if (bytes.length !== bytesOf(count) || firstSlot >= endSlot || endSlot > SLOTS)
    throw new CorruptError(`${name} contradicts itself`)
  const body = bytes.slice(HEAD_BYTES).buffer
  return {
    entry: view.getFloat64(16, true),
    firstSlot,
    endSlot,
    matches: {
      count,
      earlier: new Float64Array(body, 0, count),
      row: new Uint32Array(body, 8 * count, count),
      tag: new Uint16Array(body, 12 * count, count),
    },
  }
}

function bytesOf(count: number): number {
  return HEAD_BYTES + padded(14 * count) + CHECKSUM_BYTES
}

/**
 * The matches of a whole entry from parts that cover every slot. Where parts overlap, as they do when slots change hands,
 * they say the same of the slots they share, and each match counts once. Returns undefined while a slot is missing.
 */
export function joinSlotMatches(parts: readonly SlotMatches[]): Matches | undefined {
  const covered = new Uint8Array(SLOTS)
  for (const { firstSlot, endSlot } of parts) covered.fill(1, firstSlot, endSlot)
  if (covered.includes(0)) return undefined
  const all = joinMatches(parts.map(({ matches }) => matches))
  const width = parts.reduce((sum, { firstSlot, endSlot }) => sum + endSlot - firstSlot, 0)
  return width === SLOTS ? all : withoutRepeats(all)
}

/** A row has one key with a tag, so row, tag and earlier document name a match. */
function withoutRepeats(matches: Matches): Matches {
  const seen = new Map<number, Set<number>>()
  const places: number[] = []
  for (let at = 0; at < matches.count; at++) {
    const row = matches.row[at] as number
    const pair = (matches.earlier[at] as number) * TAGS + (matches.tag[at] as number)
    const ofRow = seen.get(row)
    if (ofRow?.has(pair)) continue
    if (ofRow === undefined) seen.set(row, new Set([pair]))
    else ofRow.add(pair)
    places.push(at)
  }
  return {
    count: places.length,
    row: Uint32Array.from(places, (at) => matches.row[at] as number),
    tag: Uint16Array.from(places, (at) => matches.tag[at] as number),
    earlier: Float64Array.from(places, (at) => matches.earlier[at] as number),
  }
}

import { CorruptError } from '@winnow/core'
import { CHECKSUM_BYTES, padded, requireSealed, seal, viewOf } from '../checksum.js'
import { ENTRY_WORDS } from '../keys.js'
import { requireSameFingerprint } from '../parameters.js'
import type { Passages } from './keys.js'
import { type PassageOptions, passageFingerprint } from './options.js'

/**
 * A passage file holds the passages of one document shard, little-endian: magic "WNPF", version, rows, passages, bytes of
 * the places, bytes of the fingerprint: u32 each; the fingerprint, padded; the entries of `Passages`; the places; u64 checksum
 * of all before. The places are numbers of 7 bits a byte, the low ones first: per row its passages and passage bytes, then
 * for each passage the bytes between it and the one before, and its own.
 */
const MAGIC = 0x46504e57
const VERSION = 1
const HEAD_BYTES = 24
const NUMBER_BYTES = 5

/** Writes the passages of a shard. The bytes depend on the documents and the options alone. */
export function encodePassageFile(passages: Passages, options: PassageOptions): Uint8Array {
  const fingerprint = new TextEncoder().encode(passageFingerprint(options))
  const places = encodePlaces(passages)
  const entriesAt = HEAD_BYTES + padded(fingerprint.length)
  const placesAt = entriesAt + passages.entries.byteLength
  const out = new Uint8Array(placesAt + places.length + CHECKSUM_BYTES)
  const view = viewOf(out)
  const { rows, starts, entries } = passages
  const numbers = [MAGIC, VERSION, rows, starts.length, places.length, fingerprint.length]
  for (const [index, number] of numbers.entries()) view.setUint32(4 * index, number, true)
  out.set(fingerprint, HEAD_BYTES)
  out.set(new Uint8Array(entries.buffer, entries.byteOffset, entries.byteLength), entriesAt)
  out.set(places, placesAt)
  return seal(out)
}

function encodePlaces({ rows, offsets, starts, ends, passageBytes }: Passages): Uint8Array {
  const out = new Uint8Array(2 * NUMBER_BYTES * (rows + starts.length))
  let at = 0
  const write = (number: number): void => {
    let left = number
    for (; left > 127; left >>>= 7) out[at++] = (left & 127) | 128
    out[at++] = left
  }
  for (let row = 0; row < rows; row++) {
    const first = offsets[row] as number
    const end = offsets[row + 1] as number
    write(end - first)
    write(passageBytes[row] as number)
    let before = 0
    for (let passage = first; passage < end; passage++) {
      const start = starts[passage] as number
      write(start - before)
      before = ends[passage] as number
      write(before - start)
    }
  }
  return out.slice(0, at)
}

/**
 * Reads and checks a passage file.
 *
 * @param where names the file, for the message.
 * @throws CorruptError when any byte is not the one that was written.
 * @throws UsageError when it was made with other options, naming those that differ.
 */
export function decodePassageFile(
  bytes: Uint8Array,
  options: PassageOptions,
  where = 'the passage file',
): Passages {
  const view = viewOf(bytes)
  if (bytes.length < HEAD_BYTES + CHECKSUM_BYTES || view.getUint32(0, true) !== MAGIC)
    throw new CorruptError(
      `${where} is not a passage file`,
      'Its first bytes are not those of one.',
    )
  if (view.getUint32(4, true) !== VERSION)
    throw new CorruptError(
      `${where} has version ${view.getUint32(4, true)}, this program reads ${VERSION}`,
      'Sign the shards again with this version.',
    )
  requireSealed(bytes, where)
  const [rows, count, placeBytes, nameBytes] = [8, 12, 16, 20].map((at) =>
    view.getUint32(at, true),
  ) as [number, number, number, number]
  const entriesAt = HEAD_BYTES + padded(nameBytes)
  const placesAt = entriesAt + 4 * ENTRY_WORDS * count
  // Two bytes a row and two a passage at the least: more rows than that are not believed, and no memory taken for them.
  const sound =
    placesAt + placeBytes + CHECKSUM_BYTES === bytes.length && 2 * (rows + count) <= placeBytes
  if (!sound) throw contradiction(where)
  const name = bytes.subarray(HEAD_BYTES, HEAD_BYTES + nameBytes)
  requireSameFingerprint(passageFingerprint(options), new TextDecoder().decode(name), where)
  const entries = new Uint32Array(bytes.slice(entriesAt, placesAt).buffer)
  requireEntries(entries, count, where)
  const places = decodePlaces(bytes.subarray(placesAt, placesAt + placeBytes), rows, count)
  if (places === undefined) throw contradiction(where)
  return { rows, ...places, entries }
}

/** Every passage has one entry, and slots ascend. */
function requireEntries(entries: Uint32Array, count: number, where: string): void {
  const met = new Uint8Array(count)
  let slot = 0
  for (let at = 0; at < entries.length; at += ENTRY_WORDS) {
    const passage = entries[at + 2] as number
    const next = (entries[at + 1] as number) >>> 24
    if (next < slot || met[passage] !== 0) throw contradiction(where)
    met[passage] = 1
    slot = next
  }
}

function decodePlaces(
  bytes: Uint8Array,
  rows: number,
  count: number,
): Omit<Passages, 'rows' | 'entries'> | undefined {
  const offsets = new Uint32Array(rows + 1)
  const passageBytes = new Uint32Array(rows)
  const starts = new Uint32Array(count)
  const ends = new Uint32Array(count)
  let at = 0
  const read = (): number => {
    let number = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++] ?? 0
      number += (byte & 127) * factor
      if (byte < 128) return number
    }
  }
  let passage = 0
  for (let row = 0; row < rows; row++) {
    const end = passage + read()
    passageBytes[row] = read()
    if (end > count) return undefined
    let place = 0
    for (; passage < end; passage++) {
      place += read()
      starts[passage] = place
      place += read()
      ends[passage] = place
    }
    if (place > 0x7fffffff) return undefined
    offsets[row + 1] = passage
  }
  return passage === count && at === bytes.length
    ? { offsets, passageBytes, starts, ends }
    : undefined
}

function contradiction(where: string): CorruptError {
  return new CorruptError(`${where} contradicts itself`, 'Delete it and sign the shard again.')
}

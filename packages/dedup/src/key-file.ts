import { CorruptError, type Utf8Column } from '@winnow/core'
import type { Signatures } from '@winnow/kernel'
import { checksum, padded, requireSealed, seal, viewOf } from './checksum.js'
import {
  ENTRY_WORDS,
  FIRST_BAND_TAG,
  keyEntries,
  MAX_ROWS,
  ROW_BITS,
  SLOTS,
  slotStarts,
  TEXT_TAG,
  URL_TAG,
} from './keys.js'
import { type DedupParameters, MAX_BANDS, signatureFingerprint, sketchBytes } from './parameters.js'

/**
 * A key file holds the keys and row records of one document shard. Its bytes depend on the documents alone.
 * Numbers are little-endian; every section starts on a multiple of 4.
 *
 *     head      0  magic "WNKF", version, rows, entries, bands, families, bytes of a sketch, bytes of the fingerprint: u32 each
 *              32  checksum of the row records: u64
 *              40  first entry of each slot and the count of all: u32 x 257
 *            1068  checksum of each slot's entries (low half of XXH64): u32 x 256
 *            2092  fingerprint of the parameters, UTF-8, padded with zeros; then u64 checksum of all before
 *     entries      12 bytes each, sorted by slot: see ENTRY_WORDS
 *     records      one a row: row in the document shard u32, length of the normalised text u32, sketch, padding
 */
const MAGIC = 0x464b4e57
const VERSION = 1
const ROWS_CHECKSUM_AT = 32
const DIRECTORY_AT = 40
const SLOT_CHECKSUMS_AT = DIRECTORY_AT + 4 * (SLOTS + 1)
const FINGERPRINT_AT = SLOT_CHECKSUMS_AT + 4 * SLOTS
const MAX_FINGERPRINT_BYTES = 1024
const ENTRY_BYTES = 4 * ENTRY_WORDS
const RECORD_HEAD_BYTES = 8

/** Reading this many bytes from the start of a key file (or all, if it is shorter) is enough for its header. */
export const KEY_FILE_HEAD_BYTES = 4096

/** Bits of `KeyFileHeader.families`: which kinds of key occur. */
export const FAMILY_BITS = { url: 1, text: 2, band: 4 } as const

export interface KeyFileHeader {
  readonly rows: number
  readonly entries: number
  readonly bands: number
  readonly families: number
  readonly sketchBytes: number
  readonly fingerprint: string
  /** First entry of each slot; number 256 is the count of all. */
  readonly slotStarts: Uint32Array
  readonly slotChecksums: Uint32Array
  readonly rowsChecksum: bigint
  readonly headBytes: number
  readonly byteLength: number
}

/** What is stored of each row besides its keys; row `i` of a table is not row `i` of the shard when a part was read. */
export interface RowTable {
  readonly rows: number
  /** Row in the document shard. */
  readonly documentRow: Uint32Array
  /** Length of the normalised text in bytes. */
  readonly textLength: Uint32Array
  /** `sketchBytes` bytes a row. */
  readonly sketches: Uint8Array
}

export interface KeyFile {
  readonly header: KeyFileHeader
  readonly entries: Uint32Array
  readonly table: RowTable
}

/** Bytes [start, end) of a file. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/**
 * Writes the key file of a batch.
 *
 * @param documentRows row in the document shard of each row of the batch, where only some rows are deduplicated.
 * @throws UsageError when the shard is too large for one key file.
 */
export function encodeKeyFile(
  signatures: Signatures,
  urls: Utf8Column,
  parameters: DedupParameters,
  documentRows?: ArrayLike<number>,
): Uint8Array {
  const rows = signatures.textLength.length
  const entries = keyEntries(signatures, urls, parameters.bands)
  const starts = slotStarts(entries)
  const fingerprint = new TextEncoder().encode(signatureFingerprint(parameters))
  const sketch = sketchBytes(parameters)
  const headBytes = headLength(fingerprint.length)
  const recordsAt = headBytes + entries.byteLength
  const file = new Uint8Array(recordsAt + rows * recordLength(sketch))

  file.set(new Uint8Array(entries.buffer, entries.byteOffset, entries.byteLength), headBytes)
  const records = file.subarray(recordsAt)
  writeRecords(records, signatures, sketch, documentRows)

  const view = viewOf(file)
  const numbers = [
    MAGIC,
    VERSION,
    rows,
    entries.length / ENTRY_WORDS,
    parameters.bands,
    familiesOf(entries),
    sketch,
    fingerprint.length,
  ]
  for (const [index, number] of numbers.entries()) view.setUint32(4 * index, number, true)
  view.setBigUint64(ROWS_CHECKSUM_AT, checksum(records), true)
  for (let slot = 0; slot <= SLOTS; slot++)
    view.setUint32(DIRECTORY_AT + 4 * slot, starts[slot] as number, true)
  for (let slot = 0; slot < SLOTS; slot++) {
    const from = headBytes + (starts[slot] as number) * ENTRY_BYTES
    const to = headBytes + (starts[slot + 1] as number) * ENTRY_BYTES
    view.setUint32(SLOT_CHECKSUMS_AT + 4 * slot, slotChecksum(file.subarray(from, to)), true)
  }
  file.set(fingerprint, FINGERPRINT_AT)
  seal(file.subarray(0, headBytes))
  return file
}

function writeRecords(
  records: Uint8Array,
  { textLength, sketches }: Signatures,
  sketch: number,
  documentRows: ArrayLike<number> | undefined,
): void {
  const view = viewOf(records)
  const stride = recordLength(sketch)
  for (let row = 0; row < textLength.length; row++) {
    const at = row * stride
    view.setUint32(at, documentRows?.[row] ?? row, true)
    view.setUint32(at + 4, textLength[row] as number, true)
    records.set(sketches.subarray(row * sketch, (row + 1) * sketch), at + RECORD_HEAD_BYTES)
  }
}

function familiesOf(entries: Uint32Array): number {
  let families = 0
  for (let at = 2; at < entries.length; at += ENTRY_WORDS) {
    const tag = (entries[at] as number) >>> ROW_BITS
    if (tag === URL_TAG) families |= FAMILY_BITS.url
    else if (tag === TEXT_TAG) families |= FAMILY_BITS.text
    else families |= FAMILY_BITS.band
  }
  return families
}

/**
 * Reads the header from the first bytes of a key file.
 *
 * @param bytes at least `KEY_FILE_HEAD_BYTES`, or the whole file when it is shorter.
 * @throws CorruptError when they are not the start of a key file of this version.
 */
export function readKeyFileHeader(bytes: Uint8Array): KeyFileHeader {
  const view = viewOf(bytes)
  if (bytes.length < FINGERPRINT_AT || view.getUint32(0, true) !== MAGIC)
    throw new CorruptError('this is not a key file', 'Its first bytes are not those of one.')
  if (view.getUint32(4, true) !== VERSION)
    throw new CorruptError(
      `the key file has version ${view.getUint32(4, true)}, this program reads ${VERSION}`,
      'Sign the shards again with this version.',
    )
  const [rows, entries, bands, families, sketch, fingerprintBytes] = [8, 12, 16, 20, 24, 28].map(
    (at) => view.getUint32(at, true),
  ) as [number, number, number, number, number, number]
  const headBytes = headLength(fingerprintBytes)
  if (fingerprintBytes > MAX_FINGERPRINT_BYTES || headBytes > bytes.length)
    throw new CorruptError('the header of the key file is cut off')
  requireSealed(bytes.subarray(0, headBytes), 'the header of the key file')
  // Copies, since headers are kept: a view would keep the whole file in memory.
  const starts = readWords(bytes, DIRECTORY_AT, SLOTS + 1).slice()
  const ascending = starts.every((start, slot) => slot === 0 || start >= (starts[slot - 1] ?? 0))
  const sound =
    ascending &&
    starts[0] === 0 &&
    starts[SLOTS] === entries &&
    rows <= MAX_ROWS &&
    bands <= MAX_BANDS &&
    entries <= rows * (bands + FIRST_BAND_TAG)
  if (!sound) throw new CorruptError('the numbers in the header of the key file contradict')
  return {
    rows,
    entries,
    bands,
    families,
    sketchBytes: sketch,
    fingerprint: new TextDecoder().decode(
      bytes.subarray(FINGERPRINT_AT, FINGERPRINT_AT + fingerprintBytes),
    ),
    slotStarts: starts,
    slotChecksums: readWords(bytes, SLOT_CHECKSUMS_AT, SLOTS).slice(),
    rowsChecksum: view.getBigUint64(ROWS_CHECKSUM_AT, true),
    headBytes,
    byteLength: headBytes + entries * ENTRY_BYTES + rows * recordLength(sketch),
  }
}

/** Where the entries of slots [first, end) stand. */
export function slotRange(header: KeyFileHeader, first: number, end: number): ByteRange {
  return {
    start: header.headBytes + (header.slotStarts[first] as number) * ENTRY_BYTES,
    end: header.headBytes + (header.slotStarts[end] as number) * ENTRY_BYTES,
  }
}

/** Where the records of rows [first, end) stand. */
export function rowRange(header: KeyFileHeader, first: number, end: number): ByteRange {
  const recordsAt = header.headBytes + header.entries * ENTRY_BYTES
  const stride = recordLength(header.sketchBytes)
  return { start: recordsAt + first * stride, end: recordsAt + end * stride }
}

/**
 * The entries of slots [first, end) from the bytes of their `slotRange`.
 *
 * @throws CorruptError when the bytes are not those that the header promises.
 */
export function decodeEntries(
  header: KeyFileHeader,
  first: number,
  end: number,
  bytes: Uint8Array,
): Uint32Array {
  const range = slotRange(header, first, end)
  if (bytes.length !== range.end - range.start)
    throw new CorruptError(
      `slots ${first} to ${end - 1} of the key file take ${range.end - range.start} bytes, not ${bytes.length}`,
    )
  const entries = readWords(bytes, 0, bytes.length / 4)
  for (let slot = first; slot < end; slot++) {
    const part = slotRange(header, slot, slot + 1)
    const sum = slotChecksum(bytes.subarray(part.start - range.start, part.end - range.start))
    if (sum !== header.slotChecksums[slot])
      throw new CorruptError(`slot ${slot} of the key file does not match its checksum`)
    const from = ((part.start - range.start) / 4) | 0
    const to = ((part.end - range.start) / 4) | 0
    requireEntries(entries.subarray(from, to), slot, header)
  }
  return entries
}

function requireEntries(entries: Uint32Array, slot: number, header: KeyFileHeader): void {
  const tags = header.bands + FIRST_BAND_TAG
  for (let at = 0; at < entries.length; at += ENTRY_WORDS) {
    const packed = entries[at + 2] as number
    const row = packed & (MAX_ROWS - 1)
    if (
      (entries[at + 1] as number) >>> 24 !== slot ||
      row >= header.rows ||
      packed >>> ROW_BITS >= tags
    )
      throw new CorruptError(`slot ${slot} of the key file holds an entry that cannot be in it`)
  }
}

/**
 * The records of rows [first, end) from the bytes of their `rowRange`.
 * The checksum covers all rows together, so it is checked when all are read.
 *
 * @throws CorruptError when the bytes are not those that the header promises.
 */
export function decodeRows(
  header: KeyFileHeader,
  first: number,
  end: number,
  bytes: Uint8Array,
): RowTable {
  const rows = end - first
  const stride = recordLength(header.sketchBytes)
  if (rows < 0 || bytes.length !== rows * stride)
    throw new CorruptError(
      `rows ${first} to ${end - 1} of the key file take ${rows * stride} bytes, not ${bytes.length}`,
    )
  if (rows === header.rows && checksum(bytes) !== header.rowsChecksum)
    throw new CorruptError('the records of the key file do not match their checksum')
  const table = newRowTable(rows, header.sketchBytes)
  const view = viewOf(bytes)
  for (let row = 0; row < rows; row++) {
    const at = row * stride
    table.documentRow[row] = view.getUint32(at, true)
    table.textLength[row] = view.getUint32(at + 4, true)
    const sketchAt = at + RECORD_HEAD_BYTES
    table.sketches.set(
      bytes.subarray(sketchAt, sketchAt + header.sketchBytes),
      row * header.sketchBytes,
    )
  }
  return table
}

/** An empty table for `rows` rows. */
export function newRowTable(rows: number, sketch: number): RowTable {
  return {
    rows,
    documentRow: new Uint32Array(rows),
    textLength: new Uint32Array(rows),
    sketches: new Uint8Array(rows * sketch),
  }
}

/**
 * Reads and checks a whole key file.
 *
 * @throws CorruptError when any byte is not the one that was written.
 */
export function decodeKeyFile(bytes: Uint8Array): KeyFile {
  const header = readKeyFileHeader(bytes)
  if (bytes.length !== header.byteLength)
    throw new CorruptError(
      `the key file has ${bytes.length} bytes, its header says ${header.byteLength}`,
      'It was cut off or something was appended to it. Sign the shard again.',
    )
  const slots = slotRange(header, 0, SLOTS)
  const rows = rowRange(header, 0, header.rows)
  return {
    header,
    entries: decodeEntries(header, 0, SLOTS, bytes.subarray(slots.start, slots.end)),
    table: decodeRows(header, 0, header.rows, bytes.subarray(rows.start, rows.end)),
  }
}

function headLength(fingerprintBytes: number): number {
  return FINGERPRINT_AT + padded(fingerprintBytes) + 8
}

function recordLength(sketch: number): number {
  return RECORD_HEAD_BYTES + padded(sketch)
}

function slotChecksum(bytes: Uint8Array): number {
  return Number(checksum(bytes) & 0xffffffffn)
}

/** Words from any offset; a view where the alignment allows it, a copy where not. */
function readWords(bytes: Uint8Array, at: number, words: number): Uint32Array {
  const offset = bytes.byteOffset + at
  if (offset % 4 === 0) return new Uint32Array(bytes.buffer, offset, words)
  return new Uint32Array(bytes.slice(at, at + 4 * words).buffer)
}

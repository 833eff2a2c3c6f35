import {
  decodeKeyFile,
  decodeRows,
  KEY_FILE_HEAD_BYTES,
  type KeyFile,
  type KeyFileHeader,
  type LoggedShard,
  newRowTable,
  type OrderLog,
  type RowTable,
  readKeyFileHeader,
  requireSameFingerprint,
  rowRange,
} from '@winnow/dedup'
import type { ObjectStore } from '@winnow/storage'
import { LRUCache } from 'lru-cache'

/** Headers kept: 3 KB each. */
const HEADERS_KEPT = 4096
/** Rows closer together than this many are read in one piece. */
const JOINED_GAP = 64

/** Reads key files whole, and single row records of them by range. */
export class KeyFileReader {
  private readonly headers = new LRUCache<string, KeyFileHeader>({ max: HEADERS_KEPT })

  /** @param fingerprint that every key file must carry. */
  constructor(
    private readonly store: ObjectStore,
    private readonly fingerprint: string,
  ) {}

  /** A whole key file, checked. */
  async read(key: string): Promise<KeyFile> {
    const file = decodeKeyFile(await this.store.get(key))
    requireSameFingerprint(this.fingerprint, file.header.fingerprint, key)
    this.headers.set(key, file.header)
    return file
  }

  /** The records of documents anywhere in the log, in the order of `ordinals`, which ascend. */
  async records(log: OrderLog, ordinals: Float64Array, sketchBytes: number): Promise<RowTable> {
    const out = newRowTable(ordinals.length, sketchBytes)
    for (let from = 0; from < ordinals.length; ) {
      const shard = log.locate(ordinals[from] as number)
      let to = from + 1
      while (to < ordinals.length && (ordinals[to] as number) < shard.base + shard.rows) to++
      await this.recordsOfShard(shard, ordinals.subarray(from, to), out, from)
      from = to
    }
    return out
  }

  private async recordsOfShard(
    shard: LoggedShard,
    ordinals: Float64Array,
    out: RowTable,
    at: number,
  ): Promise<void> {
    const header = await this.header(shard.keyFile)
    const rows = Array.from(ordinals, (ordinal) => ordinal - shard.base)
    for (let from = 0; from < rows.length; ) {
      let to = from + 1
      while (to < rows.length && (rows[to] as number) - (rows[to - 1] as number) <= JOINED_GAP) to++
      const first = rows[from] as number
      const range = rowRange(header, first, (rows[to - 1] as number) + 1)
      const bytes = await this.store.read(shard.keyFile, range.start, range.end - range.start)
      const table = decodeRows(header, first, (rows[to - 1] as number) + 1, bytes)
      for (let i = from; i < to; i++) copyRow(table, (rows[i] as number) - first, out, at + i)
      from = to
    }
  }

  /** The header of a key file, read once. */
  async header(key: string): Promise<KeyFileHeader> {
    const known = this.headers.get(key)
    if (known !== undefined) return known
    const header = readKeyFileHeader(await this.store.read(key, 0, KEY_FILE_HEAD_BYTES))
    requireSameFingerprint(this.fingerprint, header.fingerprint, key)
    this.headers.set(key, header)
    return header
  }
}

function copyRow(from: RowTable, row: number, to: RowTable, at: number): void {
  const width = to.rows === 0 ? 0 : to.sketches.length / to.rows
  to.documentRow[at] = from.documentRow[row] as number
  to.textLength[at] = from.textLength[row] as number
  to.sketches.set(from.sketches.subarray(row * width, (row + 1) * width), at * width)
}

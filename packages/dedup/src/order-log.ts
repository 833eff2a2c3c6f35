import { CorruptError, hash64 } from '@winnow/core'
import type { LogPosition } from './index-snapshot.js'

/** One line of the order log: a shard whose key file is stored. */
export interface OrderLogEntry {
  readonly schema: 1
  readonly run: string
  readonly shard: string
  /** Where the key file is: a key of the object store. */
  readonly keyFile: string
  /** Rows of the key file. */
  readonly rows: number
  /** `signatureFingerprint` of the parameters it was made with. */
  readonly fingerprint: string
}

/** A shard in its place in the log. */
export interface LoggedShard extends OrderLogEntry {
  /** Ordinal of its row 0: the sum of the rows before it. */
  readonly base: number
  /** `OrderLog.chain` with this entry. */
  readonly chain: string
}

const FIELDS = ['run', 'shard', 'keyFile', 'fingerprint'] as const

/** Written in one go with its line break, so that a line without one is a torn line. */
export function encodeLogLine(entry: OrderLogEntry): string {
  const { schema, run, shard, keyFile, rows, fingerprint } = entry
  return `${JSON.stringify({ schema, run, shard, keyFile, rows, fingerprint })}\n`
}

/**
 * Checks the shape of an entry that came from outside.
 *
 * @param where names the place for the message, such as `line 3 of the order log`.
 * @throws CorruptError saying what is wrong with it.
 */
export function requireLogEntry(value: unknown, where: string): OrderLogEntry {
  const wrong = (what: string): CorruptError => new CorruptError(`${where}: ${what}`)
  if (typeof value !== 'object' || value === null) throw wrong('it is no object')
  const entry = value as Record<string, unknown>
  if (entry.schema !== 1)
    throw wrong(`schema is ${JSON.stringify(entry.schema)}, this program reads 1`)
  for (const field of FIELDS)
    if (typeof entry[field] !== 'string') throw wrong(`${field} is missing or no text`)
  if (entry.shard === '') throw wrong('shard is empty')
  const { rows } = entry
  if (typeof rows !== 'number' || !Number.isSafeInteger(rows) || rows < 0)
    throw wrong('rows is no whole number')
  return {
    schema: 1,
    run: entry.run as string,
    shard: entry.shard as string,
    keyFile: entry.keyFile as string,
    rows,
    fingerprint: entry.fingerprint as string,
  }
}

/** Checks the shape of one line, without its line break. Throws CorruptError as `requireLogEntry` does. */
export function decodeLogLine(line: string, where: string): OrderLogEntry {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (cause) {
    throw new CorruptError(`${where}: it is no JSON`, '', cause)
  }
  return requireLogEntry(value, where)
}

export interface DecodedLog {
  readonly entries: readonly OrderLogEntry[]
  /** Bytes up to and with the last line break: where a writer that found a torn line goes on. */
  readonly soundBytes: number
  /** True when the last line has no line break: it was being written when the writer died, and does not count. */
  readonly torn: boolean
}

/**
 * Reads an order log file.
 *
 * @throws CorruptError when a line that was written to its end is not an entry.
 */
export function decodeLog(bytes: Uint8Array): DecodedLog {
  const soundBytes = bytes.lastIndexOf(0x0a) + 1
  const text = new TextDecoder().decode(bytes.subarray(0, soundBytes))
  const lines = text.split('\n').slice(0, -1)
  return {
    entries: lines.map((line, index) => decodeLogLine(line, `line ${index + 1} of the order log`)),
    soundBytes,
    torn: soundBytes < bytes.length,
  }
}

/** The order log as read so far: numbers the documents, and skips a shard that comes a second time. */
export class OrderLog {
  private readonly shards: LoggedShard[] = []
  private readonly byName = new Map<string, LoggedShard>()
  private read = 0
  private next = 0
  private hash = 0n

  /**
   * XXH64 of the line of each shard, seeded with that of the lines before, in hexadecimal: two logs with one chain give their
   * documents the same ordinals. Entries that got no place do not count, as a broker's log repeats some that a file does not.
   */
  get chain(): string {
    return this.hash.toString(16).padStart(16, '0')
  }

  /** Where the next entry will stand. */
  get position(): LogPosition {
    return { entries: this.read, ordinals: this.next }
  }

  /**
   * Takes the next entry.
   *
   * @returns the shard with its base, or undefined when the same shard of the same run stands in the log before: then it
   * has its place there.
   */
  append(entry: OrderLogEntry): LoggedShard | undefined {
    this.read++
    const name = nameOf(entry.run, entry.shard)
    if (this.byName.has(name)) return undefined
    this.hash = hash64(Buffer.from(encodeLogLine(entry)), this.hash)
    const shard = { ...entry, base: this.next, chain: this.chain }
    this.shards.push(shard)
    this.byName.set(name, shard)
    this.next += entry.rows
    return shard
  }

  /** The shard of a run, if it was read. */
  find(run: string, shard: string): LoggedShard | undefined {
    return this.byName.get(nameOf(run, shard))
  }

  /** All shards, each once, in the order of the log. */
  all(): readonly LoggedShard[] {
    return this.shards
  }

  /** The shard that holds a document. Its row there is `ordinal - base`. Throws RangeError when none does. */
  locate(ordinal: number): LoggedShard {
    let low = 0
    let high = this.shards.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.shards[middle] as LoggedShard).base <= ordinal) low = middle + 1
      else high = middle
    }
    const shard = this.shards[low - 1]
    if (shard === undefined || ordinal >= shard.base + shard.rows)
      throw new RangeError(`document ${ordinal} is not in the order log`)
    return shard
  }
}

/** Another run may read the same input: its shards have the same ids and are others all the same. */
function nameOf(run: string, shard: string): string {
  return JSON.stringify([run, shard])
}

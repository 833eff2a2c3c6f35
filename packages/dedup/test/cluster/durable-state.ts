import { isDeepStrictEqual } from 'node:util'
import type { Attributes } from '@winnow/core'
import { decodeKeyFile, type KeyFile } from '../../src/key-file.js'
import { SLOTS } from '../../src/keys.js'
import type { Matches } from '../../src/matches.js'
import { type LoggedShard, OrderLog, type OrderLogEntry } from '../../src/order-log.js'
import type { SignedCorpus } from './corpora.js'
import type { Mechanisms } from './mechanisms.js'
import type { Choices } from './random.js'

/** What an index worker publishes of one log entry: the matches of the entry's keys in slots [firstSlot, endSlot). */
export interface Answer {
  readonly entry: number
  readonly firstSlot: number
  readonly endSlot: number
  readonly matches: Matches
}

/** A snapshot as it lies in the store, under a name that tells its slots and its place in the log. */
export interface StoredSnapshot {
  readonly firstSlot: number
  readonly endSlot: number
  /** Log entries it has seen. */
  readonly entries: number
  readonly bytes: Uint8Array
  /** What should have been written. `bytes` is shorter, or ends in zeros, when the writer died. */
  readonly whole: Uint8Array
  /** Bytes of `whole` that were written. */
  readonly written: number
}

/** All that outlives a crash: the objects of the store, the order log and the topic of answers. */
export class DurableState {
  readonly keyFiles = new Map<string, Uint8Array>()
  readonly log: OrderLogEntry[] = []
  readonly answers: Answer[] = []
  readonly indexSnapshots: StoredSnapshot[] = []
  readonly decisionSnapshots: StoredSnapshot[] = []
  /** By key file. */
  readonly attributes = new Map<string, Attributes>()
  /** Key files whose attributes were written a second time, and differ from the first. */
  readonly rewritten = new Set<string>()
  /** By slot: the entries whose answer its worker has noted as published. Read only when slots do not replay. */
  readonly noted = new Uint32Array(SLOTS)

  constructor(
    readonly corpus: SignedCorpus,
    readonly mechanisms: Mechanisms,
  ) {}

  /** Resolvers that restart write the attributes of a shard again. What a reader has seen must not change. */
  putAttributes(keyFile: string, attributes: Attributes): void {
    const before = this.attributes.get(keyFile)
    if (before !== undefined && !isDeepStrictEqual(before, attributes)) this.rewritten.add(keyFile)
    this.attributes.set(keyFile, attributes)
  }

  keyFile(name: string): KeyFile {
    const bytes = this.keyFiles.get(name)
    if (bytes === undefined) throw new Error(`key file ${name} is not in the store`)
    return decodedOnce(bytes)
  }
}

const decoded = new WeakMap<Uint8Array, KeyFile>()

/** Key files are the same in all schedules, and decoding them is pure. */
function decodedOnce(bytes: Uint8Array): KeyFile {
  const file = decoded.get(bytes) ?? decodeKeyFile(bytes)
  decoded.set(bytes, file)
  return file
}

/** Writes a snapshot whole, or as the death of the writer leaves it: cut off, or with blocks that were never filled. */
export function storeSnapshot(
  snapshots: StoredSnapshot[],
  place: { firstSlot: number; endSlot: number; entries: number },
  whole: Uint8Array,
  torn: Choices | undefined,
): void {
  const written = torn === undefined ? whole.length : torn.below(whole.length)
  const bytes = whole.slice(0, written)
  const { firstSlot, endSlot, entries } = place
  if (torn?.chance(0.5) === true) {
    const filled = new Uint8Array(whole.length)
    filled.set(bytes)
    snapshots.push({ firstSlot, endSlot, entries, bytes: filled, whole, written })
  } else snapshots.push({ firstSlot, endSlot, entries, bytes, whole, written })
}

/** Newest first; of those of one place the one written last. */
export function newestFirst(snapshots: readonly StoredSnapshot[]): StoredSnapshot[] {
  return snapshots.toReversed().sort((a, b) => b.entries - a.entries)
}

/** A worker's view of the order log, read as far as it is asked for. */
export class LogReader {
  private readonly shards = new OrderLog()
  private readonly places: (LoggedShard | undefined)[] = []

  constructor(private readonly durable: DurableState) {}

  /** The shard of a log entry, or undefined when it stands in the log before. */
  place(entry: number): LoggedShard | undefined {
    for (let next = this.places.length; next <= entry; next++) {
      const line = this.durable.log[next] as OrderLogEntry
      const shard = this.durable.mechanisms.skipRepeated ? line.shard : `${line.shard} ${next}`
      this.places.push(this.shards.append({ ...line, shard }))
    }
    return this.places[entry]
  }

  /** The shard that holds a document, among those of the entries asked for. */
  locate(ordinal: number): LoggedShard {
    return this.shards.locate(ordinal)
  }
}

/** The matches at some places of `matches`. */
export function matchesAt(matches: Matches, places: readonly number[]): Matches {
  return {
    count: places.length,
    row: Uint32Array.from(places, (at) => matches.row[at] as number),
    tag: Uint16Array.from(places, (at) => matches.tag[at] as number),
    earlier: Float64Array.from(places, (at) => matches.earlier[at] as number),
  }
}

import { CorruptError } from '@winnow/core'
import type { IndexSlot } from '../../src/index-slot.js'
import {
  decodeIndexSnapshot,
  encodeIndexSnapshot,
  type IndexSnapshot,
} from '../../src/index-snapshot.js'
import { DuplicateIndex } from '../../src/index-table.js'
import { ENTRY_WORDS } from '../../src/keys.js'
import type { Matches } from '../../src/matches.js'
import { fingerprint } from '../../src/parameters.js'
import {
  type Answer,
  type DurableState,
  LogReader,
  matchesAt,
  newestFirst,
  type StoredSnapshot,
  storeSnapshot,
} from './durable-state.js'
import type { Choices } from './random.js'

/** Neighbouring slots that have read equally far. */
interface Part {
  readonly index: DuplicateIndex
  /** Log entries looked up. */
  entries: number
  /** Looked up, not yet published. */
  unpublished: Answer | undefined
  /** The log's entries as they came to this part, where the log's order does not count. */
  readonly arrival: number[]
  snapshotAt: number
}

interface Memory {
  readonly log: LogReader
  parts: Part[]
}

/** Owns slots [firstSlot, endSlot): looks up and inserts the keys of each log entry, and publishes what it found. */
export class IndexWorker {
  private memory: Memory | undefined

  constructor(
    readonly name: string,
    readonly firstSlot: number,
    readonly endSlot: number,
    private readonly durable: DurableState,
    private readonly choices: Choices,
    private readonly snapshotRate: number,
    private readonly tearRate: number,
  ) {}

  get busy(): boolean {
    if (this.memory === undefined) return true
    return this.memory.parts.some(
      (part) => part.unpublished !== undefined || part.entries < this.durable.log.length,
    )
  }

  crash(): void {
    this.memory = undefined
  }

  step(): string {
    if (this.memory === undefined) return this.start()
    const snapshot = this.choices.chance(this.snapshotRate) ? this.partToWrite() : undefined
    if (snapshot !== undefined) return this.writeSnapshot(snapshot)
    const part = this.laggingPart(this.memory)
    if (part.unpublished !== undefined) return this.publish(part, part.unpublished)
    return this.lookUp(this.memory, part)
  }

  private start(): string {
    const parts = restore(this.durable, this.firstSlot, this.endSlot)
    this.memory = { log: new LogReader(this.durable), parts }
    const places = parts.map(({ index, entries }) => `${slots(index)} at ${entries}`)
    return `starts with ${places.join(', ')}`
  }

  private laggingPart({ parts }: Memory): Part {
    return parts.reduce((last, part) => (progress(part) < progress(last) ? part : last))
  }

  private lookUp({ log }: Memory, part: Part): string {
    const entry = this.nextEntry(part)
    const shard = log.place(entry)
    part.entries++
    if (shard === undefined) {
      this.mergeParts()
      return `skips entry ${entry} for ${slots(part.index)}`
    }
    const { header, entries } = this.durable.keyFile(shard.keyFile)
    const { index } = part
    const from = (header.slotStarts[index.firstSlot] as number) * ENTRY_WORDS
    const to = (header.slotStarts[index.endSlot] as number) * ENTRY_WORDS
    const found = index.insert(entries.subarray(from, to), shard.base)
    const matches = this.durable.mechanisms.logOrder
      ? found
      : earlierThan(found, shard.base + shard.rows)
    const { firstSlot, endSlot } = index
    part.unpublished = { entry, firstSlot, endSlot, matches }
    return `looks up entry ${entry} in ${slots(index)}: ${matches.count} matches`
  }

  private nextEntry(part: Part): number {
    const { log, mechanisms } = this.durable
    if (mechanisms.logOrder) return part.entries
    const { arrival, entries } = part
    while (arrival.length < log.length) arrival.push(arrival.length)
    const chosen = entries + this.choices.below(log.length - entries)
    const entry = arrival[chosen] as number
    arrival[chosen] = arrival[entries] as number
    arrival[entries] = entry
    return entry
  }

  private publish(part: Part, answer: Answer): string {
    this.durable.answers.push(answer)
    this.durable.noted.fill(part.entries, answer.firstSlot, answer.endSlot)
    part.unpublished = undefined
    this.mergeParts()
    return `publishes entry ${answer.entry} of ${slots(answer)}`
  }

  /** Neighbours that have read equally far go on as one. */
  private mergeParts(): void {
    if (this.memory === undefined) return
    const merged: Part[] = []
    for (const part of this.memory.parts) {
      const last = merged.at(-1)
      const together =
        last?.entries === part.entries &&
        last.unpublished === undefined &&
        part.unpublished === undefined
      if (together) merged[merged.length - 1] = joined(last, part)
      else merged.push(part)
    }
    this.memory.parts = merged
  }

  private partToWrite(): Part | undefined {
    const { mechanisms } = this.durable
    if (!mechanisms.logOrder) return undefined
    const parts = this.memory?.parts.filter(
      (part) =>
        part.entries > part.snapshotAt &&
        (part.unpublished === undefined || !mechanisms.publishFirst),
    )
    return parts === undefined || parts.length === 0 ? undefined : this.choices.one(parts)
  }

  private writeSnapshot(part: Part): string {
    const { index, entries } = part
    const bytes = encodeIndexSnapshot({
      index,
      position: { entries, ordinals: this.ordinalsAt(entries) },
      fingerprint: fingerprint(this.durable.corpus.parameters),
    })
    const torn = this.choices.chance(this.tearRate)
    const { firstSlot, endSlot } = index
    const place = { firstSlot, endSlot, entries }
    storeSnapshot(this.durable.indexSnapshots, place, bytes, torn ? this.choices : undefined)
    part.snapshotAt = entries
    if (torn) this.crash()
    const what = `the snapshot of ${slots(index)} at ${entries}`
    return torn ? `dies writing ${what}` : `writes ${what}`
  }

  /** Documents numbered by the first entries of the log. */
  private ordinalsAt(entries: number): number {
    for (let entry = entries - 1; entry >= 0; entry--) {
      const shard = this.memory?.log.place(entry)
      if (shard !== undefined) return shard.base + shard.rows
    }
    return 0
  }
}

function progress({ entries, unpublished }: Part): number {
  return unpublished === undefined ? entries : entries - 0.5
}

function slots({ firstSlot, endSlot }: { firstSlot: number; endSlot: number }): string {
  return `slots ${firstSlot}-${endSlot - 1}`
}

function joined(left: Part, right: Part): Part {
  return {
    ...left,
    index: new DuplicateIndex(left.index.chainLimit, left.index.firstSlot, right.index.endSlot, [
      ...slotsOf(left.index, left.index.firstSlot, left.index.endSlot),
      ...slotsOf(right.index, right.index.firstSlot, right.index.endSlot),
    ]),
    snapshotAt: Math.min(left.snapshotAt, right.snapshotAt),
  }
}

function slotsOf(index: DuplicateIndex, first: number, end: number): IndexSlot[] {
  return Array.from({ length: end - first }, (_, at) => index.slot(first + at))
}

/** The newest sound snapshot of each slot, and its place in the log; an empty slot at the start of the log where there is none. */
function restore(durable: DurableState, first: number, end: number): Part[] {
  const { mechanisms, noted, corpus } = durable
  const sources = new Array<IndexSnapshot | undefined>(end - first).fill(undefined)
  let missing = end - first
  if (mechanisms.logOrder)
    for (const stored of newestFirst(durable.indexSnapshots)) {
      if (missing === 0) break
      const from = Math.max(first, stored.firstSlot)
      const to = Math.min(end, stored.endSlot)
      if (from >= to || !sources.slice(from - first, to - first).includes(undefined)) continue
      const snapshot = readSnapshot(stored, mechanisms.noticeTorn)
      if (snapshot === undefined) continue
      for (let slot = from; slot < to; slot++) {
        if (sources[slot - first] !== undefined) continue
        sources[slot - first] = snapshot
        missing--
      }
    }
  const placeOf = (slot: number): number => {
    const entries = sources[slot - first]?.position.entries ?? 0
    return mechanisms.replayFromSnapshot ? entries : Math.max(entries, noted[slot] as number)
  }
  const parts: Part[] = []
  for (let from = first; from < end; ) {
    const source = sources[from - first]
    const entries = placeOf(from)
    let to = from + 1
    while (to < end && sources[to - first] === source && placeOf(to) === entries) to++
    const index = new DuplicateIndex(
      corpus.parameters.chainLimit,
      from,
      to,
      source && slotsOf(source.index, from, to),
    )
    parts.push({ index, entries, unpublished: undefined, arrival: [], snapshotAt: entries })
    from = to
  }
  return parts
}

function readSnapshot(stored: StoredSnapshot, noticeTorn: boolean): IndexSnapshot | undefined {
  try {
    return decodeIndexSnapshot(stored.bytes)
  } catch (error) {
    if (!(error instanceof CorruptError)) throw error
    return noticeTorn ? undefined : whatIsLeft(stored)
  }
}

/** What a reader that checks nothing would find: slots are written in their order, so the last ones are missing. */
function whatIsLeft({ whole, written, firstSlot, endSlot }: StoredSnapshot): IndexSnapshot {
  const snapshot = decodeIndexSnapshot(whole)
  const { index } = snapshot
  const left = firstSlot + Math.floor(((endSlot - firstSlot) * written) / whole.length)
  const empty = new DuplicateIndex(index.chainLimit, left, endSlot)
  const remaining = [...slotsOf(index, firstSlot, left), ...slotsOf(empty, left, endSlot)]
  return {
    ...snapshot,
    index: new DuplicateIndex(index.chainLimit, firstSlot, endSlot, remaining),
  }
}

function earlierThan(matches: Matches, end: number): Matches {
  const places = Array.from(matches.earlier.keys())
  return matchesAt(
    matches,
    places.filter((at) => (matches.earlier[at] as number) < end),
  )
}

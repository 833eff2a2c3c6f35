import { CorruptError } from '@winnow/core'
import { Decisions } from '../../src/decisions.js'
import { newRowTable, type RowTable } from '../../src/key-file.js'
import { FIRST_BAND_TAG, SLOTS } from '../../src/keys.js'
import { joinMatches, type Matches } from '../../src/matches.js'
import { MAX_BANDS, sketchBytes } from '../../src/parameters.js'
import { dedupAttributes } from '../../src/resolve.js'
import { planVerification, verifyPairs } from '../../src/verification.js'
import {
  type Answer,
  type DurableState,
  LogReader,
  matchesAt,
  newestFirst,
  storeSnapshot,
} from './durable-state.js'
import type { Choices } from './random.js'

/** More rows than any shard here has. */
const MAX_TEST_ROWS = 1024

/** The answers to one log entry that have come so far. */
interface Answered {
  readonly slots: Uint8Array
  missing: number
  readonly matches: Matches[]
}

interface Memory {
  readonly log: LogReader
  readonly decisions: Decisions
  /** Log entries decided. */
  entries: number
  snapshotAt: number
  readonly answered: Map<number, Answered>
  /** Numbers of answers that have yet to come, in any order. */
  readonly onTheWay: number[]
  /** Answers that are on the way or have come. */
  announced: number
}

/** Collects the answers of all slots, and decides the log's entries in their order. */
export class Resolver {
  private memory: Memory | undefined

  constructor(
    readonly name: string,
    private readonly durable: DurableState,
    private readonly choices: Choices,
    private readonly snapshotRate: number,
    private readonly tearRate: number,
    private readonly redeliveryRate: number,
  ) {}

  get busy(): boolean {
    const { memory, durable } = this
    if (memory === undefined || memory.onTheWay.length > 0) return true
    return memory.announced < durable.answers.length || this.canDecide(memory)
  }

  /** True when every entry of the log is decided. */
  get done(): boolean {
    return this.memory?.entries === this.durable.log.length
  }

  crash(): void {
    this.memory = undefined
  }

  async step(): Promise<string> {
    if (this.memory === undefined) return this.start()
    const { memory, choices } = this
    while (memory.announced < this.durable.answers.length) memory.onTheWay.push(memory.announced++)
    const news = memory.entries > memory.snapshotAt
    if (news && choices.chance(this.snapshotRate)) return this.writeSnapshot(memory)
    const decide = this.canDecide(memory)
    if (memory.onTheWay.length > 0 && !(decide && choices.chance(0.5))) return this.receive(memory)
    if (decide) return this.decide(memory)
    return 'waits'
  }

  private start(): string {
    const { decisions, entries } = this.restore()
    const log = new LogReader(this.durable)
    for (let entry = 0; entry < entries; entry++) log.place(entry)
    this.memory = {
      log,
      decisions,
      entries,
      snapshotAt: entries,
      answered: new Map(),
      onTheWay: [],
      announced: 0,
    }
    return `starts at ${entries}`
  }

  private restore(): { decisions: Decisions; entries: number } {
    const { against } = this.durable.corpus.parameters
    for (const { bytes } of newestFirst(this.durable.decisionSnapshots)) {
      try {
        const { decisions, position } = Decisions.decode(bytes, against)
        return { decisions, entries: position.entries }
      } catch (error) {
        if (!(error instanceof CorruptError)) throw error
      }
    }
    return { decisions: new Decisions(against), entries: 0 }
  }

  /** Answers are delivered at least once, in any order. */
  private receive({ onTheWay, answered, entries }: Memory): string {
    const number = this.choices.take(onTheWay)
    if (this.choices.chance(this.redeliveryRate)) onTheWay.push(number)
    const answer = this.durable.answers[number] as Answer
    const { entry, firstSlot, endSlot, matches } = answer
    const what = `slots ${firstSlot}-${endSlot - 1} of entry ${entry}`
    if (entry < entries) return `has no use for ${what}`
    const before = answered.get(entry) ?? newAnswered()
    answered.set(entry, before)
    for (let slot = firstSlot; slot < endSlot; slot++) {
      if (before.slots[slot] === 0) before.missing--
      before.slots[slot] = 1
    }
    before.matches.push(matches)
    return `receives ${what}, ${before.missing} slots missing`
  }

  private canDecide({ entries, log, answered }: Memory): boolean {
    if (entries === this.durable.log.length) return false
    if (log.place(entries) === undefined) return true
    const before = answered.get(entries)
    if (before === undefined) return false
    return before.missing === 0 || !this.durable.mechanisms.waitForAllSlots
  }

  private async decide(memory: Memory): Promise<string> {
    const { log, decisions, answered } = memory
    const entry = memory.entries
    const shard = log.place(entry)
    memory.entries++
    if (shard === undefined) return `skips entry ${entry}`
    const { parameters } = this.durable.corpus
    const parts = answered.get(entry)?.matches ?? []
    answered.delete(entry)
    const matches = this.durable.mechanisms.takeOnce ? joinOnce(parts) : joinMatches(parts)
    const own = this.durable.keyFile(shard.keyFile).table
    const plan = planVerification(matches, shard.base, shard.rows, parameters)
    const earlier = this.records(log, plan.ordinals)
    const edges = verifyPairs(plan, own, earlier, parameters)
    const decision = decisions.decide(shard.rows, edges)
    const attributes = await dedupAttributes(decision, parameters, (ordinals) =>
      Array.from(ordinals, (ordinal) => this.id(log, ordinal)),
    )
    this.durable.putAttributes(shard.keyFile, attributes)
    return `decides entry ${entry}: ${edges.count} edges`
  }

  /** The records of earlier documents, from their key files. */
  private records(log: LogReader, ordinals: Float64Array): RowTable {
    const width = sketchBytes(this.durable.corpus.parameters)
    const out = newRowTable(ordinals.length, width)
    for (const [at, ordinal] of ordinals.entries()) {
      const { keyFile, base } = log.locate(ordinal)
      const { table } = this.durable.keyFile(keyFile)
      const row = ordinal - base
      out.documentRow[at] = table.documentRow[row] as number
      out.textLength[at] = table.textLength[row] as number
      out.sketches.set(table.sketches.subarray(row * width, (row + 1) * width), at * width)
    }
    return out
  }

  private id(log: LogReader, ordinal: number): string {
    const { keyFile, base } = log.locate(ordinal)
    const shard = this.durable.corpus.shards.find(({ shard: name }) => name === keyFile)
    return shard?.ids[ordinal - base] ?? '?'
  }

  private writeSnapshot(memory: Memory): string {
    const { entries, decisions } = memory
    const torn = this.choices.chance(this.tearRate)
    storeSnapshot(
      this.durable.decisionSnapshots,
      { firstSlot: 0, endSlot: SLOTS, entries },
      decisions.encode(entries),
      torn ? this.choices : undefined,
    )
    memory.snapshotAt = entries
    if (torn) this.crash()
    return `${torn ? 'dies writing' : 'writes'} the decisions at ${entries}`
  }
}

function newAnswered(): Answered {
  return { slots: new Uint8Array(SLOTS), missing: SLOTS, matches: [] }
}

/** Joins answers whose slots may overlap. A row has one key with a tag, in one slot, so each triple counts once. */
function joinOnce(parts: readonly Matches[]): Matches {
  const all = joinMatches(parts)
  const seen = new Set<number>()
  const chosen: number[] = []
  for (let at = 0; at < all.count; at++) {
    const pair = (all.earlier[at] as number) * MAX_TEST_ROWS + (all.row[at] as number)
    const triple = pair * (MAX_BANDS + FIRST_BAND_TAG) + (all.tag[at] as number)
    if (seen.has(triple)) continue
    seen.add(triple)
    chosen.push(at)
  }
  return matchesAt(all, chosen)
}

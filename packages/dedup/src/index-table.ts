import { UsageError } from '@winnow/core'
import { IndexSlot, MAX_ORDINAL } from './index-slot.js'
import { ENTRY_WORDS, MAX_ROWS, SLOTS } from './keys.js'
import { MatchCollector, type Matches } from './matches.js'

/**
 * The duplicate index, or the part of it that one worker owns: an `IndexSlot` for each slot of its range.
 * What it holds is a function of the entries inserted, in their order.
 */
export class DuplicateIndex {
  private readonly slots: IndexSlot[]

  /**
   * Owns slots [firstSlot, endSlot).
   *
   * @param chainLimit earlier documents remembered per key, oldest first.
   */
  constructor(
    readonly chainLimit: number,
    readonly firstSlot = 0,
    readonly endSlot = SLOTS,
    slots?: readonly IndexSlot[],
  ) {
    this.slots = slots
      ? [...slots]
      : Array.from({ length: endSlot - firstSlot }, () => new IndexSlot())
  }

  /** Different keys held. */
  get keys(): number {
    return this.slots.reduce((sum, slot) => sum + slot.keys, 0)
  }

  /** Bytes of memory held. */
  get bytes(): number {
    return this.slots.reduce((sum, slot) => sum + slot.bytes, 0)
  }

  /** Slots [firstSlot, endSlot) as an index of their own; they stay those of this one. */
  part(firstSlot: number, endSlot: number): DuplicateIndex {
    const slots = this.slots.slice(firstSlot - this.firstSlot, endSlot - this.firstSlot)
    return new DuplicateIndex(this.chainLimit, firstSlot, endSlot, slots)
  }

  /** Parts of neighbouring slots as one index. Throws RangeError when a slot is missing between them. */
  static join(parts: readonly DuplicateIndex[]): DuplicateIndex {
    const [first] = parts
    if (first === undefined) throw new RangeError('there is no part')
    let end = first.firstSlot
    for (const part of parts) {
      if (part.firstSlot !== end)
        throw new RangeError(`a part begins with slot ${part.firstSlot}, not ${end}`)
      end = part.endSlot
    }
    const slots = parts.flatMap((part) => part.slots)
    return new DuplicateIndex(first.chainLimit, first.firstSlot, end, slots)
  }

  slot(number: number): IndexSlot {
    const slot = this.slots[number - this.firstSlot]
    if (slot === undefined)
      throw new RangeError(`slot ${number} is not in [${this.firstSlot}, ${this.endSlot})`)
    return slot
  }

  /**
   * Looks up and inserts the entries of one shard. Shards must come in the order of the log, each once.
   *
   * @param entries the shard's entries of this index's slots, sorted by slot, as `decodeEntries` gives them.
   * @param base ordinal of the shard's row 0.
   * @returns a match for each entry and each earlier document remembered under its key, rows of this shard among them.
   * @throws UsageError when the log has more documents than the index can number.
   */
  insert(entries: Uint32Array, base: number): Matches {
    if (base + MAX_ROWS > MAX_ORDINAL)
      throw new UsageError(`the order log has over ${base} documents`, 'Start a new index.')
    const matches = new MatchCollector()
    for (let from = 0; from < entries.length; ) {
      const slot = (entries[from + 1] as number) >>> 24
      let to = from
      while (to < entries.length && (entries[to + 1] as number) >>> 24 === slot) to += ENTRY_WORDS
      this.slot(slot).insert(entries.subarray(from, to), base, this.chainLimit, matches)
      from = to
    }
    return matches.finish()
  }
}

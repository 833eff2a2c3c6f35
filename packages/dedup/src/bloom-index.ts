import { UsageError } from '@winnow/core'
import { BloomPlan } from './bloom-shape.js'
import { BloomSlot, FreshKeys, SeenCollector, type SeenKeys } from './bloom-slot.js'
import { ENTRY_WORDS, SLOTS } from './keys.js'

export interface BloomOptions {
  /** Different keys expected in all 256 slots, also where the index owns only some: then all workers have the same filters. */
  readonly expectedKeys: number
  /** Look-ups of unseen keys that may be answered with "seen". */
  readonly falsePositiveRate?: number | undefined
  /** Owns slots [firstSlot, endSlot). */
  readonly firstSlot?: number | undefined
  readonly endSlot?: number | undefined
}

export const DEFAULT_FALSE_POSITIVE_RATE = 1e-6
/** Below that the bits of a key that are not in its slot and line become too few. */
const LEAST_RATE = 1e-8
const HIGHEST_RATE = 0.1
const MOST_KEYS = 1e12

/**
 * The duplicate index for when it matters only whether a key was seen before, not with which document: a Bloom filter for
 * each slot of a range. A key that was seen is always found; one that was not is found with a chance of `falsePositiveRate`.
 *
 * At 1e-6 it takes 4.5 bytes a key or less where `expectedKeys` come, from a million on (4.2 at 50 million). Where more come,
 * further layers hold them within the same rate: 6.3 bytes a key when the first is laid on, 7.4 at the most up to seven times
 * the number expected.
 * What it holds is a function of the entries inserted, in their order.
 */
export class BloomIndex {
  readonly expectedKeys: number
  /** The rate that was asked for. */
  readonly wantedRate: number
  readonly firstSlot: number
  readonly endSlot: number
  private readonly slots: BloomSlot[]
  private readonly fresh = new FreshKeys()

  /**
   * @param slots the slots of a snapshot.
   * @throws UsageError when a number is out of its range.
   */
  constructor(options: BloomOptions, slots?: readonly BloomSlot[]) {
    const { expectedKeys, falsePositiveRate = DEFAULT_FALSE_POSITIVE_RATE } = options
    this.expectedKeys = expectedKeys
    this.wantedRate = falsePositiveRate
    this.firstSlot = options.firstSlot ?? 0
    this.endSlot = options.endSlot ?? SLOTS
    if (!bloomOptionsAreSound(options))
      throw new UsageError(
        `a Bloom index for ${expectedKeys} keys at ${falsePositiveRate} false positives, slots ${this.firstSlot} to ${this.endSlot}`,
        `Expect 1 to ${MOST_KEYS} keys, ${LEAST_RATE} to ${HIGHEST_RATE} false positives, and slots 0 to ${SLOTS}.`,
      )
    const plan = bloomPlan(options)
    this.slots = slots
      ? [...slots]
      : Array.from({ length: this.endSlot - this.firstSlot }, () => new BloomSlot(plan))
  }

  /** Different keys inserted; one that was taken for seen is not. */
  get keys(): number {
    return this.slots.reduce((sum, slot) => sum + slot.keys, 0)
  }

  /** Bytes of memory held. */
  get bytes(): number {
    return this.slots.reduce((sum, slot) => sum + slot.bytes, 0)
  }

  /** The chance that a look-up now of a key that was not seen says it was, computed from the keys that each layer has. */
  get falsePositiveRate(): number {
    return this.slots.reduce((sum, slot) => sum + slot.falsePositiveRate, 0) / this.slots.length
  }

  slot(number: number): BloomSlot {
    const slot = this.slots[number - this.firstSlot]
    if (slot === undefined)
      throw new RangeError(`slot ${number} is not in [${this.firstSlot}, ${this.endSlot})`)
    return slot
  }

  /** Whether the key was seen, or is taken for it. */
  has(low: number, high: number): boolean {
    return this.slot(high >>> 24).has(low, high)
  }

  /**
   * Looks up and inserts the entries of one shard.
   *
   * @param entries the shard's entries of this index's slots, sorted by slot, as `decodeEntries` gives them.
   * @returns the entries whose key came before: in an earlier shard, or in this one with another row.
   */
  insert(entries: Uint32Array): SeenKeys {
    const seen = new SeenCollector(entries.length / ENTRY_WORDS)
    for (let from = 0; from < entries.length; ) {
      const slot = (entries[from + 1] as number) >>> 24
      let to = from
      while (to < entries.length && (entries[to + 1] as number) >>> 24 === slot) to += ENTRY_WORDS
      this.slot(slot).insert(entries.subarray(from, to), this.fresh, seen)
      from = to
    }
    return seen.finish()
  }
}

/** The sizes of the layers of an index with these options. */
export function bloomPlan(options: BloomOptions): BloomPlan {
  return new BloomPlan(
    options.expectedKeys / SLOTS,
    options.falsePositiveRate ?? DEFAULT_FALSE_POSITIVE_RATE,
  )
}

export function bloomOptionsAreSound(options: BloomOptions): boolean {
  const { expectedKeys, falsePositiveRate = DEFAULT_FALSE_POSITIVE_RATE } = options
  const { firstSlot = 0, endSlot = SLOTS } = options
  return (
    Number.isSafeInteger(expectedKeys) &&
    expectedKeys >= 1 &&
    expectedKeys <= MOST_KEYS &&
    falsePositiveRate >= LEAST_RATE &&
    falsePositiveRate <= HIGHEST_RATE &&
    Number.isInteger(firstSlot) &&
    Number.isInteger(endSlot) &&
    firstSlot >= 0 &&
    firstSlot < endSlot &&
    endSlot <= SLOTS
  )
}

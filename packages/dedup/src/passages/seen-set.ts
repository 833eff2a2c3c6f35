import { SLOTS } from '../keys.js'

/**
 * A set of 64-bit keys that only grows. One that forgets nothing keeps the promise of the cut; one that may take a new key
 * for a seen one (a Bloom filter) cuts a passage too many now and then.
 */
export interface SeenSet {
  /** Bytes of memory held. */
  readonly bytes: number
  /** Remembers a key, given as its low and high word; true when it was there. */
  add(low: number, high: number): boolean
  /** Makes room for up to `keys` more keys with the top 8 bits `slot`, for sets that grow. */
  reserve?(slot: number, keys: number): void
}

/** Words of a cell. */
export const SEEN_CELL_WORDS = 2

const MIN_CAPACITY = 16
/** As in `IndexSlot`: growing by 19 % when 90 % is full makes 8.9 to 10.6 bytes a key of 8 bytes a cell. */
const MAX_LOAD = 0.9
const GROWTH = 1.19
const KEY_HIGH_MASK = 0x00ff_ffff
/** Set in the high word of every cell in use, where the slot's number was. */
const IN_USE = 0x0100_0000
const TWO_32 = 4294967296

/** The exact set: 256 slots by the top 8 bits of the key, so that only a 256th of it is copied when it grows. */
export class ExactSeenSet implements SeenSet {
  private readonly slots: SeenSlot[]

  /** @param slots all 256, as `SeenSlot.load` makes them; empty ones by default. */
  constructor(slots?: readonly SeenSlot[]) {
    this.slots = slots ? [...slots] : Array.from({ length: SLOTS }, () => new SeenSlot())
  }

  /** Different keys held. */
  get keys(): number {
    return this.slots.reduce((sum, slot) => sum + slot.keys, 0)
  }

  get bytes(): number {
    return this.slots.reduce((sum, slot) => sum + slot.bytes, 0)
  }

  add(low: number, high: number): boolean {
    return this.slot(high >>> 24).add(low, high)
  }

  reserve(slot: number, keys: number): void {
    this.slot(slot).reserve(keys)
  }

  slot(number: number): SeenSlot {
    return this.slots[number] as SeenSlot
  }
}

/**
 * The keys of one slot in an open-addressing table with linear probing. A cell is the low word of a key and the low 24 bits
 * of its high word under a flag; a cell of 0 is empty. Cells keep the order of keys, as in `IndexSlot`.
 */
export class SeenSlot {
  private cells = new Uint32Array(0)
  private capacity = 0
  /** Turns the highest 32 bits of a key below its slot into the cell where its probing starts. */
  private scale = 0
  private used = 0
  /** Keys at which it grows. */
  private most = 0

  constructor(expectedKeys = 0) {
    this.allot(capacityFor(expectedKeys))
  }

  /** Different keys held. */
  get keys(): number {
    return this.used
  }

  /** Bytes of memory held. */
  get bytes(): number {
    return this.cells.byteLength
  }

  /** As `SeenSet.add`, for a key of this slot. */
  add(low: number, high: number): boolean {
    if (this.used >= this.most) this.reserve(1)
    const { cells } = this
    const first = low >>> 0
    const word = (high & KEY_HIGH_MASK) | IN_USE
    let cell = this.home(first, word)
    for (;;) {
      const found = cells[cell + 1] as number
      if (found === 0) break
      if (found === word && cells[cell] === first) return true
      cell += SEEN_CELL_WORDS
      if (cell === cells.length) cell = 0
    }
    cells[cell] = first
    cells[cell + 1] = word
    this.used++
    return false
  }

  /** The cell where the probing for a key starts. */
  private home(low: number, high: number): number {
    return SEEN_CELL_WORDS * (((((high << 8) | (low >>> 24)) >>> 0) * this.scale) >>> 0)
  }

  /** Makes room for so many more keys at once: keys in their order would crowd the start of a table that grows on the way. */
  reserve(keys: number): void {
    const wanted = capacityFor(this.used + keys)
    if (wanted <= this.capacity) return
    const { cells } = this
    this.allot(Math.max(wanted, Math.ceil(this.capacity * GROWTH)))
    this.place(cells)
  }

  /**
   * Copies the cells in use of `from`, all of different keys. They come nearly in the order of where their probing starts, so
   * most start in the run of cells in use [runStart, runEnd) that the last one lengthened, and the search begins at its end.
   */
  private place(from: Uint32Array): void {
    const { cells } = this
    let runStart = 0
    let runEnd = 0
    for (let at = 0; at < from.length; at += SEEN_CELL_WORDS) {
      const low = from[at] as number
      const word = from[at + 1] as number
      if (word === 0) continue
      const home = this.home(low, word)
      const inRun = home >= runStart && home < runEnd
      let cell = inRun ? runEnd : home
      while (cell === cells.length || cells[cell + 1] !== 0)
        cell = cell < cells.length ? cell + SEEN_CELL_WORDS : 0
      cells[cell] = low
      cells[cell + 1] = word
      // One that went round the end lengthens no run.
      if (cell < home) continue
      if (!inRun) runStart = home
      runEnd = cell + SEEN_CELL_WORDS
    }
  }

  private allot(capacity: number): void {
    this.capacity = capacity
    this.scale = capacity / TWO_32
    this.most = Math.floor((capacity - 1) * MAX_LOAD)
    this.cells = new Uint32Array(capacity * SEEN_CELL_WORDS)
  }

  /** The cells in use, as a snapshot keeps them. */
  dump(): Uint32Array {
    const out = new Uint32Array(this.used * SEEN_CELL_WORDS)
    let at = 0
    for (let cell = 0; cell < this.cells.length; cell += SEEN_CELL_WORDS) {
      if (this.cells[cell + 1] === 0) continue
      out[at] = this.cells[cell] as number
      out[at + 1] = this.cells[cell + 1] as number
      at += SEEN_CELL_WORDS
    }
    return out
  }

  /** A slot from what `dump` gave; undefined when that cannot be. */
  static load(cells: Uint32Array): SeenSlot | undefined {
    const slot = new SeenSlot(cells.length / SEEN_CELL_WORDS)
    for (let at = 0; at < cells.length; at += SEEN_CELL_WORDS) {
      const word = cells[at + 1] as number
      if ((word & ~KEY_HIGH_MASK) !== IN_USE) return undefined
      if (slot.add(cells[at] as number, word)) return undefined
    }
    return slot
  }
}

/** Cells for so many keys: there is always an empty one, where probing ends. */
function capacityFor(keys: number): number {
  return Math.max(MIN_CAPACITY, Math.ceil(keys / MAX_LOAD) + 1)
}

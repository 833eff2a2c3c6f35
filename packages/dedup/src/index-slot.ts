import { ENTRY_WORDS, ROW_BITS, ROW_MASK } from './keys.js'
import type { MatchCollector } from './matches.js'

/** Words of a cell and of a chain link. */
export const CELL_WORDS = 3

/** Ordinals end here: a cell has 39 bits for an ordinal plus one. */
export const MAX_ORDINAL = 2 ** 39 - 2

const MIN_CAPACITY = 16
/**
 * Growing by 19 % when 90 % is full leaves 75.6 %: 12 bytes a cell are then 15.9 bytes a key at the most.
 * Cells keep the order of their keys, so that growing copies from the start to the end of memory.
 */
const MAX_LOAD = 0.9
const GROWTH = 1.19
const CHAIN_FLAG = 0x8000_0000
const KEY_HIGH_MASK = 0x00ff_ffff
const ORDINAL_HIGH_MASK = 0x7f
const TWO_32 = 4294967296

/**
 * One slot of the duplicate index: key -> the oldest ordinals that have it, in an open-addressing table with linear probing.
 *
 * A cell is three words: the low word of the key; 24 bits of its high word (its top 8 bits are the slot's number) with a chain
 * flag and 7 high bits of a value over them; the low word of the value. The value is the ordinal plus one, or, for a key with
 * several ordinals, the first link of its chain. A value of 0 is an empty cell.
 * A link is three words: low and high word of an ordinal, and the next link or 0; links are numbered from 1.
 */
export class IndexSlot {
  private cells = new Uint32Array(0)
  private capacity = 0
  /** Turns the highest 32 bits of a key below its slot into the cell where its probing starts. */
  private scale = 0
  private links = new Uint32Array(0)
  private linksUsed = 0
  private used = 0

  constructor(expectedKeys = 0) {
    this.allot(capacityFor(expectedKeys))
  }

  /** Different keys held. */
  get keys(): number {
    return this.used
  }

  /** Bytes of memory held. */
  get bytes(): number {
    return this.cells.byteLength + this.links.byteLength
  }

  /**
   * Looks up and inserts a shard's entries of this slot.
   *
   * @param entries entries of `keyEntries`; those with one key in row order.
   * @param base ordinal of the shard's row 0, above every ordinal inserted before.
   * @param chainLimit ordinals remembered per key.
   * @param matches gets one match per remembered ordinal of each entry's key, oldest first.
   */
  insert(entries: Uint32Array, base: number, chainLimit: number, matches: MatchCollector): void {
    // Room for all at once: entries come in the order of their keys, and would crowd the start of a table that grows on the way.
    this.reserve(entries.length / ENTRY_WORDS)
    const { cells, scale } = this
    for (let at = 0; at < entries.length; at += ENTRY_WORDS) {
      const low = entries[at] as number
      const top = entries[at + 1] as number
      const high = top & KEY_HIGH_MASK
      const row = (entries[at + 2] as number) & ROW_MASK
      let cell = CELL_WORDS * (((((top << 8) | (low >>> 24)) >>> 0) * scale) >>> 0)
      for (;;) {
        const word = cells[cell + 1] as number
        if (word <= KEY_HIGH_MASK && cells[cell + 2] === 0) {
          this.put(cell, low, high, base + row + 1)
          break
        }
        if (cells[cell] === low && (word & KEY_HIGH_MASK) === high) {
          const tag = (entries[at + 2] as number) >>> ROW_BITS
          this.match(cell, row, tag, base + row, chainLimit, matches)
          break
        }
        cell += CELL_WORDS
        if (cell === cells.length) cell = 0
      }
    }
  }

  private put(cell: number, low: number, high: number, value: number): void {
    const valueHigh = value < TWO_32 ? 0 : Math.floor(value / TWO_32)
    this.cells[cell] = low
    this.cells[cell + 1] = (valueHigh << 24) | high
    this.cells[cell + 2] = value
    this.used++
  }

  private match(
    cell: number,
    row: number,
    tag: number,
    ordinal: number,
    chainLimit: number,
    matches: MatchCollector,
  ): void {
    const word = this.cells[cell + 1] as number
    const value = this.cells[cell + 2] as number
    if (word >= CHAIN_FLAG) {
      this.matchChain(value, row, tag, ordinal, chainLimit, matches)
      return
    }
    const first = ((word >>> 24) & ORDINAL_HIGH_MASK) * TWO_32 + value - 1
    if (first === ordinal) return
    matches.push(row, tag, first)
    if (chainLimit < 2) return
    const head = this.addLink(first)
    this.setNext(head, this.addLink(ordinal))
    this.cells[cell + 1] = ((word & KEY_HIGH_MASK) | CHAIN_FLAG) >>> 0
    this.cells[cell + 2] = head
  }

  private matchChain(
    head: number,
    row: number,
    tag: number,
    ordinal: number,
    chainLimit: number,
    matches: MatchCollector,
  ): void {
    let last = head
    let length = 0
    for (let link = head; link !== 0; ) {
      const at = (link - 1) * CELL_WORDS
      const earlier = (this.links[at + 1] as number) * TWO_32 + (this.links[at] as number)
      if (earlier === ordinal) return
      matches.push(row, tag, earlier)
      length++
      last = link
      link = this.links[at + 2] as number
    }
    if (length < chainLimit) this.setNext(last, this.addLink(ordinal))
  }

  private addLink(ordinal: number): number {
    const at = this.linksUsed * CELL_WORDS
    if (at === this.links.length) {
      const wanted = Math.ceil((this.linksUsed * GROWTH) / 8 + 1) * 8
      const grown = new Uint32Array(wanted * CELL_WORDS)
      grown.set(this.links)
      this.links = grown
    }
    this.links[at] = ordinal % TWO_32
    this.links[at + 1] = Math.floor(ordinal / TWO_32)
    this.linksUsed++
    return this.linksUsed
  }

  private setNext(link: number, next: number): void {
    this.links[(link - 1) * CELL_WORDS + 2] = next
  }

  private reserve(keys: number): void {
    const wanted = capacityFor(this.used + keys)
    if (wanted <= this.capacity) return
    const { cells } = this
    this.allot(Math.max(wanted, Math.ceil(this.capacity * GROWTH)))
    this.place(cells)
  }

  private allot(capacity: number): void {
    this.capacity = capacity
    this.scale = capacity / TWO_32
    this.cells = new Uint32Array(capacity * CELL_WORDS)
  }

  /**
   * Copies the occupied ones of `from`, all of different keys, each to the first free cell from where its probing starts.
   *
   * They come nearly in that order, so that the free cell is known for most: cells [runStart, runEnd) are occupied, and those
   * from there to `roundStart` are not yet. No branch tells whether one starts in the run or behind it; it could not be foretold.
   */
  private place(from: Uint32Array): void {
    const { cells, scale } = this
    const half = this.capacity >>> 1
    const stretch = this.capacity / from.length
    let runStart = 0
    let runEnd = 0
    let roundStart = cells.length
    for (let at = 0; at < from.length; at += CELL_WORDS) {
      const low = from[at] as number
      const word = from[at + 1] as number
      const value = from[at + 2] as number
      if (word <= KEY_HIGH_MASK && value === 0) continue
      const place = ((((word << 8) | (low >>> 24)) >>> 0) * scale) | 0
      const start = Math.imul(place, CELL_WORDS)
      const behind = start - runEnd
      let cell = start - (behind & (behind >> 31))
      if (start >= runStart && cell < roundStart && place - at * stretch < half) {
        const gap = -behind >> 31
        runStart = (start & gap) | (runStart & ~gap)
        runEnd = cell + CELL_WORDS
      } else {
        cell = freeFrom(cells, start)
        if (cell === runEnd) runEnd += CELL_WORDS
        else if (cell > runEnd && cell < roundStart) roundStart = cell
      }
      cells[cell] = low
      cells[cell + 1] = word
      cells[cell + 2] = value
    }
  }

  /** Words that `dump` writes. */
  get dumpWords(): number {
    return 2 + (this.used + this.linksUsed) * CELL_WORDS
  }

  /** Writes the counts of occupied cells and of links, then both, to `out` from `start` on. */
  dump(out: Uint32Array, start: number): void {
    const { cells } = this
    out[start] = this.used
    out[start + 1] = this.linksUsed
    let at = start + 2
    const end = at + this.used * CELL_WORDS
    for (let cell = 0; at < end; cell += CELL_WORDS) {
      const word = cells[cell + 1] as number
      const value = cells[cell + 2] as number
      out[at] = cells[cell] as number
      out[at + 1] = word
      out[at + 2] = value
      // An empty cell is written over by the next one: that is faster than a branch that cannot be foretold.
      const content = value | (word >>> 24)
      at += CELL_WORDS & ((content | -content) >> 31)
    }
    out.set(this.links.subarray(0, this.linksUsed * CELL_WORDS), at)
  }

  /** A slot from the cells and links that `dump` wrote; undefined when that is not consistent in itself or names an ordinal from `end` on. */
  static load(cells: Uint32Array, links: Uint32Array, end: number): IndexSlot | undefined {
    if (!linksAreSound(links, end)) return undefined
    const slot = new IndexSlot(cells.length / CELL_WORDS)
    if (!cellsAreSound(cells, links.length / CELL_WORDS, end)) return undefined
    slot.place(cells)
    slot.used = cells.length / CELL_WORDS
    slot.links = links.slice()
    slot.linksUsed = links.length / CELL_WORDS
    return slot
  }
}

/** Cells for so many keys: there is always an empty one, where probing ends. */
function capacityFor(keys: number): number {
  return Math.max(MIN_CAPACITY, Math.ceil(keys / MAX_LOAD) + 1)
}

/** The first empty cell from `start` on. */
function freeFrom(cells: Uint32Array, start: number): number {
  let cell = start
  while ((cells[cell + 1] as number) > KEY_HIGH_MASK || cells[cell + 2] !== 0) {
    cell += CELL_WORDS
    if (cell === cells.length) cell = 0
  }
  return cell
}

/** Every cell has an ordinal below `end` or one of `links`. */
function cellsAreSound(cells: Uint32Array, links: number, end: number): boolean {
  const endHigh = Math.floor(end / TWO_32) >>> 0
  const endLow = (end % TWO_32) >>> 0
  for (let at = 0; at < cells.length; at += CELL_WORDS) {
    const word = cells[at + 1] as number
    const value = cells[at + 2] as number
    if (word >= CHAIN_FLAG) {
      if (value === 0 || value > links) return false
      continue
    }
    // The value is the ordinal plus one.
    const high = word >>> 24
    if ((high | value) === 0 || high > endHigh || (high === endHigh && value > endLow)) return false
  }
  return true
}

/** Links have ordinals below `end` and point forward only, so that no chain is a circle. */
function linksAreSound(links: Uint32Array, end: number): boolean {
  const endHigh = Math.floor(end / TWO_32) >>> 0
  const endLow = (end % TWO_32) >>> 0
  const count = (links.length / CELL_WORDS) >>> 0
  for (let at = 0, link = 1; at < links.length; at += CELL_WORDS, link++) {
    const high = links[at + 1] as number
    const next = links[at + 2] as number
    if (high > endHigh || (high === endHigh && (links[at] as number) >= endLow)) return false
    if (next > count || (next !== 0 && next <= link)) return false
  }
  return true
}

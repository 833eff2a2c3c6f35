import { ENTRY_WORDS, ROW_BITS, ROW_MASK } from './keys.js'
import type { MatchCollector } from './matches.js'

/** Words of a cell and of a chain link. */
export const CELL_WORDS = 3

/** Ordinals end here: a cell has 39 bits for an ordinal plus one. */
export const MAX_ORDINAL = 2 ** 39 - 2

const MIN_CAPACITY = 16
/**
 * Growing by an eighth when 85 % is full leaves 75.6 %: 12 bytes a cell are then 15.9 bytes a key at the most.
 * Cells keep the order of their keys, so that growing copies from the start to the end of memory.
 */
const MAX_LOAD = 0.85
const GROWTH = 1.125
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
  private cells: Uint32Array
  private capacity: number
  private limit: number
  private links = new Uint32Array(0)
  private linksUsed = 0
  private used = 0

  constructor(expectedKeys = 0) {
    this.capacity = Math.max(MIN_CAPACITY, Math.ceil(expectedKeys / MAX_LOAD) + 1)
    this.cells = new Uint32Array(this.capacity * CELL_WORDS)
    this.limit = Math.floor(this.capacity * MAX_LOAD)
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
    for (let at = 0; at < entries.length; at += ENTRY_WORDS) {
      if (this.used >= this.limit) this.grow()
      const low = entries[at] as number
      const high = (entries[at + 1] as number) & KEY_HIGH_MASK
      const packed = entries[at + 2] as number
      const row = packed & ROW_MASK
      const cell = this.find(low, high)
      if (this.isEmpty(cell)) {
        this.put(cell, low, high, base + row + 1)
        this.used++
      } else {
        this.match(cell, row, packed >>> ROW_BITS, base + row, chainLimit, matches)
      }
    }
  }

  /** The cell of a key, or the empty one where it belongs; as an index into `cells`. */
  private find(low: number, high: number): number {
    const { cells } = this
    let cell = this.home(low, high) * CELL_WORDS
    for (;;) {
      const word = cells[cell + 1] as number
      if (cells[cell] === low && (word & KEY_HIGH_MASK) === high) return cell
      if (cells[cell + 2] === 0 && word <= KEY_HIGH_MASK) return cell
      cell += CELL_WORDS
      if (cell === cells.length) cell = 0
    }
  }

  /** Where a key's probing starts: its highest bits, scaled to the capacity. */
  private home(low: number, high: number): number {
    const top = ((high << 8) | (low >>> 24)) >>> 0
    return Math.floor((top * this.capacity) / TWO_32)
  }

  private isEmpty(cell: number): boolean {
    return this.cells[cell + 2] === 0 && (this.cells[cell + 1] as number) <= KEY_HIGH_MASK
  }

  private put(cell: number, low: number, high: number, value: number): void {
    this.cells[cell] = low
    this.cells[cell + 1] = (Math.floor(value / TWO_32) << 24) | high
    this.cells[cell + 2] = value % TWO_32
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

  private grow(): void {
    const { cells } = this
    this.capacity = Math.max(this.capacity + MIN_CAPACITY, Math.ceil(this.capacity * GROWTH))
    this.limit = Math.floor(this.capacity * MAX_LOAD)
    this.cells = new Uint32Array(this.capacity * CELL_WORDS)
    for (let cell = 0; cell < cells.length; cell += CELL_WORDS)
      this.restore(cells[cell] as number, cells[cell + 1] as number, cells[cell + 2] as number)
  }

  private restore(low: number, word: number, value: number): void {
    if (value === 0 && word <= KEY_HIGH_MASK) return
    const cell = this.find(low, word & KEY_HIGH_MASK)
    this.cells[cell] = low
    this.cells[cell + 1] = word
    this.cells[cell + 2] = value
  }

  /** The occupied cells and the links, as a snapshot keeps them. */
  dump(): { cells: Uint32Array; links: Uint32Array } {
    const cells = new Uint32Array(this.used * CELL_WORDS)
    let at = 0
    for (let cell = 0; cell < this.cells.length; cell += CELL_WORDS) {
      if (this.isEmpty(cell)) continue
      for (let word = 0; word < CELL_WORDS; word++) cells[at++] = this.cells[cell + word] as number
    }
    return { cells, links: this.links.slice(0, this.linksUsed * CELL_WORDS) }
  }

  /** A slot from what `dump` gave; undefined when that is not consistent in itself or names an ordinal from `end` on. */
  static load(cells: Uint32Array, links: Uint32Array, end: number): IndexSlot | undefined {
    if (!linksAreSound(links, end)) return undefined
    const slot = new IndexSlot(cells.length / CELL_WORDS)
    for (let at = 0; at < cells.length; at += CELL_WORDS) {
      const low = cells[at] as number
      const word = cells[at + 1] as number
      const value = cells[at + 2] as number
      const ordinal = ((word >>> 24) & ORDINAL_HIGH_MASK) * TWO_32 + value - 1
      const sound =
        word >= CHAIN_FLAG
          ? value > 0 && value <= links.length / CELL_WORDS
          : ordinal >= 0 && ordinal < end
      if (!sound || !slot.isEmpty(slot.find(low, word & KEY_HIGH_MASK))) return undefined
      slot.restore(low, word, value)
    }
    slot.used = cells.length / CELL_WORDS
    slot.links = links.slice()
    slot.linksUsed = links.length / CELL_WORDS
    return slot
  }
}

/** Links point forward only, so that no chain is a circle. */
function linksAreSound(links: Uint32Array, end: number): boolean {
  const count = links.length / CELL_WORDS
  for (let at = 0; at < links.length; at += CELL_WORDS) {
    const ordinal = (links[at + 1] as number) * TWO_32 + (links[at] as number)
    const next = links[at + 2] as number
    if (ordinal >= end || next > count || (next !== 0 && next <= at / CELL_WORDS + 1)) return false
  }
  return true
}

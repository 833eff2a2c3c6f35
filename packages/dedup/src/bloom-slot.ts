import {
  type BloomPlan,
  type LayerShape,
  LINE_WORDS,
  layerRate,
  WINDOW_LINES,
} from './bloom-shape.js'
import { ENTRY_WORDS, ROW_BITS, ROW_MASK } from './keys.js'

const TWO_32 = 4294967296

/**
 * A Bloom filter in lines of 512 bits. A key sets bits in two of them: one from the 32 bits of the key below its slot, so that
 * lines keep the order of keys, and one of the 64 lines after it. Each round sets three bits in both.
 * Two lines cost two cache misses, but spread keys more evenly than one block of their size: see `layerRate`.
 */
export class BloomLayer {
  /** Turns the highest 32 bits of a key below its slot into its first line. */
  private readonly scale: number

  /**
   * @param seed different for each layer, so that keys which meet in one do not meet in the next.
   * @param words `shape.lines` lines.
   */
  constructor(
    readonly shape: LayerShape,
    private readonly seed: number,
    readonly words = new Uint32Array(shape.lines * LINE_WORDS),
    public keys = 0,
  ) {
    this.scale = shape.lines / TWO_32
  }

  get full(): boolean {
    return this.keys >= this.shape.capacity
  }

  /** False positives a look-up now. */
  get rate(): number {
    return layerRate(this.keys, this.shape.lines, this.shape.rounds)
  }

  has(low: number, high: number): boolean {
    const { words, shape } = this
    let draw = scramble(low ^ Math.imul(high, 0x9e3779b1) ^ this.seed)
    let other = scramble(high ^ Math.imul(low, 0x85ebca77) ^ this.seed)
    const line = this.firstLine(low, high)
    const first = line * LINE_WORDS
    const second = this.secondLine(line, other) * LINE_WORDS
    for (let round = 0; round < shape.rounds; round++) {
      draw = nextDraw(draw)
      other = nextDraw(other)
      if (
        ((words[first + (draw >>> 28)] as number) >>> (draw >>> 23)) &
        ((words[first + ((draw >>> 19) & 15)] as number) >>> (draw >>> 14)) &
        ((words[first + ((draw >>> 10) & 15)] as number) >>> (draw >>> 5)) &
        ((words[second + (other >>> 28)] as number) >>> (other >>> 23)) &
        ((words[second + ((other >>> 19) & 15)] as number) >>> (other >>> 14)) &
        ((words[second + ((other >>> 10) & 15)] as number) >>> (other >>> 5)) &
        1
      )
        continue
      return false
    }
    return true
  }

  add(low: number, high: number): void {
    const { words, shape } = this
    let draw = scramble(low ^ Math.imul(high, 0x9e3779b1) ^ this.seed)
    let other = scramble(high ^ Math.imul(low, 0x85ebca77) ^ this.seed)
    const line = this.firstLine(low, high)
    const first = line * LINE_WORDS
    const second = this.secondLine(line, other) * LINE_WORDS
    for (let round = 0; round < shape.rounds; round++) {
      draw = nextDraw(draw)
      other = nextDraw(other)
      setBit(words, first + (draw >>> 28), draw >>> 23)
      setBit(words, first + ((draw >>> 19) & 15), draw >>> 14)
      setBit(words, first + ((draw >>> 10) & 15), draw >>> 5)
      setBit(words, second + (other >>> 28), other >>> 23)
      setBit(words, second + ((other >>> 19) & 15), other >>> 14)
      setBit(words, second + ((other >>> 10) & 15), other >>> 5)
    }
    this.keys++
  }

  private firstLine(low: number, high: number): number {
    return ((((high << 8) | (low >>> 24)) >>> 0) * this.scale) >>> 0
  }

  private secondLine(line: number, draw: number): number {
    const second = line + 1 + (draw & (WINDOW_LINES - 1))
    return second < this.shape.lines ? second : second - this.shape.lines
  }
}

/** Sets bit `bit` mod 32 of a word. */
function setBit(words: Uint32Array, at: number, bit: number): void {
  words[at] = (words[at] as number) | (1 << bit)
}

/** A 32-bit finaliser found by search (constants of the hash-prospector project, two rounds). */
function scramble(value: number): number {
  let x = value ^ (value >>> 16)
  x = Math.imul(x, 0x21f0aaad)
  x = Math.imul(x ^ (x >>> 15), 0xd35a2d97)
  return x ^ (x >>> 15)
}

/** The next 32-bit draw: three positions of 9 bits, from the top, where a product is mixed best. */
function nextDraw(draw: number): number {
  return (Math.imul(draw ^ (draw >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0
}

/** The entries whose keys were seen before: of an earlier shard, or of another row of this one. */
export interface SeenKeys {
  readonly count: number
  readonly row: Uint32Array
  readonly tag: Uint16Array
}

/** Collects seen keys in columns with room for all entries of a call. */
export class SeenCollector {
  private readonly row: Uint32Array
  private readonly tag: Uint16Array
  private count = 0

  constructor(entries: number) {
    this.row = new Uint32Array(entries)
    this.tag = new Uint16Array(entries)
  }

  push(row: number, tag: number): void {
    this.row[this.count] = row
    this.tag[this.count] = tag
    this.count++
  }

  finish(): SeenKeys {
    const { count } = this
    return { count, row: this.row.slice(0, count), tag: this.tag.slice(0, count) }
  }
}

/** The keys that came new in one call, with their first entry: an open-addressing table that slots share one after the other. */
export class FreshKeys {
  private first = new Int32Array(0)
  private mask = 0
  private entries: Uint32Array = new Uint32Array(0)

  /** Empties the table, with room for all of `entries`. */
  reset(entries: Uint32Array): void {
    const size = 2 ** Math.ceil(Math.log2((2 * entries.length) / ENTRY_WORDS + 2))
    if (size > this.first.length) this.first = new Int32Array(size)
    else this.first.fill(0, 0, size)
    this.mask = size - 1
    this.entries = entries
  }

  /** Adds the key of the entry at `at`, which is not in it. */
  add(at: number): void {
    const { first, mask, entries } = this
    let cell = placeOf(entries[at] as number, entries[at + 1] as number) & mask
    while (first[cell] !== 0) cell = (cell + 1) & mask
    first[cell] = at + 1
  }

  /** The row that the key of the entry at `at` came new with, or -1. */
  row(at: number): number {
    const { first, mask, entries } = this
    const low = entries[at] as number
    const high = entries[at + 1] as number
    for (let cell = placeOf(low, high) & mask; ; cell = (cell + 1) & mask) {
      const found = (first[cell] as number) - 1
      if (found < 0) return -1
      if (entries[found] === low && entries[found + 1] === high)
        return (entries[found + 2] as number) & ROW_MASK
    }
  }
}

function placeOf(low: number, high: number): number {
  return low ^ (low >>> 16) ^ high
}

/** One slot of the Bloom index: layers, of which the last takes new keys. A further one is laid on when it is full. */
export class BloomSlot {
  private readonly layers: BloomLayer[]
  private last: BloomLayer

  constructor(
    private readonly plan: BloomPlan,
    layers: readonly BloomLayer[] = [],
  ) {
    this.layers = [...layers]
    this.last = this.layers.at(-1) ?? this.layOn()
  }

  /** Different keys inserted. */
  get keys(): number {
    return this.layers.reduce((sum, layer) => sum + layer.keys, 0)
  }

  /** Bytes of memory held. */
  get bytes(): number {
    return this.layers.reduce((sum, layer) => sum + layer.words.byteLength, 0)
  }

  /** False positives a look-up now. */
  get falsePositiveRate(): number {
    return 1 - this.layers.reduce((none, layer) => none * (1 - layer.rate), 1)
  }

  /** Layers, oldest first, as a snapshot keeps them. */
  dump(): readonly BloomLayer[] {
    return this.layers
  }

  has(low: number, high: number): boolean {
    for (const layer of this.layers) if (layer.has(low, high)) return true
    return false
  }

  /**
   * Looks up and inserts a shard's entries of this slot.
   *
   * @param fresh a table for the work of this call.
   * @param seen gets each entry whose key was there before, or came earlier in `entries` with another row.
   */
  insert(entries: Uint32Array, fresh: FreshKeys, seen: SeenCollector): void {
    fresh.reset(entries)
    for (let at = 0; at < entries.length; at += ENTRY_WORDS) {
      const low = entries[at] as number
      const high = entries[at + 1] as number
      const packed = entries[at + 2] as number
      if (!this.has(low, high)) {
        this.add(low, high)
        fresh.add(at)
      } else if (fresh.row(at) !== (packed & ROW_MASK)) {
        seen.push(packed & ROW_MASK, packed >>> ROW_BITS)
      }
    }
  }

  private add(low: number, high: number): void {
    if (this.last.full) this.layOn()
    this.last.add(low, high)
  }

  private layOn(): BloomLayer {
    const number = this.layers.length
    this.last = new BloomLayer(this.plan.layer(number), layerSeed(number))
    this.layers.push(this.last)
    return this.last
  }
}

export function layerSeed(number: number): number {
  return Math.imul(number, 0xc2b2ae3d)
}

/** Bits of a line: one cache line. */
export const LINE_BITS = 512
export const LINE_WORDS = LINE_BITS / 32

/** The second line of a key is one of so many that follow the first: mostly in the same page of memory, and a different line. */
export const WINDOW_LINES = 64

/** Bits that one round sets in each of a key's two lines: what one 32-bit draw has positions for. */
export const BITS_PER_ROUND = 3

const MIN_LINES = WINDOW_LINES + 1
const MAX_ROUNDS = 12
/** Room for the slot with the most keys: none of 256 exceeds its mean by so many standard deviations. */
const SPREAD = 5

/** Size of one layer of a slot. */
export interface LayerShape {
  readonly lines: number
  readonly rounds: number
  /** Keys at which the layer is full and has its rate. */
  readonly capacity: number
}

/**
 * Sizes of a slot's layers, after Almeida et al., Scalable Bloom Filters (2007): each layer's rate of false positives is half
 * of that of the one before, so that all together stay below `rate`; a further layer holds half as many keys as those before.
 */
export class BloomPlan {
  private readonly shapes: LayerShape[] = []
  private held = 0

  /**
   * @param slotKeys mean of the keys of a slot.
   * @param rate false positives a look-up.
   */
  constructor(
    private readonly slotKeys: number,
    private readonly rate: number,
  ) {}

  layer(number: number): LayerShape {
    for (let next = this.shapes.length; next <= number; next++) {
      const capacity =
        next === 0
          ? Math.ceil(this.slotKeys + SPREAD * Math.sqrt(this.slotKeys)) + 1
          : Math.ceil(this.held / 2)
      const shape = layerShape(capacity, this.rate / 2 ** (next + 1))
      this.held += shape.capacity
      this.shapes.push(shape)
    }
    return this.shapes[number] as LayerShape
  }
}

/** Whether a layer of a snapshot can have been made here. */
export function layerShapeIsSound({ lines, rounds, capacity }: LayerShape): boolean {
  return lines >= MIN_LINES && rounds >= 1 && rounds <= MAX_ROUNDS && capacity >= 1
}

/** False positives a look-up of a layer with so many keys. */
export function layerRate(keys: number, lines: number, rounds: number): number {
  return lineRate((2 * keys) / lines, rounds * BITS_PER_ROUND) ** 2
}

/** The least memory with which `capacity` keys have at most `rate`; a very small layer has more, and takes more keys. */
function layerShape(capacity: number, rate: number): LayerShape {
  let load = 0
  let rounds = 1
  for (let candidate = 1; candidate <= MAX_ROUNDS; candidate++) {
    const possible = highestLoad(candidate * BITS_PER_ROUND, Math.sqrt(rate))
    if (possible <= load) continue
    load = possible
    rounds = candidate
  }
  const lines = Math.max(MIN_LINES, Math.ceil((2 * capacity) / load))
  return { lines, rounds, capacity: Math.max(capacity, Math.floor((lines * load) / 2)) }
}

/** The mean of keys a line at which a line's rate is `rate`, by bisection. */
function highestLoad(bits: number, rate: number): number {
  let low = 0
  let high = LINE_BITS
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2
    if (lineRate(middle, bits) <= rate) low = middle
    else high = middle
  }
  return low
}

/**
 * The chance that all of a key's `bits` positions in a line are set by others, when lines have `mean` keys on average:
 * the mean over the Poisson distribution of a line's keys, with the spread of the bits set by that many keys (both make it
 * worse than the usual formula, which takes every line for an average one).
 */
function lineRate(mean: number, bits: number): number {
  let sum = 0
  let chance = Math.exp(-mean)
  const end = mean + 12 * Math.sqrt(mean) + 40
  for (let keys = 0; keys < end; keys++) {
    sum += chance * chanceAllSet(keys * bits, bits)
    chance *= mean / (keys + 1)
  }
  return sum
}

/** E[f^bits], f being the part of a line set by `throws` random bits: its mean and, to second order, its variance. */
function chanceAllSet(throws: number, bits: number): number {
  const clear = (1 - 1 / LINE_BITS) ** throws
  const bothClear = (1 - 2 / LINE_BITS) ** throws
  const set = 1 - clear
  if (set === 0) return 0
  const variance = clear / LINE_BITS + (1 - 1 / LINE_BITS) * bothClear - clear * clear
  const spread = (bits * (bits - 1) * variance) / (2 * set * set)
  return Math.min(1, set ** bits * (1 + Math.max(0, spread)))
}

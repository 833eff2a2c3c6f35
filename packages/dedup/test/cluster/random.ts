import { randomNumbers } from '../documents.js'

/** The choices of one schedule: a function of its seed. */
export class Choices {
  private readonly random: () => number

  constructor(seed: number) {
    this.random = randomNumbers(seed)
    // Neighbouring seeds begin alike.
    for (let i = 0; i < 4; i++) this.random()
  }

  chance(probability: number): boolean {
    return this.random() < probability
  }

  /** A whole number in [0, limit). */
  below(limit: number): number {
    return Math.floor(this.random() * limit)
  }

  between(low: number, high: number): number {
    return low + this.random() * (high - low)
  }

  one<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item
  }

  /** Takes one out of `items`, whose order changes. */
  take<Item>(items: Item[]): Item {
    const at = this.below(items.length)
    const item = items[at] as Item
    items[at] = items.at(-1) as Item
    items.pop()
    return item
  }
}

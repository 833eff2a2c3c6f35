/**
 * Numbers that follow from a seed and a stream number, the same ones everywhere. Streams do not overlap in practice:
 * a state of 128 bits (sfc32 of Chris Doty-Humphrey's PractRand), where a generator of 32 bits would soon repeat itself.
 */
export class RandomStream {
  private a: number
  private b: number
  private c = 0x9e3779b9 | 0
  private counter = 1

  constructor(seed: number, stream: number) {
    this.a = seed | 0
    this.b = stream | 0
    for (let round = 0; round < 15; round++) this.bits()
  }

  /** From 0 to 1, without 1. */
  next(): number {
    return (this.bits() >>> 0) / 4294967296
  }

  /** A whole number from 0 to `limit`, without `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit)
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T
  }

  /** Puts the values into a random order, in place (Fisher and Yates). */
  shuffle<T>(values: T[]): T[] {
    for (let i = values.length - 1; i > 0; i--) {
      const j = this.below(i + 1)
      const value = values[i] as T
      values[i] = values[j] as T
      values[j] = value
    }
    return values
  }

  private bits(): number {
    const result = (this.a + this.b + this.counter) | 0
    this.counter = (this.counter + 1) | 0
    this.a = this.b ^ (this.b >>> 9)
    this.b = (this.c + (this.c << 3)) | 0
    this.c = (((this.c << 21) | (this.c >>> 11)) + result) | 0
    return result
  }
}

type NumberArray = Uint8Array | Uint32Array | BigUint64Array

/** A typed array that grows by appending, for results whose length is known only at their end. */
export class Growable<T extends NumberArray> {
  private values: T
  private used = 0

  constructor(
    private readonly make: new (length: number) => T,
    capacity: number,
  ) {
    this.values = new make(Math.max(16, capacity))
  }

  get length(): number {
    return this.used
  }

  append(values: T): void {
    const length = this.used + values.length
    if (length > this.values.length) {
      const grown = new this.make(Math.max(length, this.values.length * 2))
      copy(this.values.subarray(0, this.used) as T, grown, 0)
      this.values = grown
    }
    copy(values, this.values, this.used)
    this.used = length
  }

  /** The values so far, in an array of exactly their length. */
  finish(): T {
    return this.values.slice(0, this.used) as T
  }
}

function copy<T extends NumberArray>(from: T, to: T, at: number): void {
  if (from instanceof BigUint64Array) (to as BigUint64Array).set(from, at)
  else (to as Uint8Array | Uint32Array).set(from, at)
}

interface Waiting<T, R> {
  readonly item: T
  readonly bytes: number
  resolve(result: R): void
  reject(error: unknown): void
}

/**
 * Writes items in order, one batch at a time; what arrives while a batch is under way goes with the next one. So
 * a single writer gets the least delay and many get large batches, with no timer.
 */
export class BatchingWriter<T, R> {
  private readonly waiting: Waiting<T, R>[] = []
  private writing = false

  /** @param send stores a batch; result `i` is that of item `i` */
  constructor(
    private readonly send: (items: T[]) => Promise<R[]>,
    private readonly maxBytes: number,
  ) {}

  write(item: T, bytes: number): Promise<R> {
    const written = new Promise<R>((resolve, reject) => {
      this.waiting.push({ item, bytes, resolve, reject })
    })
    if (!this.writing) void this.drain()
    return written
  }

  private async drain(): Promise<void> {
    this.writing = true
    // Lets the caller hand over all it has before the first batch is cut.
    await Promise.resolve()
    while (this.waiting.length > 0) {
      const batch = this.take()
      try {
        const results = await this.send(batch.map(({ item }) => item))
        batch.forEach(({ resolve }, i) => {
          resolve(results[i] as R)
        })
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    this.writing = false
  }

  private take(): Waiting<T, R>[] {
    let bytes = 0
    let count = 0
    for (const next of this.waiting) {
      bytes += next.bytes
      if (count > 0 && bytes > this.maxBytes) break
      count++
    }
    return this.waiting.splice(0, count)
  }
}

import type { LiveCounters } from '@winnow/runtime/worker'
import type { RandomAccess } from '@winnow/storage'

/** A crawl file that tells how much of one input split has been read. */
export class InputMeter implements RandomAccess {
  readonly uri: string
  readonly size: number
  private counted = 0

  constructor(
    private readonly source: RandomAccess,
    private readonly offset: number,
    private readonly length: number,
    private readonly counters: LiveCounters | undefined,
  ) {
    this.uri = source.uri
    this.size = source.size
  }

  read(offset: number, length: number): Promise<Uint8Array> {
    // What is read now is worked on next: done is what lies before it.
    this.countTo(offset - this.offset)
    return this.source.read(offset, length)
  }

  /** The split was read to its end. */
  finish(): void {
    this.countTo(this.length)
  }

  close(): Promise<void> {
    return this.source.close()
  }

  private countTo(done: number): void {
    const within = Math.min(this.length, done)
    if (within <= this.counted) return
    this.counters?.addInput(within - this.counted)
    this.counted = within
  }
}

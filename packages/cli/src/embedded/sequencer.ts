/**
 * Puts results that come in any order back into the order of feeding. `sequence` numbers are given out from 0;
 * each is either offered or skipped exactly once. Actions run one at a time, in order.
 */
export class Sequencer {
  private readonly waiting = new Map<number, Waiting>()
  private next = 0
  private running: Promise<void> = Promise.resolve()
  private closed: Error | undefined

  /**
   * Runs `action` once every lower number has been offered and done, or skipped. Resolves as the action does.
   * An action that failed may be offered again: it then runs after those that have had their turn.
   */
  offer(sequence: number, action: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const entry = { action, resolve, reject }
      if (this.closed !== undefined) reject(this.closed)
      else if (sequence < this.next) this.run(entry)
      else {
        this.waiting.set(sequence, entry)
        this.advance()
      }
    })
  }

  /** A number that will never be offered: its shard failed for good before it got here, or was done already. */
  skip(sequence: number): void {
    if (sequence < this.next || this.waiting.has(sequence)) return
    this.waiting.set(sequence, undefined)
    this.advance()
  }

  private advance(): void {
    while (this.waiting.has(this.next)) {
      const entry = this.waiting.get(this.next)
      this.waiting.delete(this.next)
      this.next++
      if (entry !== undefined) this.run(entry)
    }
  }

  /** Runs nothing further: rejects every offer that waits for its turn, and every later one. */
  close(reason: Error): void {
    this.closed ??= reason
    for (const entry of this.waiting.values()) entry?.reject(this.closed)
    this.waiting.clear()
  }

  private run(entry: Offer): void {
    this.running = this.running.then(() => {
      if (this.closed !== undefined) entry.reject(this.closed)
      else return entry.action().then(entry.resolve, entry.reject)
    })
  }
}

interface Offer {
  readonly action: () => Promise<void>
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** `undefined`: skipped. */
type Waiting = Offer | undefined

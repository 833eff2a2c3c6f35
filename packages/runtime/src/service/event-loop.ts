const BEAT_MILLISECONDS = 500

/**
 * Watches how long the event loop stood still. A probe that is answered proves that it turns now; this tells whether
 * it stood still since the last probe, so that a process that only just gets round to its probes is found out.
 */
export class EventLoopWatch {
  private last = performance.now()
  private longest = 0
  private readonly beat = setInterval(() => this.note(), BEAT_MILLISECONDS).unref()

  constructor(private readonly stuckSeconds: number) {}

  /** `true`, or how long the loop stood still since the last call. */
  check(): true | string {
    this.note()
    const seconds = this.longest / 1000
    this.longest = 0
    return seconds <= this.stuckSeconds
      ? true
      : `the event loop stood still for ${seconds.toFixed(1)} s, over ${this.stuckSeconds} s`
  }

  close(): void {
    clearInterval(this.beat)
  }

  private note(): void {
    const now = performance.now()
    this.longest = Math.max(this.longest, now - this.last)
    this.last = now
  }
}

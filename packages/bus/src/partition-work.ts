import type { BusMessage, HandleContext } from './message-bus.js'

/** Messages held per partition before fetching pauses, and below which it goes on. */
const HIGH_WATER = 64
const LOW_WATER = 16

export interface PartitionWorkOptions {
  /** Partitions worked on at the same time. */
  readonly concurrency: number
  /** Pause before a message whose handler failed is handled again, milliseconds. */
  readonly redeliveryPauseMs: number
  handle(message: BusMessage, context: HandleContext): Promise<void>
  /** Stores that everything before `offset` is consumed. Gives up, silently, only once the signal is aborted. */
  commit(partition: number, offset: string, signal: AbortSignal): Promise<void>
  pause(partition: number): void
  resume(partition: number): void
  failed(error: unknown): void
}

interface Lane {
  readonly partition: number
  readonly queue: BusMessage[]
  /** Of the message in work; every message has its own, so that what listens goes with it. */
  current: AbortController | undefined
  /** Offset after the last message of the queue. */
  next: string | undefined
  paused: boolean
  pausing: NodeJS.Timeout | undefined
}

/**
 * The messages of a consumer's partitions on their way through the handler: one at a time and in order within a
 * partition, several partitions at once. Knows nothing of the Kafka client, which goes on fetching and sending
 * heartbeats meanwhile.
 */
export class PartitionWork {
  /** In the order of their turns. */
  private readonly lanes = new Map<number, Lane>()
  /** Partitions lost while a message was in work: that handler may still run. */
  private readonly ending = new Set<number>()
  private readonly idle: (() => void)[] = []
  private active = 0
  private closed = false

  constructor(private readonly options: PartitionWorkOptions) {}

  /** Takes messages of one partition, in order, after those that it has. */
  add(partition: number, messages: readonly BusMessage[]): void {
    if (this.closed || messages.length === 0) return
    const lane = this.lanes.get(partition) ?? this.open(partition)
    for (const message of messages) lane.queue.push(message)
    const last = messages[messages.length - 1]?.place?.offset
    if (last !== undefined) lane.next = after(last)
    if (lane.queue.length >= HIGH_WATER && !lane.paused) {
      lane.paused = true
      this.options.pause(partition)
    }
    this.schedule()
  }

  /** Where fetching must go on, by partition: after what is held here. */
  positions(): Map<number, string> {
    const positions = new Map<number, string>()
    for (const { partition, next } of this.lanes.values())
      if (next !== undefined) positions.set(partition, next)
    return positions
  }

  isPaused(partition: number): boolean {
    return this.lanes.get(partition)?.paused ?? false
  }

  /** Partitions with a message in work. */
  busy(): number[] {
    return [...this.lanes.values()]
      .filter((lane) => lane.current !== undefined)
      .map((lane) => lane.partition)
  }

  /** Forgets all partitions but these, and aborts what is in work on the others. */
  keepOnly(partitions: ReadonlySet<number>): void {
    for (const lane of [...this.lanes.values()]) {
      if (partitions.has(lane.partition)) continue
      this.lanes.delete(lane.partition)
      clearTimeout(lane.pausing)
      if (lane.current !== undefined) this.ending.add(lane.partition)
      lane.current?.abort()
    }
    this.settle()
  }

  /** Begins no further message. Resolves when those in work are done. */
  async finish(): Promise<void> {
    this.closed = true
    if (this.active > 0) await new Promise<void>((resolve) => this.idle.push(resolve))
  }

  private open(partition: number): Lane {
    const lane: Lane = {
      partition,
      queue: [],
      current: undefined,
      next: undefined,
      paused: false,
      pausing: undefined,
    }
    this.lanes.set(partition, lane)
    return lane
  }

  private schedule(): void {
    for (const lane of [...this.lanes.values()]) {
      if (this.closed || this.active >= this.options.concurrency) return
      const ready =
        lane.queue.length > 0 && lane.current === undefined && lane.pausing === undefined
      if (ready && !this.ending.has(lane.partition)) void this.work(lane)
    }
  }

  private async work(lane: Lane): Promise<void> {
    const message = lane.queue[0]
    if (message === undefined) return
    const current = new AbortController()
    const { signal } = current
    lane.current = current
    this.active++
    // To the end of the order of turns: with more partitions than may be worked on, each has its turn.
    this.lanes.delete(lane.partition)
    this.lanes.set(lane.partition, lane)
    try {
      await this.options.handle(message, { signal })
      if (!signal.aborted)
        await this.options.commit(lane.partition, after(message.place?.offset ?? '0'), signal)
      if (!signal.aborted) this.consumed(lane)
    } catch (error) {
      if (!signal.aborted) this.again(lane, error)
    } finally {
      lane.current = undefined
      this.active--
      if (signal.aborted) this.ending.delete(lane.partition)
      this.settle()
      this.schedule()
    }
  }

  private consumed(lane: Lane): void {
    lane.queue.shift()
    if (!lane.paused || lane.queue.length > LOW_WATER) return
    lane.paused = false
    this.options.resume(lane.partition)
  }

  private again(lane: Lane, error: unknown): void {
    this.options.failed(error)
    lane.pausing = setTimeout(() => {
      lane.pausing = undefined
      this.schedule()
    }, this.options.redeliveryPauseMs)
  }

  private settle(): void {
    if (this.active > 0) return
    for (const resolve of this.idle.splice(0)) resolve()
  }
}

/** The offset after this one; offsets are 64 bits wide. */
function after(offset: string): string {
  return (BigInt(offset) + 1n).toString()
}

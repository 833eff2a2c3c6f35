/** One message: `value` is JSON text, `key` keeps messages of one shard in order. */
export interface BusMessage {
  readonly topic: string
  readonly key: string
  readonly value: string
  /** The value's bytes as received: what is stored of a message that cannot be read. */
  readonly raw?: Uint8Array
  /** Where the message lies in its topic, if the bus has such places. */
  readonly place?: { readonly partition: number; readonly offset: string }
}

export interface HandleContext {
  /**
   * Aborted when the message may meanwhile be another member's: its partition was taken away, the session was lost,
   * or the subscription stopped. No effect may follow then; the message is delivered again, to whoever owns it.
   */
  readonly signal: AbortSignal
}

export interface ConsumeOptions {
  readonly topic: string
  /** Members of one group share the topic's messages; every group sees all of them. */
  readonly group: string
  /** Messages handled at the same time by this consumer. */
  readonly concurrency: number
  /**
   * Does the work of one message. The message counts as consumed once the promise resolves; when it rejects, or the
   * process dies before, it is delivered again: delivery is at least once.
   */
  handle(message: BusMessage, context: HandleContext): Promise<void>
  /** Told of what went wrong outside a handler. The consumer goes on trying by itself. */
  onError?(error: Error): void
}

export interface Subscription {
  /**
   * Takes no further message, waits for those in work, and leaves the group. With `graceMs`, those still in work
   * after so many milliseconds are aborted and not waited for.
   */
  stop(graceMs?: number): Promise<void>
}

/** Topics that join the stages: in-process here, Kafka in the cluster. */
export interface MessageBus {
  /** Resolves when the messages are safely stored. */
  publish(messages: readonly BusMessage[]): Promise<void>
  consume(options: ConsumeOptions): Promise<Subscription>
  close(): Promise<void>
}

/** One entry of a log and its place in it, from 0. Positions grow, not always by one. */
export interface LogEntry {
  readonly position: number
  readonly value: string
}

/** A single, totally ordered, durable sequence: the order log. What stands at a position never changes. */
export interface OrderedLog {
  /** Appends one line and returns its position once it is durable. */
  append(value: string): Promise<number>
  /** The entries from `from` to the present end. */
  read(from: number): AsyncIterable<LogEntry>
  /** The entries from `from` on, for ever: waits at the end. Ends when the signal is aborted. */
  follow(from: number, signal: AbortSignal): AsyncIterable<LogEntry>
}

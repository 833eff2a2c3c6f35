/** One message: `value` is JSON text, `key` keeps messages of one shard in order. */
export interface BusMessage {
  readonly topic: string
  readonly key: string
  readonly value: string
  /** The bytes as they were received, where the bus has bytes: what `value` cannot show. */
  readonly raw?: Uint8Array
  /** Where it stood, for messages to people. */
  readonly place?: { readonly partition: number; readonly offset: string }
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
}

export interface HandleContext {
  /** Aborted once the message may be another member's: no effect may follow then. */
  readonly signal: AbortSignal
}

export interface Subscription {
  /** Takes no further message, waits for those in work, and leaves the group. */
  stop(): Promise<void>
}

/** Topics that join the stages: in-process here, Kafka in the cluster. */
export interface MessageBus {
  /** Resolves when the messages are safely stored. */
  publish(messages: readonly BusMessage[]): Promise<void>
  consume(options: ConsumeOptions): Promise<Subscription>
  close(): Promise<void>
}

/** One entry of a log and its place in it, from 0. */
export interface LogEntry {
  readonly position: number
  readonly value: string
}

/** A single, totally ordered, durable sequence: the order log. Position `n` never changes once appended. */
export interface OrderedLog {
  /** Appends one line and returns its position once it is durable. */
  append(value: string): Promise<number>
  /** The entries from `from` to the present end. */
  read(from: number): AsyncIterable<LogEntry>
  /** The entries from `from` on, waiting for those to come. Ends when the signal is aborted. */
  follow(from: number, signal: AbortSignal): AsyncIterable<LogEntry>
}

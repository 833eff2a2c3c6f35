import { setMaxListeners } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { BusMessage, ConsumeOptions, MessageBus, Subscription } from './message-bus.js'

/** Pause before a message whose handler failed is delivered again, milliseconds. */
const REDELIVERY_PAUSE = 50

/**
 * Topics as queues in this process. Messages published before a group consumes wait for the first group of their
 * topic. Handlers of one group run concurrently and get messages in the order of publication.
 */
export class InProcessBus implements MessageBus {
  private readonly groups = new Map<string, Map<string, GroupQueue>>()
  private readonly waiting = new Map<string, BusMessage[]>()

  async publish(messages: readonly BusMessage[]): Promise<void> {
    for (const message of messages) {
      const groups = this.groups.get(message.topic)
      if (groups === undefined) {
        const queue = this.waiting.get(message.topic) ?? []
        queue.push(message)
        this.waiting.set(message.topic, queue)
      } else for (const queue of groups.values()) queue.push(message)
    }
  }

  async consume(options: ConsumeOptions): Promise<Subscription> {
    const groups = this.groups.get(options.topic) ?? new Map<string, GroupQueue>()
    this.groups.set(options.topic, groups)
    const queue = groups.get(options.group) ?? new GroupQueue()
    groups.set(options.group, queue)
    for (const message of this.waiting.get(options.topic) ?? []) queue.push(message)
    this.waiting.delete(options.topic)
    return queue.addConsumer(options)
  }

  async close(): Promise<void> {
    const queues = [...this.groups.values()].flatMap((groups) => [...groups.values()])
    await Promise.all(queues.map((queue) => queue.stop()))
    this.groups.clear()
    this.waiting.clear()
  }
}

class GroupQueue {
  private readonly messages: BusMessage[] = []
  private readonly consumers = new Set<Consumer>()

  push(message: BusMessage): void {
    this.messages.push(message)
    for (const consumer of this.consumers) consumer.wake()
  }

  take(): BusMessage | undefined {
    return this.messages.shift()
  }

  giveBack(message: BusMessage): void {
    this.messages.unshift(message)
  }

  addConsumer(options: ConsumeOptions): Subscription {
    const consumer = new Consumer(this, options)
    this.consumers.add(consumer)
    consumer.wake()
    return {
      stop: async (graceMs) => {
        await consumer.stop(graceMs)
        this.consumers.delete(consumer)
      },
    }
  }

  async stop(): Promise<void> {
    await Promise.all([...this.consumers].map((consumer) => consumer.stop()))
    this.consumers.clear()
  }
}

class Consumer {
  private readonly running = new Set<Promise<void>>()
  private readonly abort = new AbortController()
  private stopped = false

  constructor(
    private readonly queue: GroupQueue,
    private readonly options: ConsumeOptions,
  ) {
    // Every message in work may listen for the stop.
    setMaxListeners(0, this.abort.signal)
  }

  wake(): void {
    while (!this.stopped && this.running.size < this.options.concurrency) {
      const message = this.queue.take()
      if (message === undefined) return
      const work = this.deliver(message).finally(() => {
        this.running.delete(work)
        this.wake()
      })
      this.running.add(work)
    }
  }

  async stop(graceMs?: number): Promise<void> {
    this.stopped = true
    const finished = Promise.allSettled(this.running)
    if (graceMs === undefined) {
      await finished
      return
    }
    const done = new AbortController()
    const grace = delay(graceMs, undefined, { signal: done.signal }).catch(() => {})
    await Promise.race([finished.then(() => done.abort()), grace])
    this.abort.abort()
  }

  private async deliver(message: BusMessage): Promise<void> {
    const { signal } = this.abort
    try {
      await this.options.handle(message, { signal })
      if (signal.aborted) this.queue.giveBack(message)
    } catch {
      await delay(REDELIVERY_PAUSE)
      this.queue.giveBack(message)
    }
  }
}

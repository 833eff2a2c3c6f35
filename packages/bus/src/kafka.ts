/**
 * The message bus and the order log on Kafka. The one file that knows the client library: another client takes its
 * place here. Loaded on demand (`import('@winnow/bus/kafka')`), so that runs without Kafka do not pay for it.
 */
import { setMaxListeners } from 'node:events'
import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { CorruptError, StorageError, UsageError, WinnowError } from '@winnow/core'
// Values come from the default export: Node.js does not see all names of this CommonJS package.
import kafkajs, {
  type Admin,
  type Consumer,
  type EachBatchPayload,
  type Kafka,
  type KafkaConfig,
  type PartitionAssigner,
  type PartitionMetadata,
  type Producer,
  type SASLOptions,
} from 'kafkajs'
import { BatchingWriter } from './batching-writer.js'
import { commandToken, type TokenProvider } from './command-token.js'
import { kafkaError, missingTopic } from './kafka-errors.js'
import { type KafkaSettings, kafkaSettings, type ResolvedKafkaSettings } from './kafka-settings.js'
import type {
  BusMessage,
  ConsumeOptions,
  LogEntry,
  MessageBus,
  OrderedLog,
  Subscription,
} from './message-bus.js'
import { PartitionWork } from './partition-work.js'
import { assignPartitions, type GroupMember } from './sticky-assignment.js'

export type { TokenProvider } from './command-token.js'
export type { KafkaSettings, ResolvedKafkaSettings } from './kafka-settings.js'

/** Largest message, key and value, in bytes. Messages are pointers; larger data belongs into the object store. */
export const MAX_MESSAGE_BYTES = 64 * 1024
/** Largest batch sent at once, bytes: below the brokers' default of 1 MiB. */
const MAX_BATCH_BYTES = 512 * 1024
/** Fetched of one partition at a time, bytes: bounds what waits in memory. */
const FETCH_BYTES = 256 * 1024
const LOG_FETCH_BYTES = 4 << 20
/** How long a broker holds a fetch back when there is nothing new, milliseconds. Also the beat of the fetch loop. */
const FETCH_WAIT = 500
const PARTITION_REFRESH = 60_000
const COMMIT_PAUSE = 200
const REOPEN_PAUSE = { first: 500, most: 10_000 }
const ALL_REPLICAS = -1

export interface KafkaOptions {
  /** For SASL OAUTHBEARER, in place of `sasl.tokenCommand`. */
  readonly token?: TokenProvider
}

/** What all parts share: settings, and how a client is made. */
interface Connection {
  readonly settings: ResolvedKafkaSettings
  /** A client of its own: clients of one instance share a table of offsets by group. */
  client(retries: number): Kafka
  fail(action: string, error: unknown): WinnowError
}

export class KafkaBus implements MessageBus {
  private readonly subscriptions = new Set<KafkaSubscription>()
  private readonly logs = new Set<KafkaLog>()
  private readonly admins = new Set<KafkaAdmin>()

  private constructor(
    private readonly connection: Connection,
    private readonly writer: KafkaWriter,
  ) {}

  /** Connects and logs in. Throws StorageError when no broker answers or the credentials are wrong. */
  static async connect(
    settings: KafkaSettings = {},
    options: KafkaOptions = {},
  ): Promise<KafkaBus> {
    const connection = await prepare(settings, options)
    return new KafkaBus(connection, await KafkaWriter.open(connection))
  }

  async publish(messages: readonly BusMessage[]): Promise<void> {
    for (const message of messages) checkSize(message)
    await Promise.all(
      messages.map(({ topic, key, value }) => this.writer.write(this.named(topic), key, value)),
    )
  }

  async consume(options: ConsumeOptions): Promise<Subscription> {
    const subscription = await KafkaSubscription.start(this.connection, options)
    this.subscriptions.add(subscription)
    return {
      stop: async (graceMs) => {
        await subscription.stop(graceMs)
        this.subscriptions.delete(subscription)
      },
    }
  }

  /** A topic of one partition as an ordered log. Throws when it does not exist or has more partitions. */
  async log(topic: string): Promise<OrderedLog & { close(): Promise<void> }> {
    const action = `open the log ${this.named(topic)}`
    const partitions = await this.writer.partitionsOf(this.named(topic), action)
    if (partitions.length !== 1)
      throw new StorageError(`cannot ${action}: it has ${partitions.length} partitions, not one`, {
        hint: 'its order is that of one partition; delete it and create it anew',
      })
    const log = new KafkaLog(this.connection, this.writer, this.named(topic))
    this.logs.add(log)
    return log
  }

  admin(): KafkaAdmin {
    const admin = new KafkaAdmin(this.connection)
    this.admins.add(admin)
    return admin
  }

  async close(): Promise<void> {
    await Promise.all([...this.subscriptions].map((subscription) => subscription.stop()))
    await Promise.all([...this.logs, ...this.admins].map((part) => part.close()))
    await this.writer.close()
  }

  private named(topic: string): string {
    return this.connection.settings.topicPrefix + topic
  }
}

// ---------------------------------------------------------------------------------------------- connecting

async function prepare(given: KafkaSettings, options: KafkaOptions): Promise<Connection> {
  const parsed = kafkaSettings.safeParse(given)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new UsageError(`kafka.${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not valid'}`)
  }
  const settings = parsed.data
  const sasl = saslOptions(settings, options)
  const config: KafkaConfig = {
    brokers: settings.brokers,
    clientId: settings.clientId,
    connectionTimeout: settings.connectionTimeoutMs,
    requestTimeout: settings.requestTimeoutMs,
    // Errors reach the caller as exceptions and events; a log line may hold what must not be printed.
    logLevel: kafkajs.logLevel.NOTHING,
    ssl: await sslOptions(settings.ssl),
    ...(sasl === undefined ? {} : { sasl }),
  }
  const context = { brokers: settings.brokers, mechanism: settings.sasl?.mechanism }
  return {
    settings,
    client: (retries) =>
      new kafkajs.Kafka({
        ...config,
        retry: { retries, initialRetryTime: 200, maxRetryTime: 3_000, factor: 0.2, multiplier: 2 },
      }),
    fail: (action, error) => kafkaError(error, { action, ...context }),
  }
}

async function sslOptions(ssl: ResolvedKafkaSettings['ssl']): Promise<KafkaConfig['ssl'] & {}> {
  if (typeof ssl === 'boolean') return ssl
  const { ca, cert, key, servername, rejectUnauthorized } = ssl
  return {
    rejectUnauthorized,
    ...(ca === undefined ? {} : { ca: [await pem(ca)] }),
    ...(cert === undefined ? {} : { cert: await pem(cert) }),
    ...(key === undefined ? {} : { key: await pem(key) }),
    ...(servername === undefined ? {} : { servername }),
  }
}

async function pem(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new UsageError(`kafka.ssl: cannot read ${path} (${code})`, 'it must be a PEM file', error)
  }
}

function saslOptions({ sasl }: ResolvedKafkaSettings, { token }: KafkaOptions) {
  if (sasl === undefined) return undefined
  if (sasl.mechanism === 'oauthbearer') {
    const provider = token ?? commandToken(sasl.tokenCommand)
    return {
      mechanism: sasl.mechanism,
      oauthBearerProvider: async () => ({ value: await provider() }),
    } satisfies SASLOptions
  }
  const password = sasl.password ?? process.env.WINNOW_KAFKA_PASSWORD
  if (password === undefined)
    throw new UsageError(
      `kafka.sasl: no password for ${sasl.username}`,
      'set the environment variable WINNOW_KAFKA_PASSWORD',
    )
  return { mechanism: sasl.mechanism, username: sasl.username, password } as SASLOptions
}

// ---------------------------------------------------------------------------------------------- writing

interface Outgoing {
  readonly key: string | null
  readonly value: string
}

/**
 * Writes to partitions, one batch at a time each. Two habits of the client make that more than a matter of speed:
 * after a failed try it gives the batch's sequence numbers to whichever batch is sent next, which the broker may then
 * take for a copy of the first and drop; and in a send over several partitions, one whose leader moves to a broker
 * that already answered is left out. So a batch is of one partition, the next one waits until it is stored, and a
 * producer with a failed send is not used again.
 */
class KafkaWriter {
  private readonly writers = new Map<string, BatchingWriter<Outgoing, number>>()
  private readonly known = new Map<string, { at: number; partitions: PartitionMetadata[] }>()
  private readonly partitioner = kafkajs.Partitioners.DefaultPartitioner()
  private readonly closing = new AbortController()
  private producer: Promise<Producer> | undefined

  private constructor(
    private readonly connection: Connection,
    private readonly admin: Admin,
  ) {
    setMaxListeners(0, this.closing.signal)
  }

  static async open(connection: Connection): Promise<KafkaWriter> {
    const admin = connection.client(2).admin()
    try {
      await admin.connect()
    } catch (error) {
      await admin.disconnect().catch(() => {})
      throw connection.fail('connect to Kafka', error)
    }
    return new KafkaWriter(connection, admin)
  }

  /** Stores one message, on the partition that its key belongs to. Returns its offset. */
  async write(topic: string, key: string | null, value: string): Promise<number> {
    const action = `publish to ${topic}`
    const partitionMetadata = await this.partitionsOf(topic, action)
    const partition = this.partitioner({ topic, partitionMetadata, message: { key, value } })
    const name = `${topic}/${partition}`
    let writer = this.writers.get(name)
    if (writer === undefined) {
      writer = new BatchingWriter((batch) => this.send(topic, partition, batch), MAX_BATCH_BYTES)
      this.writers.set(name, writer)
    }
    return await writer.write({ key, value }, sizeOf(key ?? '', value))
  }

  /** The partitions of a topic. Throws StorageError when it does not exist. */
  async partitionsOf(topic: string, action: string): Promise<PartitionMetadata[]> {
    const known = this.known.get(topic)
    if (known !== undefined && Date.now() - known.at < PARTITION_REFRESH) return known.partitions
    return await this.untilDelivered(async () => {
      try {
        const { topics } = await this.admin.fetchTopicMetadata({ topics: [topic] })
        const partitions = topics[0]?.partitions ?? []
        this.known.set(topic, { at: Date.now(), partitions })
        return partitions
      } catch (error) {
        const failure = this.connection.fail(action, error)
        // Partitions never become fewer: an old answer serves while the brokers are away.
        if (known !== undefined && failure.retryable) return known.partitions
        throw failure
      }
    })
  }

  async close(): Promise<void> {
    this.closing.abort()
    const producer = await this.producer?.catch(() => undefined)
    await producer?.disconnect().catch(() => {})
    await this.admin.disconnect().catch(() => {})
  }

  private async send(topic: string, partition: number, batch: Outgoing[]): Promise<number[]> {
    return await this.untilDelivered(async () => {
      const current = this.connected()
      try {
        const producer = await current
        const messages = batch.map(({ key, value }) => ({ key, value, partition }))
        const [stored] = await producer.send({ topic, acks: ALL_REPLICAS, messages })
        if (stored?.baseOffset === undefined)
          throw new StorageError('the broker gave no offset', { retryable: true })
        const first = Number(stored.baseOffset)
        return batch.map((_, i) => first + i)
      } catch (error) {
        this.discard(current)
        throw this.connection.fail(`publish to ${topic}`, error)
      }
    })
  }

  /** Tries again what can succeed later, such as with a broker that is not the one that was lost. */
  private async untilDelivered<T>(work: () => Promise<T>): Promise<T> {
    const deadline = Date.now() + this.connection.settings.deliveryTimeoutMs
    for (let pause = 200; ; pause = Math.min(2 * pause, 5_000)) {
      try {
        return await work()
      } catch (error) {
        const { signal } = this.closing
        const again = error instanceof WinnowError && error.retryable && Date.now() < deadline
        if (!again || signal.aborted) throw error
        await delay(pause, undefined, { signal }).catch(() => {})
      }
    }
  }

  private connected(): Promise<Producer> {
    if (this.producer !== undefined) return this.producer
    const producer = this.connection.client(5).producer({
      idempotent: true,
      allowAutoTopicCreation: false,
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    })
    this.producer = producer.connect().then(() => producer)
    return this.producer
  }

  /** Later batches get a new producer. Batches under way on this one end first. */
  private discard(failed: Promise<Producer>): void {
    if (this.producer === failed) this.producer = undefined
    const grace = this.connection.settings.requestTimeoutMs
    void failed
      .then(async (producer) => {
        await delay(grace, undefined, { ref: false, signal: this.closing.signal }).catch(() => {})
        await producer.disconnect()
      })
      .catch(() => {})
  }
}

function sizeOf(key: string, value: string): number {
  return Buffer.byteLength(key) + Buffer.byteLength(value)
}

function checkSize({ topic, key, value }: BusMessage): void {
  const bytes = sizeOf(key, value)
  if (bytes <= MAX_MESSAGE_BYTES) return
  throw new UsageError(
    `message ${key} for ${topic} is too large: ${bytes} bytes, the limit is ${MAX_MESSAGE_BYTES}`,
    'put the data into the object store and send where it is',
  )
}

// ---------------------------------------------------------------------------------------------- consuming

/** What the group's leader reads from each member when it shares the partitions out. */
interface Claim {
  readonly owned: readonly number[]
  readonly busy: readonly number[]
}

/**
 * A member of a consumer group. Handlers run beside the client's fetch loop, never inside it: the loop goes on
 * fetching, sends the heartbeats and joins again at once when the group changes, however long a handler works.
 *
 * A message in work is aborted when its partition is not ours after a change; when the change took more than one
 * try, since the partition may have been another's in between; and when no heartbeat was answered for a session.
 */
class KafkaSubscription implements Subscription {
  private readonly topic: string
  private readonly group: string
  private work: PartitionWork
  private consumer: Consumer | undefined
  private owned = new Set<number>()
  private memberId = ''
  private joinTries = 0
  /** Brokers whose answer to a fetch is awaited. */
  private readonly fetching = new Set<string>()
  private commitOffsets: EachBatchPayload['commitOffsetsIfNecessary'] | undefined
  private lastContact = 0
  private watchdog: NodeJS.Timeout | undefined
  private readonly stopping = new AbortController()
  private reopening: Promise<void> | undefined

  private constructor(
    private readonly connection: Connection,
    private readonly options: ConsumeOptions,
  ) {
    const { topicPrefix } = connection.settings
    this.topic = topicPrefix + options.topic
    this.group = topicPrefix + options.group
    this.work = this.newWork()
  }

  /** Resolves once the member has joined its group. */
  static async start(connection: Connection, options: ConsumeOptions): Promise<KafkaSubscription> {
    const subscription = new KafkaSubscription(connection, options)
    const deadline = Date.now() + connection.settings.sessionTimeoutMs
    for (;;) {
      try {
        await subscription.open()
        subscription.watch()
        return subscription
      } catch (error) {
        const failure = connection.fail(subscription.action, error)
        // A broker that has just started may still be loading the group.
        if (failure.retryable && Date.now() < deadline) await delay(REOPEN_PAUSE.first)
        else {
          await subscription.stop(0)
          throw failure
        }
      }
    }
  }

  async stop(graceMs?: number): Promise<void> {
    this.stopping.abort()
    const finished = this.work.finish()
    if (graceMs === undefined) await finished
    else await within(graceMs, finished)
    clearInterval(this.watchdog)
    this.work.keepOnly(new Set())
    await this.reopening
    await this.consumer?.disconnect().catch(() => {})
  }

  private get action(): string {
    return `consume ${this.topic} as ${this.group}`
  }

  private newWork(): PartitionWork {
    const at = (partition: number) => [{ topic: this.topic, partitions: [partition] }]
    return new PartitionWork({
      concurrency: this.options.concurrency,
      redeliveryPauseMs: this.connection.settings.redeliveryPauseMs,
      handle: (message, context) => this.options.handle(message, context),
      commit: (partition, offset, signal) => this.commit(partition, offset, signal),
      pause: (partition) => this.onConsumer((consumer) => consumer.pause(at(partition))),
      resume: (partition) => this.onConsumer((consumer) => consumer.resume(at(partition))),
      failed: (error) => this.report(error),
    })
  }

  private async open(): Promise<void> {
    const { sessionTimeoutMs, heartbeatIntervalMs, rebalanceTimeoutMs } = this.connection.settings
    void this.consumer?.disconnect().catch(() => {})
    const consumer = this.connection.client(5).consumer({
      groupId: this.group,
      sessionTimeout: sessionTimeoutMs,
      heartbeatInterval: heartbeatIntervalMs,
      rebalanceTimeout: rebalanceTimeoutMs,
      maxWaitTimeInMs: FETCH_WAIT,
      maxBytesPerPartition: FETCH_BYTES,
      allowAutoTopicCreation: false,
      partitionAssigners: [(config) => this.assigner(config.cluster)],
      retry: { retries: 5, restartOnFailure: async () => false },
    })
    this.consumer = consumer
    this.memberId = ''
    this.fetching.clear()
    this.commitOffsets = undefined
    let crash: Error | undefined
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) =>
      this.joined(payload.memberId, payload.memberAssignment[this.topic] ?? []),
    )
    consumer.on(consumer.events.HEARTBEAT, () => {
      this.lastContact = Date.now()
    })
    consumer.on(consumer.events.FETCH_START, ({ payload }) => {
      this.fetching.add(String(payload.nodeId))
    })
    consumer.on(consumer.events.FETCH, ({ payload }) => {
      this.fetching.delete(String((payload as { nodeId?: unknown }).nodeId))
    })
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      crash = payload.error
      if (this.consumer === consumer && this.watchdog !== undefined) this.reopen(payload.error)
    })
    await consumer.connect()
    await consumer.subscribe({ topic: this.topic, fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      partitionsConsumedConcurrently: 1,
      eachBatch: async (payload) => this.take(payload),
    })
    if (crash !== undefined) throw crash
  }

  private joined(memberId: string, partitions: readonly number[]): void {
    // An answer on its way from before the change could bring messages after ones that were forgotten.
    const clean = this.fetching.size <= 1
    const continued = memberId === this.memberId && this.joinTries === 1 && clean
    const replaced = memberId !== this.memberId && this.memberId !== ''
    this.joinTries = 0
    this.memberId = memberId
    this.lastContact = Date.now()
    this.owned = new Set(partitions)
    this.work.keepOnly(continued ? this.owned : new Set())
    if (!clean && !replaced) {
      this.reopen(new Error('the group changed while several brokers were asked'))
      return
    }
    const { topic, consumer } = this
    for (const [partition, offset] of this.work.positions())
      consumer?.seek({ topic, partition, offset })
    const running = partitions.filter((partition) => !this.work.isPaused(partition))
    if (running.length > 0) consumer?.resume([{ topic, partitions: running }])
  }

  private take({ batch, isStale, commitOffsetsIfNecessary }: EachBatchPayload): void {
    this.commitOffsets = commitOffsetsIfNecessary
    const { partition } = batch
    if (isStale() || !this.owned.has(partition)) return
    const messages = batch.messages.map(({ key, value, offset }) => ({
      topic: this.options.topic,
      key: key?.toString() ?? '',
      value: value?.toString() ?? '',
      raw: value ?? new Uint8Array(0),
      place: { partition, offset },
    }))
    this.work.add(partition, messages)
  }

  /** Commits as the present member. While the group is changing it waits how that ends: kept, or aborted. */
  private async commit(partition: number, offset: string, signal: AbortSignal): Promise<void> {
    const topics = [{ topic: this.topic, partitions: [{ partition, offset }] }]
    while (!signal.aborted) {
      try {
        await this.commitOffsets?.({ topics })
        return
      } catch (error) {
        this.report(error)
        await delay(COMMIT_PAUSE, undefined, { signal }).catch(() => {})
      }
    }
  }

  private watch(): void {
    const { sessionTimeoutMs } = this.connection.settings
    const session = 0.9 * sessionTimeoutMs
    this.watchdog = setInterval(
      () => {
        if (Date.now() - this.lastContact > session && this.reopening === undefined)
          this.reopen(new Error(`no heartbeat was answered for ${sessionTimeoutMs} ms`))
      },
      Math.min(1_000, sessionTimeoutMs / 10),
    )
  }

  /** Aborts what is in work and begins anew as another member, until it succeeds or the subscription stops. */
  private reopen(reason: Error): void {
    this.report(reason)
    this.owned = new Set()
    this.work.keepOnly(this.owned)
    if (this.reopening !== undefined) return
    this.reopening = this.openAgain().finally(() => {
      this.reopening = undefined
    })
  }

  private async openAgain(): Promise<void> {
    const { signal } = this.stopping
    for (let pause = REOPEN_PAUSE.first; !signal.aborted; ) {
      await delay(pause, undefined, { signal }).catch(() => {})
      if (signal.aborted) return
      pause = Math.min(2 * pause, REOPEN_PAUSE.most)
      try {
        await this.open()
        return
      } catch (error) {
        this.report(error)
      }
    }
  }

  /** The client refuses these calls while it is not running; a new one begins with nothing paused. */
  private onConsumer(call: (consumer: Consumer) => void): void {
    if (this.consumer !== undefined && this.reopening === undefined) call(this.consumer)
  }

  private report(error: unknown): void {
    this.options.onError?.(this.connection.fail(this.action, error))
  }

  private assigner(cluster: {
    findTopicPartitionMetadata(topic: string): PartitionMetadata[]
  }): ReturnType<PartitionAssigner> {
    const { MemberMetadata, MemberAssignment } = kafkajs.AssignerProtocol
    const version = 0
    return {
      name: 'winnow-sticky',
      version,
      protocol: ({ topics }) => {
        this.joinTries++
        const claim: Claim = { owned: [...this.owned], busy: this.work.busy() }
        const userData = Buffer.from(JSON.stringify(claim))
        return {
          name: 'winnow-sticky',
          metadata: MemberMetadata.encode({ version, topics, userData }),
        }
      },
      assign: async ({ members }) => {
        const partitions = cluster
          .findTopicPartitionMetadata(this.topic)
          .map(({ partitionId }) => partitionId)
        const claimants = members.map(({ memberId, memberMetadata }): GroupMember => {
          const userData = MemberMetadata.decode(memberMetadata)?.userData
          return { id: memberId, ...claimOf(userData) }
        })
        return [...assignPartitions(partitions, claimants)].map(([memberId, share]) => ({
          memberId,
          memberAssignment: MemberAssignment.encode({
            version,
            assignment: { [this.topic]: share },
            userData: Buffer.alloc(0),
          }),
        }))
      },
    }
  }
}

/** Another version's claim that cannot be read counts as none. */
function claimOf(userData: Buffer | undefined): Claim {
  try {
    const { owned, busy } = JSON.parse(userData?.toString() ?? '') as Claim
    return { owned: [...owned], busy: [...busy] }
  } catch {
    return { owned: [], busy: [] }
  }
}

async function within(milliseconds: number, work: Promise<void>): Promise<void> {
  const done = new AbortController()
  const timeout = delay(milliseconds, undefined, { signal: done.signal }).catch(() => {})
  await Promise.race([work, timeout])
  done.abort()
}

// ---------------------------------------------------------------------------------------------- the log

interface FetchedMessage {
  readonly offset: string
  readonly value: Buffer | null
  readonly isControlRecord?: boolean
}

interface FetchedPartition {
  readonly highWatermark: string
  readonly lastStableOffset?: string
  readonly messages: readonly FetchedMessage[]
}

interface FetchRequest {
  readonly maxWaitTime: number
  readonly minBytes: number
  readonly maxBytes: number
  readonly isolationLevel: number
  readonly topics: readonly {
    topic: string
    partitions: readonly { partition: number; fetchOffset: string; maxBytes: number }[]
  }[]
}

/** The part of the client's inner cluster that reads a partition without a group. */
interface Cluster {
  connect(): Promise<void>
  disconnect(): Promise<void>
  isConnected(): boolean
  addTargetTopic(topic: string): Promise<void>
  refreshMetadata(): Promise<void>
  removeBroker(address: { host: string; port: number }): void
  findLeaderForPartitions(topic: string, partitions: readonly number[]): Record<string, number[]>
  findBroker(node: { nodeId: string }): Promise<{
    fetch(request: FetchRequest): Promise<{ responses: { partitions: FetchedPartition[] }[] }>
  }>
}

const READ_COMMITTED = 1

/**
 * kafkajs has no consumer without a group. A group of its own for each reader would wait for the brokers' initial
 * rebalance delay (3 s) at every start, need a permission more, and leave a trace; so this reaches for the client's
 * own cluster object, which it keeps under a private symbol. The version is pinned and a test reads through it.
 */
function clusterOf(client: Kafka): Cluster {
  const symbol = Object.getOwnPropertySymbols(client).find(
    ({ description }) => description === 'private:Kafka:createCluster',
  )
  if (symbol === undefined) throw new TypeError('this version of kafkajs has no createCluster')
  const create = (client as unknown as Record<symbol, (options: object) => Cluster>)[symbol]
  return create?.({ allowAutoTopicCreation: false, metadataMaxAge: 300_000 }) as Cluster
}

class KafkaLog implements OrderedLog {
  private readonly closing = new AbortController()

  constructor(
    private readonly connection: Connection,
    private readonly writer: KafkaWriter,
    private readonly topic: string,
  ) {
    setMaxListeners(0, this.closing.signal)
  }

  /** Returns the Kafka offset, once all in-sync replicas have the entry. */
  async append(value: string): Promise<number> {
    if (value === '') throw new RangeError('a log entry must not be empty')
    checkSize({ topic: this.topic, key: '', value })
    return await this.writer.write(this.topic, null, value)
  }

  async *read(from: number): AsyncIterable<LogEntry> {
    const reader = new LogReader(this.connection, this.topic, this.closing.signal)
    try {
      let end: number | undefined
      for (let next = from; end === undefined || next < end; ) {
        const fetched = await reader.fetch(next, 0)
        end ??= fetched.end
        // What came in since the reading began belongs to the next reading.
        for (const entry of fetched.entries) if (entry.position < end) yield entry
        next = fetched.next
      }
    } finally {
      await reader.close()
    }
  }

  async *follow(from: number, signal: AbortSignal): AsyncIterable<LogEntry> {
    const stop = AbortSignal.any([signal, this.closing.signal])
    const reader = new LogReader(this.connection, this.topic, stop)
    try {
      for (let next = from; !stop.aborted; ) {
        const fetched = await reader.fetch(next, FETCH_WAIT, Number.POSITIVE_INFINITY)
        for (const entry of fetched.entries) {
          if (stop.aborted) return
          yield entry
        }
        next = fetched.next
      }
    } catch (error) {
      if (!stop.aborted) throw error
    } finally {
      await reader.close()
    }
  }

  async close(): Promise<void> {
    this.closing.abort()
  }
}

interface Fetched {
  readonly entries: readonly LogEntry[]
  /** Where to fetch next: past control records, which have offsets but are no entries. */
  readonly next: number
  /** The present end: the offset that the next entry will get, at least. */
  readonly end: number
}

/** Fetches one partition by offset, on a connection of its own. */
class LogReader {
  private cluster: Cluster | undefined

  constructor(
    private readonly connection: Connection,
    private readonly topic: string,
    private readonly signal: AbortSignal,
  ) {}

  /** Entries from `offset` on; tries again for `patienceMs` while no broker answers. */
  async fetch(
    offset: number,
    waitMs: number,
    patienceMs = this.connection.settings.deliveryTimeoutMs,
  ): Promise<Fetched> {
    const deadline = Date.now() + patienceMs
    for (let pause = 200; ; pause = Math.min(2 * pause, 5_000)) {
      try {
        return await this.fetchOnce(offset, waitMs)
      } catch (error) {
        await this.close()
        if ((error as { type?: string }).type === 'OFFSET_OUT_OF_RANGE')
          throw await this.outOfRange(offset)
        const failure = this.connection.fail(`read the log ${this.topic}`, error)
        if (!failure.retryable || Date.now() > deadline) throw failure
      }
      await delay(pause, undefined, { signal: this.signal })
    }
  }

  async close(): Promise<void> {
    const { cluster } = this
    this.cluster = undefined
    await cluster?.disconnect().catch(() => {})
  }

  private async fetchOnce(offset: number, waitMs: number): Promise<Fetched> {
    this.signal.throwIfAborted()
    this.cluster ??= await this.open()
    const [nodeId] = Object.keys(this.cluster.findLeaderForPartitions(this.topic, [0]))
    if (nodeId === undefined) throw missingTopic(`read the log ${this.topic}`)
    const broker = await this.cluster.findBroker({ nodeId })
    const partitions = [{ partition: 0, fetchOffset: String(offset), maxBytes: LOG_FETCH_BYTES }]
    const { responses } = await broker.fetch({
      maxWaitTime: waitMs,
      minBytes: waitMs === 0 ? 0 : 1,
      maxBytes: LOG_FETCH_BYTES,
      isolationLevel: READ_COMMITTED,
      topics: [{ topic: this.topic, partitions }],
    })
    const partition = responses[0]?.partitions[0]
    if (partition === undefined) throw new Error('the broker answered without the partition')
    return this.entriesOf(partition, offset)
  }

  private entriesOf(partition: FetchedPartition, offset: number): Fetched {
    const entries: LogEntry[] = []
    let next = offset
    for (const { offset: at, value, isControlRecord } of partition.messages) {
      const position = Number(at)
      // A batch is sent whole, also when only its later part was asked for.
      if (position < offset) continue
      next = position + 1
      if (isControlRecord === true) continue
      if (value === null)
        throw new CorruptError(`entry ${position} of the log ${this.topic} has no value`)
      entries.push({ position, value: value.toString() })
    }
    const stable = Number(partition.lastStableOffset ?? -1)
    return { entries, next, end: stable >= 0 ? stable : Number(partition.highWatermark) }
  }

  private async open(): Promise<Cluster> {
    const cluster = clusterOf(this.connection.client(2))
    try {
      await cluster.connect()
      await cluster.addTargetTopic(this.topic)
      return cluster
    } catch (error) {
      await cluster.disconnect().catch(() => {})
      throw error
    }
  }

  private async outOfRange(offset: number): Promise<WinnowError> {
    const admin = this.connection.client(2).admin()
    try {
      await admin.connect()
      const [range] = await admin.fetchTopicOffsets(this.topic)
      const [low, high] = [Number(range?.low), Number(range?.high)]
      const lost = offset < low
      return new StorageError(
        lost
          ? `the log ${this.topic} begins at ${low}: entries from ${offset} on were deleted`
          : `the log ${this.topic} ends at ${high}, before ${offset}`,
        {
          hint: lost
            ? 'restore a snapshot of the index that is newer, and set retention.ms of the topic to -1'
            : 'the topic was created anew or lost entries: restore it, or begin with an empty index',
        },
      )
    } catch (error) {
      return this.connection.fail(`read the log ${this.topic}`, error)
    } finally {
      await admin.disconnect().catch(() => {})
    }
  }
}

// ---------------------------------------------------------------------------------------------- administration

export interface TopicSpec {
  readonly topic: string
  readonly partitions: number
  readonly replication: number
  /** Milliseconds; -1: for ever. */
  readonly retentionMs?: number
  readonly minInSyncReplicas?: number
}

export interface TopicDescription {
  readonly topic: string
  readonly partitions: number
  readonly replication: number
  readonly retentionMs: number
  /** Bytes; -1: no limit. */
  readonly retentionBytes: number
  readonly minInSyncReplicas: number
  readonly cleanupPolicy: string
  readonly maxMessageBytes: number
  /** By partition: `start` is the oldest offset, `end` the one that the next message gets. */
  readonly offsets: readonly {
    readonly partition: number
    readonly start: number
    readonly end: number
    readonly inSyncReplicas: number
  }[]
}

export interface PartitionLag {
  readonly partition: number
  /** Next offset that the group will work; the oldest one when it has committed none. */
  readonly committed: number
  readonly end: number
  readonly lag: number
}

export interface GroupDescription {
  readonly group: string
  /** Stable, PreparingRebalance, CompletingRebalance, Empty, Dead. */
  readonly state: string
  readonly members: readonly {
    readonly id: string
    readonly clientId: string
    readonly host: string
  }[]
}

/** Topics, offsets and groups, for doctor, status and metrics. Names are given and returned without the prefix. */
export class KafkaAdmin {
  private connecting: Promise<Admin> | undefined

  constructor(private readonly connection: Connection) {}

  brokers(): Promise<{ id: number; address: string }[]> {
    return this.run('describe the cluster', async (admin) => {
      const { brokers } = await admin.describeCluster()
      return brokers.map(({ nodeId, host, port }) => ({ id: nodeId, address: `${host}:${port}` }))
    })
  }

  topics(): Promise<string[]> {
    return this.run('list topics', async (admin) => this.unprefixed(await admin.listTopics()))
  }

  /** Creates those that are missing, and returns their names. Those that exist are left as they are. */
  createTopics(specs: readonly TopicSpec[]): Promise<string[]> {
    return this.run('create topics', async (admin) => {
      const existing = new Set(await admin.listTopics())
      const missing = specs.filter(({ topic }) => !existing.has(this.named(topic)))
      if (missing.length === 0) return []
      const topics = missing.map((spec) => ({
        topic: this.named(spec.topic),
        numPartitions: spec.partitions,
        replicationFactor: spec.replication,
        configEntries: configOf(spec),
      }))
      await admin.createTopics({ topics, waitForLeaders: true })
      return missing.map(({ topic }) => topic)
    })
  }

  /** Deletes topics with all that is in them. */
  deleteTopics(topics: readonly string[]): Promise<void> {
    return this.run('delete topics', (admin) =>
      admin.deleteTopics({ topics: topics.map((topic) => this.named(topic)) }),
    )
  }

  /** Describes those of the topics that exist. */
  describeTopics(topics: readonly string[]): Promise<TopicDescription[]> {
    return this.run('describe topics', async (admin) => {
      const existing = new Set(await admin.listTopics())
      const named = topics.map((topic) => this.named(topic)).filter((topic) => existing.has(topic))
      if (named.length === 0) return []
      const metadata = await admin.fetchTopicMetadata({ topics: named })
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: named.map((name) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name })),
      })
      return await Promise.all(
        metadata.topics.map(async ({ name, partitions }) => {
          const config = resources.find(({ resourceName }) => resourceName === name)
          const entries = new Map(
            config?.configEntries.map((entry) => [entry.configName, entry.configValue]),
          )
          const ranges = await admin.fetchTopicOffsets(name)
          return this.description(name, partitions, entries, ranges)
        }),
      )
    })
  }

  /** How far a group is behind on a topic, by partition. */
  lag(group: string, topic: string): Promise<PartitionLag[]> {
    return this.run(`read the offsets of ${group}`, async (admin) => {
      const name = this.named(topic)
      // Committed first: an end that is read before it could lie behind it.
      const [committed] = await admin.fetchOffsets({ groupId: this.named(group), topics: [name] })
      const ranges = await admin.fetchTopicOffsets(name)
      return ranges
        .map(({ partition, low, high }) => {
          const stored = committed?.partitions.find((entry) => entry.partition === partition)
          const next = Math.max(Number(stored?.offset ?? -1), Number(low))
          return { partition, committed: next, end: Number(high), lag: Number(high) - next }
        })
        .sort((a, b) => a.partition - b.partition)
    })
  }

  /** The consumer groups under the prefix. */
  groups(): Promise<GroupDescription[]> {
    return this.run('list groups', async (admin) => {
      const { groups } = await admin.listGroups()
      const ids = groups
        .filter(({ protocolType }) => protocolType === 'consumer')
        .map(({ groupId }) => groupId)
        .filter((id) => id.startsWith(this.connection.settings.topicPrefix))
      if (ids.length === 0) return []
      const described = await admin.describeGroups(ids)
      return described.groups.map(({ groupId, state, members }) => ({
        group: this.unprefixed([groupId])[0] ?? groupId,
        state,
        members: members.map(({ memberId, clientId, clientHost }) => ({
          id: memberId,
          clientId,
          host: clientHost,
        })),
      }))
    })
  }

  /** Deletes groups that have no members, with their offsets. */
  deleteGroups(groups: readonly string[]): Promise<void> {
    return this.run('delete groups', async (admin) => {
      await admin.deleteGroups(groups.map((group) => this.named(group)))
    })
  }

  async close(): Promise<void> {
    const admin = await this.connecting?.catch(() => undefined)
    this.connecting = undefined
    await admin?.disconnect().catch(() => {})
  }

  private async run<T>(action: string, work: (admin: Admin) => Promise<T>): Promise<T> {
    try {
      return await work(await this.connect())
    } catch (error) {
      // A broken connection is not used again.
      await this.close()
      throw this.connection.fail(action, error)
    }
  }

  private connect(): Promise<Admin> {
    if (this.connecting === undefined) {
      const admin = this.connection.client(3).admin()
      this.connecting = admin.connect().then(() => admin)
    }
    return this.connecting
  }

  private named(name: string): string {
    return this.connection.settings.topicPrefix + name
  }

  private unprefixed(names: readonly string[]): string[] {
    const { topicPrefix } = this.connection.settings
    return names
      .filter((name) => name.startsWith(topicPrefix))
      .map((name) => name.slice(topicPrefix.length))
  }

  private description(
    name: string,
    partitions: readonly PartitionMetadata[],
    config: ReadonlyMap<string, string>,
    ranges: readonly { partition: number; low: string; high: string }[],
  ): TopicDescription {
    const number = (key: string) => Number(config.get(key))
    return {
      topic: this.unprefixed([name])[0] ?? name,
      partitions: partitions.length,
      replication: Math.min(...partitions.map(({ replicas }) => replicas.length)),
      retentionMs: number('retention.ms'),
      retentionBytes: number('retention.bytes'),
      minInSyncReplicas: number('min.insync.replicas'),
      cleanupPolicy: config.get('cleanup.policy') ?? '',
      maxMessageBytes: number('max.message.bytes'),
      offsets: partitions
        .map(({ partitionId, isr }) => {
          const range = ranges.find(({ partition }) => partition === partitionId)
          return {
            partition: partitionId,
            start: Number(range?.low),
            end: Number(range?.high),
            inSyncReplicas: isr.length,
          }
        })
        .sort((a, b) => a.partition - b.partition),
    }
  }
}

function configOf({ retentionMs, minInSyncReplicas }: TopicSpec) {
  const entries = [
    ['retention.ms', retentionMs],
    ['min.insync.replicas', minInSyncReplicas],
  ] as const
  return entries.flatMap(([name, value]) =>
    value === undefined ? [] : [{ name, value: String(value) }],
  )
}

import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { KafkaAdmin, KafkaBus } from '@winnow/bus/kafka'
import { CorruptError, TOPICS, WinnowError } from '@winnow/core'
import { newestSnapshot } from '@winnow/metrics-service'
import { type ClusterConfig, loadClusterConfig } from '@winnow/runtime/cluster-config'
import {
  type ClusterTopic,
  clusterTopics,
  GROUP_ROLES,
  groupOf,
} from '@winnow/runtime/cluster-topics'
import { type ObjectStore, openStore } from '@winnow/storage'
import { connectKafka } from '../cluster/connect.js'
import { formatCount } from '../terminal/numbers.js'
import type { Check } from './doctor-check.js'

/** Signatures of S3 requests are refused when the clocks are 15 minutes apart; a third of that is time to act. */
const MOST_SKEW_SECONDS = 300
/** How long a server that does not answer is asked again, milliseconds. */
const PATIENCE = 10_000
const RETRY_PAUSE = 500
const WEEK = 7 * 86_400_000
const PROBE = Buffer.from('winnow doctor looks whether this can be written and read')

type Topic = Awaited<ReturnType<KafkaAdmin['describeTopics']>>[number]

/** Checks of what a cluster needs: its configuration, Kafka with its topics, the bucket and the clock. */
export async function clusterChecks(options: {
  readonly configFile: string | undefined
  readonly createTopics: boolean
}): Promise<Check[]> {
  let config: ClusterConfig
  try {
    config = await loadClusterConfig({ file: options.configFile })
  } catch (error) {
    return [failed('cluster', error)]
  }
  const store = await openStore(config.storage.uri, {
    s3: { ...config.storage, retryForMs: PATIENCE },
  })
  return [
    passed('cluster', 'every setting is valid'),
    ...(await storageChecks(store)),
    ...(await kafkaChecks(config, store, options.createTopics)),
  ]
}

// ------------------------------------------------------------------------------------------------- storage

async function storageChecks(store: ObjectStore): Promise<Check[]> {
  const key = `doctor/${randomBytes(8).toString('hex')}`
  const written = await attempt('bucket, write', 'objects can be written', () =>
    store.put(key, PROBE),
  )
  if (!written.ok) return [written]
  const checks = [
    written,
    await attempt('bucket, read', 'objects can be read', async () => {
      sameBytes(await store.get(key), PROBE, 'what was read is not what was written')
    }),
    await attempt('bucket, range', 'parts of objects can be read', async () => {
      const part = await store.read(key, 7, 6)
      sameBytes(
        part,
        PROBE.subarray(7, 13),
        'the server answers another range than it was asked for',
      )
    }),
    await attempt('bucket, if absent', 'a put can be made conditional', async () => {
      if (await store.putIfAbsent(key, Buffer.from('other')))
        throw new CorruptError(
          'the server overwrote an object that was to be written only if absent',
          'use a server that knows If-None-Match on PUT: it guards the snapshots of the index',
        )
    }),
    await attempt('bucket, list', 'objects can be listed', async () => {
      for await (const object of store.list('doctor/')) if (object.key === key) return
      throw new CorruptError('an object that was written is not listed', 'check the server')
    }),
    await clock(store, key),
    await attempt('bucket, delete', 'objects can be deleted', () => store.delete(key)),
  ]
  if (!checks.at(-1)?.ok) await store.delete(key).catch(() => {})
  return checks
}

/** The time that the server gave the object that was just written, against the time here. */
async function clock(store: ObjectStore, key: string): Promise<Check> {
  const name = 'clock'
  try {
    const there = (await store.head(key))?.modified ?? 0
    const skew = Math.abs(Date.now() - there) / 1000
    return {
      name,
      ok: skew <= MOST_SKEW_SECONDS,
      finding: `${Math.round(skew)} s from the storage server's at most`,
      hint: 'synchronise the clocks (NTP): requests are refused from 15 minutes on',
    }
  } catch (error) {
    return failed(name, error)
  }
}

function sameBytes(found: Uint8Array, wanted: Uint8Array, message: string): void {
  if (!Buffer.from(found).equals(wanted)) throw new CorruptError(message, 'check the server')
}

// ------------------------------------------------------------------------------------------------- Kafka

async function kafkaChecks(
  config: ClusterConfig,
  store: ObjectStore,
  createTopics: boolean,
): Promise<Check[]> {
  const { kafka } = config
  let bus: KafkaBus
  try {
    bus = await connectKafka(config)
  } catch (error) {
    return [failed('Kafka', error)]
  }
  try {
    const admin = bus.admin()
    const brokers = await admin.brokers()
    const listed = brokers.map(({ id, address }) => `${id} at ${address}`).join(', ')
    const wanted = clusterTopics(kafka)
    return [
      passed('Kafka', `${brokers.length === 1 ? 'broker' : 'brokers'} ${listed}`),
      replicas(kafka.replication, brokers.length),
      ...(createTopics ? [await create(admin, wanted)] : []),
      ...(await patiently(() => topicChecks(admin, wanted, store))),
      await groups(admin),
      await writing(bus),
    ]
  } catch (error) {
    return [failed('Kafka', error)]
  } finally {
    await bus.close()
  }
}

function replicas(replication: number, brokers: number): Check {
  const enough = replication <= brokers
  return {
    name: 'replication',
    ok: enough,
    finding: enough
      ? replication === 1
        ? 'each message is on one broker: what it loses is lost'
        : `each message is on ${replication} brokers`
      : `kafka.replication is ${replication}, there are ${brokers} brokers`,
    hint: 'start more brokers, or lower kafka.replication',
  }
}

function create(admin: KafkaAdmin, wanted: readonly ClusterTopic[]): Promise<Check> {
  const name = 'create topics'
  return admin.createTopics(wanted).then(
    (made) => passed(name, made.length === 0 ? 'all are there' : `made ${made.join(', ')}`),
    (error) => failed(name, error),
  )
}

async function topicChecks(
  admin: KafkaAdmin,
  wanted: readonly ClusterTopic[],
  store: ObjectStore,
): Promise<Check[]> {
  const found = await admin.describeTopics(wanted.map(({ topic }) => topic))
  const checks: Check[] = []
  for (const topic of wanted) {
    const there = found.find((each) => each.topic === topic.topic)
    if (there === undefined)
      checks.push({
        name: topic.topic,
        ok: false,
        finding: 'there is no such topic',
        hint: 'winnow doctor --create-topics makes those that are missing; check kafka.topicPrefix',
      })
    else checks.push(topicCheck(topic, there, await floorOf(topic, store)))
  }
  return checks
}

/** The entry of the order log that the oldest reader would begin at; undefined: the first. */
async function floorOf({ topic }: ClusterTopic, store: ObjectStore): Promise<number | undefined> {
  if (topic !== TOPICS.dedupOrder) return undefined
  return (await newestSnapshot(store, Date.now()).catch(() => undefined))?.position
}

function topicCheck(wanted: ClusterTopic, there: Topic, floor: number | undefined): Check {
  const { topic } = wanted
  const problem = problemOf(wanted, there, floor)
  const partitions = `${there.partitions} ${there.partitions === 1 ? 'partition' : 'partitions'}`
  const kept =
    there.retentionMs === -1 ? 'for ever' : `${(there.retentionMs / 86_400_000).toFixed(1)} days`
  const messages = there.offsets.reduce((sum, { start, end }) => sum + end - start, 0)
  const described = `${partitions}, kept ${kept}, ${formatCount(messages)} messages`
  return problem === undefined
    ? passed(topic, described)
    : { name: topic, ok: false, finding: `${described}: ${problem[0]}`, hint: problem[1] }
}

/** What is wrong with a topic, and what to do. */
function problemOf(
  wanted: ClusterTopic,
  there: Topic,
  floor: number | undefined,
): readonly [string, string] | undefined {
  const { topic } = wanted
  const single = wanted.partitions === 1
  const alter = (setting: string) =>
    `kafka-configs.sh --alter --entity-type topics --entity-name ${topic} --add-config ${setting} (with kafka.topicPrefix before the name)`
  if (single && there.partitions !== 1)
    return [
      'it must have one partition',
      'delete it while nothing runs, then winnow doctor --create-topics',
    ]
  if (there.cleanupPolicy.includes('compact'))
    return [`its cleanup.policy is ${there.cleanupPolicy}`, alter('cleanup.policy=delete')]
  if (topic === TOPICS.dedupOrder) {
    const start = there.offsets[0]?.start ?? 0
    if (start > (floor ?? 0))
      return [
        `its entries begin at ${start}, but readers must begin at ${floor ?? 0}`,
        'entries are lost: restore the topic, or begin a new duplicate index (docs/operations)',
      ]
    if (there.retentionMs !== -1 || there.retentionBytes !== -1)
      return [
        'entries would expire that readers still need',
        alter('retention.ms=-1,retention.bytes=-1'),
      ]
  } else if (there.retentionMs !== -1 && there.retentionMs < WEEK)
    return ['a shard that waits longer is lost', alter('retention.ms=-1')]
  const behind = there.offsets.filter(({ inSyncReplicas }) => inSyncReplicas < there.replication)
  if (behind.length > 0)
    return [
      `${behind.length} partitions have fewer copies in sync than the ${there.replication} they should have`,
      'bring the missing brokers back',
    ]
  if (there.replication > 1 && there.minInSyncReplicas < 2)
    return ['a message counts as stored when one broker has it', alter('min.insync.replicas=2')]
  return undefined
}

async function groups(admin: KafkaAdmin): Promise<Check> {
  const check = await attempt('groups', 'the offsets of every role can be read', () =>
    patiently(async () => {
      for (const { role, consumes } of GROUP_ROLES) await admin.lag(groupOf(role), consumes)
    }),
  )
  // The client asks one broker after the other who keeps the group, and does not say why each refused.
  return check.ok || check.hint !== '' ? check : { ...check, hint: GROUP_HINT }
}

const GROUP_HINT = `grant this user describe and read on the groups ${groupOf('')}* (with kafka.topicPrefix before the name); brokers that have only just started need a moment`

/** Writes a record that stands for nothing (no letter has that name) and reads it back. */
function writing(bus: KafkaBus): Promise<Check> {
  return attempt('messages', 'can be written and read', async () => {
    const value = JSON.stringify({
      schema: 1,
      kind: 'retried',
      letter: `doctor/${randomBytes(8).toString('hex')}`,
      at: new Date().toISOString(),
    })
    const log = await patiently(() => bus.log(TOPICS.deadLetters))
    try {
      const position = await log.append(value)
      for await (const entry of log.read(position)) if (entry.value === value) return
      throw new CorruptError('a message that was written cannot be read', 'check the brokers')
    } finally {
      await log.close()
    }
  })
}

// ------------------------------------------------------------------------------------------------- findings

/** Tries again what can succeed later: topics that were just made have no leader for a moment. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  const until = Date.now() + PATIENCE
  for (;;)
    try {
      return await work()
    } catch (error) {
      const later = error instanceof WinnowError && error.retryable && Date.now() < until
      if (!later) throw error
      await delay(RETRY_PAUSE)
    }
}

async function attempt(name: string, finding: string, work: () => Promise<void>): Promise<Check> {
  try {
    await work()
    return passed(name, finding)
  } catch (error) {
    return failed(name, error)
  }
}

const passed = (name: string, finding: string): Check => ({ name, ok: true, finding, hint: '' })

function failed(name: string, error: unknown): Check {
  if (!(error instanceof WinnowError)) throw error
  return { name, ok: false, finding: error.message, hint: error.hint }
}

import { CorruptError } from '@winnow/core'
import { type Against, Decisions } from '@winnow/dedup'
import { indexLayout, type ObjectStore } from '@winnow/storage'

/** Snapshots kept of each replica: the newest, and the one before in case it cannot be read. */
const KEPT = 2

/** One of `replicas` resolvers that share the writing, counted from 0. */
export interface Replica {
  readonly ordinal: number
  readonly replicas: number
}

/** Where a resolver stands. */
export interface ResolvePosition {
  /** The next entry of the order log to decide. */
  readonly entries: number
  /** From which message of the answers on those to later entries stand. */
  readonly answers: number
}

interface StoredSnapshot extends Replica, ResolvePosition {
  readonly key: string
}

const NAME = /^snapshots\/decisions\/(\d+)-of-(\d+)\/(\d{12})-(\d{12})\.wndd$/

/** All snapshots, the newest first. */
async function storedSnapshots(index: ObjectStore): Promise<StoredSnapshot[]> {
  const stored: StoredSnapshot[] = []
  for await (const { key } of index.list(indexLayout.decisionSnapshots)) {
    const [, ...numbers] = NAME.exec(key) ?? []
    const [ordinal, replicas, entries, answers] = numbers.map(Number)
    if (ordinal === undefined || replicas === undefined) continue
    if (entries === undefined || answers === undefined) continue
    stored.push({ key, ordinal, replicas, entries, answers })
  }
  return stored.sort((a, b) => b.entries - a.entries || b.answers - a.answers)
}

/** The snapshots of one replica. */
function of(stored: readonly StoredSnapshot[], { ordinal, replicas }: Replica): StoredSnapshot[] {
  return stored.filter((each) => each.ordinal === ordinal && each.replicas === replicas)
}

/**
 * Up to which entry every one of `replicas` has a snapshot number `age` (0: its newest): that far all shares are written.
 * 0 where one of them has none.
 */
function floorOf(stored: readonly StoredSnapshot[], replicas: number, age: number): number {
  const places = Array.from({ length: replicas }, (_, ordinal) => {
    const own = of(stored, { ordinal, replicas })
    return own[Math.min(age, own.length - 1)]?.entries ?? 0
  })
  return Math.min(...places)
}

/**
 * The newest sound snapshot that a replica may go on from: its own, or another's up to where all of that other's fellows had
 * come. What the decisions are is the same in all; which shards' attributes are written is not. Undefined where there is none.
 */
export async function restoreDecisions(
  index: ObjectStore,
  replica: Replica,
  against: Against,
  warn: (message: string) => void,
): Promise<{ decisions: Decisions; position: ResolvePosition } | undefined> {
  const stored = await storedSnapshots(index)
  for (const snapshot of stored) {
    const own = snapshot.ordinal === replica.ordinal && snapshot.replicas === replica.replicas
    if (!own && snapshot.entries > floorOf(stored, snapshot.replicas, 0)) continue
    try {
      const { decisions, position } = Decisions.decode(await index.get(snapshot.key), against)
      if (position.entries !== snapshot.entries)
        throw new CorruptError('it is of another place in the log than its name says')
      return { decisions, position: snapshot }
    } catch (error) {
      if (!(error instanceof CorruptError)) throw error
      warn(
        `${snapshot.key} cannot be used: ${error.message}; the one before it or the log is taken`,
      )
    }
  }
  return undefined
}

/** Stores a snapshot of a replica, and removes what nobody can need any more. */
export async function storeDecisions(
  index: ObjectStore,
  replica: Replica,
  decisions: Decisions,
  position: ResolvePosition,
): Promise<void> {
  const key = indexLayout.decisionSnapshot(replica, position)
  await index.put(key, decisions.encode(position.entries))
  const stored = await storedSnapshots(index)
  for (const { key: old } of of(stored, replica).slice(KEPT)) await index.delete(old)
  const needed = floorOf(stored, replica.replicas, KEPT - 1)
  for (const { key: old, replicas, entries } of stored)
    if (replicas !== replica.replicas && entries < needed) await index.delete(old)
  // Nobody goes on from before this entry, so the answers to earlier ones are of no use.
  const until = indexLayout.answersTo(needed)
  const gone: string[] = []
  for await (const { key: answer } of index.list(indexLayout.answers))
    if (answer < until) gone.push(answer)
  for (const answer of gone) await index.delete(answer)
}

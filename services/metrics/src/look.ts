import type { KafkaAdmin } from '@winnow/bus/kafka'
import { TOPICS } from '@winnow/core'
import type { ClusterStatus } from '@winnow/runtime/cluster-status'
import { GROUP_ROLES, groupOf } from '@winnow/runtime/cluster-topics'
import { CANCELLED, INDEX_PREFIX, RUN_CONFIG, runPrefix } from '@winnow/runtime/run-prefix'
import { indexLayout, type ObjectStore } from '@winnow/storage'
import type { RunProgress } from './run-progress.js'

/** How far every role is behind on the topic it takes shards from. */
export async function lagOf(admin: KafkaAdmin): Promise<ClusterStatus['lag']> {
  const lags: ClusterStatus['lag'] = []
  for (const { role, consumes } of GROUP_ROLES) {
    const partitions = (await admin.lag(groupOf(role), consumes)).map(({ partition, lag }) => ({
      partition,
      lag,
    }))
    const lag = partitions.reduce((sum, each) => sum + each.lag, 0)
    lags.push({ stage: role, topic: consumes, lag, partitions })
  }
  return lags
}

export async function logEndOf(admin: KafkaAdmin): Promise<number> {
  const [log] = await admin.describeTopics([TOPICS.dedupOrder])
  return log?.offsets[0]?.end ?? 0
}

/**
 * The newest snapshot of the duplicate index. A snapshot of a range of slots is named by its place in the log; what counts
 * is the range that is furthest behind, since a start must replay from there. There are a few objects per worker to list.
 */
export async function newestSnapshot(
  store: ObjectStore,
  now: number,
): Promise<ClusterStatus['index']['snapshot']> {
  const ranges = new Map<string, { position: number; modified: number }>()
  const prefix = INDEX_PREFIX + indexLayout.slotSnapshots
  for await (const { key, modified } of store.list(prefix)) {
    const name = /^(\d+-\d+)\/(\d+)[.\w-]*\.wnix$/.exec(key.slice(prefix.length))
    if (name === null) continue
    const [, range, digits] = name as unknown as [string, string, string]
    const position = Number(digits)
    if (position >= (ranges.get(range)?.position ?? -1)) ranges.set(range, { position, modified })
  }
  // Ranges of an earlier number of workers stay behind as the index goes on: only those that overlap no newer one count.
  const current = withoutReplaced([...ranges].map(([range, of]) => ({ ...of, ...slotsOf(range) })))
  if (current.length === 0) return undefined
  return {
    position: Math.min(...current.map(({ position }) => position)),
    ageSeconds: Math.max(0, now - Math.min(...current.map(({ modified }) => modified))) / 1000,
  }
}

interface SlotRange {
  readonly first: number
  readonly end: number
  readonly position: number
  readonly modified: number
}

function slotsOf(range: string): { first: number; end: number } {
  const [first = 0, end = 0] = range.split('-').map(Number)
  return { first, end }
}

function withoutReplaced(ranges: readonly SlotRange[]): SlotRange[] {
  const chosen: SlotRange[] = []
  for (const range of [...ranges].sort((a, b) => b.position - a.position))
    if (chosen.every(({ first, end }) => range.end <= first || range.first >= end))
      chosen.push(range)
  return chosen
}

/** When runs were fed and whether they are cancelled: two small requests per run that is under way. */
export async function lookAtRuns(store: ObjectStore, runs: readonly RunProgress[]): Promise<void> {
  for (const run of runs) {
    if (run.fedAt === undefined)
      run.fedAt = (await store.head(runPrefix(run.run) + RUN_CONFIG))?.modified
    if (!run.cancelled && run.status().state === 'running')
      run.cancelled = (await store.head(runPrefix(run.run) + CANCELLED)) !== undefined
  }
}

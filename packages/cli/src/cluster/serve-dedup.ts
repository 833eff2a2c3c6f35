import type { OrderedLog } from '@winnow/bus'
import { UsageError } from '@winnow/core'
import type { IndexSettings } from '@winnow/dedup-service'
import { readManifest, signAgain } from '@winnow/dedup-service'
import {
  IndexRole,
  ResolveRole,
  type ResolveRoleOptions,
  slotsOfWorker,
  type UnreadableEntry,
} from '@winnow/dedup-service/cluster'
import { toFailure } from '@winnow/runtime'
import pRetry from 'p-retry'
import type { RunStores } from './run-stores.js'

/** Pauses between tries of what must be done before the log can go on, milliseconds. */
const FIRST_PAUSE = 500
const LONGEST_PAUSE = 30_000
/** Shards between two snapshots of the decisions. */
const SNAPSHOT_SHARDS = 64
/** How often to look whether the index was made, milliseconds. */
const LOOK_PAUSE = 2_000

export interface LogRoleOptions {
  readonly stores: RunStores
  readonly log: OrderedLog
  readonly answers: OrderedLog
  /** This process's number, from 0, among `replicas`. */
  readonly ordinal: number
  readonly replicas: number
  readonly snapshotKeys: number
  readonly signal: AbortSignal
  readonly warn: (message: string) => void
  /** Told of each try that failed. */
  readonly failed: (what: string, error: Error) => void
}

/** Settings of the index; waits until the first run with deduplication is fed, which makes it. */
export async function indexSettings(
  { stores, signal }: Pick<LogRoleOptions, 'stores' | 'signal'>,
  waiting: () => void,
): Promise<IndexSettings | undefined> {
  while (!signal.aborted) {
    const manifest = await readManifest(stores.index)
    if (manifest !== undefined) {
      const { kind, parameters, passages } = manifest
      if (kind !== 'exact' || passages !== null)
        throw new UsageError(
          `the index ${stores.index.uri} ${kind === 'exact' ? 'deduplicates lines or paragraphs' : 'is a bloom index'}, which the services cannot do`,
          'use winnow run on one machine for that, or another prefix of the bucket',
        )
      return { kind, parameters }
    }
    waiting()
    await new Promise((resolve) => setTimeout(resolve, LOOK_PAUSE))
  }
  return undefined
}

/** The `dedup-index` role over its share of the slots. */
export function openIndexRole(
  options: LogRoleOptions,
  settings: IndexSettings,
): Promise<IndexRole> {
  const { stores, log, answers, ordinal, replicas, snapshotKeys, warn } = options
  return IndexRole.open({
    index: stores.index,
    log,
    answers,
    parameters: settings.parameters,
    ...slotsOfWorker(ordinal, replicas),
    snapshotKeys,
    warn,
    signAgain: ({ run, shard }) =>
      signAgain(stores.run(run), stores.index, settings, { run, shard }),
    retry: untilDone(options),
  })
}

/** The `dedup-resolve` role. */
export function openResolveRole(
  options: LogRoleOptions,
  settings: IndexSettings,
  forward: ResolveRoleOptions['forward'],
  unreadable: (message: UnreadableEntry, error: Error) => Promise<void>,
): Promise<ResolveRole> {
  const { stores, log, answers, ordinal, replicas, warn } = options
  return ResolveRole.open({
    index: stores.index,
    storeOf: (run) => stores.run(run),
    log,
    answers,
    parameters: settings.parameters,
    ordinal,
    replicas,
    snapshotShards: SNAPSHOT_SHARDS,
    warn,
    retry: untilDone(options),
    forward,
    unreadable,
  })
}

/** The log waits for nobody: what an entry needs is tried until it works, or the process is told to stop. */
function untilDone({ signal, failed }: LogRoleOptions) {
  return <T>(what: string, work: () => Promise<T>): Promise<T> =>
    pRetry(work, {
      retries: Number.POSITIVE_INFINITY,
      minTimeout: FIRST_PAUSE,
      maxTimeout: LONGEST_PAUSE,
      factor: 2,
      randomize: true,
      signal,
      onFailedAttempt: ({ error }) => failed(what, error),
      shouldRetry: ({ error }) => !toFailure(error).fatal,
    })
}

import { CorruptError, strings, UsageError } from '@winnow/core'
import {
  type DedupParameters,
  dedupAttributes,
  encodeLogLine,
  type LoggedShard,
  OrderLog,
  type OrderLogEntry,
  type PassageOptions,
} from '@winnow/dedup'
import {
  indexLayout,
  type ObjectStore,
  openParquetObject,
  placeOf,
  readColumn,
  readUtf8Column,
  writeParquet,
} from '@winnow/storage'
import { decodeMatches, type IndexKind, readManifest } from './index-folder.js'
import { LogResolver } from './log-resolver.js'
import { RowReader } from './row-reader.js'
import {
  describeSnapshot,
  removeSnapshots,
  type SnapshotManifest,
  snapshotFolders,
} from './snapshots.js'
import { readOrderLog, type StoredLog } from './stored-log.js'

/** An index that is there: its log and its parameters. */
export interface OpenedIndex {
  readonly index: ObjectStore
  readonly kind: IndexKind
  readonly expectedDocuments: number | undefined
  readonly parameters: DedupParameters
  readonly passages: PassageOptions | undefined
  /** How the log is stored: `objects` in the index of a cluster. */
  readonly logKind: StoredLog['kind']
  /** All lines of the log. */
  readonly entries: readonly OrderLogEntry[]
  /** Each shard once, numbered. */
  readonly log: OrderLog
}

/**
 * Opens the index in a folder or under a prefix. Throws UsageError when there is none.
 *
 * @param stored its order log, where that was read already.
 */
export async function openIndex(index: ObjectStore, stored?: StoredLog): Promise<OpenedIndex> {
  const manifest = await readManifest(index)
  if (manifest === undefined)
    throw new UsageError(
      `${placeOf(index)} is no duplicate index: it has no ${indexLayout.manifest}`,
      'give the folder that was --index of a run, index/ in an output folder, or index/ of a cluster',
    )
  const { kind: logKind, entries } = stored ??
    (await readOrderLog(index)) ?? { kind: 'file', entries: [] }
  const log = new OrderLog()
  for (const entry of entries) log.append(entry)
  const { kind, parameters, passages } = manifest
  const expectedDocuments = manifest.expectedDocuments ?? undefined
  return {
    index,
    kind,
    expectedDocuments,
    parameters,
    passages: passages ?? undefined,
    logKind,
    entries,
    log,
  }
}

export interface RunInIndex {
  readonly run: string
  readonly shards: number
  readonly documents: number
  /** Documents that are no copies of earlier ones. */
  readonly kept: number
}

export interface IndexInfo {
  readonly kind: IndexKind
  readonly parameters: DedupParameters
  readonly runs: readonly RunInIndex[]
  readonly documents: number
  readonly kept: number
  readonly logEntries: number
  /** How the log is stored: `objects` in the index of a cluster, whose workers have snapshots of their own. */
  readonly logKind: StoredLog['kind']
  /** The newest finished snapshot of a run on one machine. */
  readonly snapshot: SnapshotManifest | null
  readonly snapshots: number
  /** Stored bytes by kind of file. */
  readonly stored: Readonly<Record<'keys' | 'rows' | 'matches' | 'snapshots', number>>
}

/** What an index holds. */
export async function indexInfo(opened: OpenedIndex): Promise<IndexInfo> {
  const { index, parameters, log, entries } = opened
  const runs = new Map<string, { shards: number; documents: number; kept: number }>()
  for (const logged of log.all()) {
    const run = runs.get(logged.run) ?? { shards: 0, documents: 0, kept: 0 }
    run.shards++
    run.documents += logged.rows
    run.kept += await keptOf(index, logged)
    runs.set(logged.run, run)
  }
  const folders = await snapshotFolders(index)
  const described = await Promise.all(folders.map((folder) => describeSnapshot(index, folder)))
  const finished = described.filter((snapshot) => snapshot !== undefined)
  const list = [...runs].map(([run, counts]) => ({ run, ...counts }))
  return {
    kind: opened.kind,
    parameters,
    runs: list,
    documents: list.reduce((sum, { documents }) => sum + documents, 0),
    kept: list.reduce((sum, { kept }) => sum + kept, 0),
    logEntries: entries.length,
    logKind: opened.logKind,
    snapshot: finished[0] ?? null,
    snapshots: finished.length,
    stored: {
      keys: await sizeOf(index, 'keys/'),
      rows: await sizeOf(index, 'rows/'),
      matches: await sizeOf(index, 'matches/'),
      snapshots: await sizeOf(index, indexLayout.snapshots),
    },
  }
}

async function keptOf(index: ObjectStore, { run, shard, rows }: LoggedShard): Promise<number> {
  const key = indexLayout.matches(run, shard)
  // Decided by the next run, when this one was killed between its line in the log and its pairs.
  if ((await index.head(key)) === undefined) return 0
  const { decision } = await decodeMatches(key, await index.get(key), rows)
  return decision.duplicateOf.reduce((sum, earlier) => sum + (earlier < 0 ? 1 : 0), 0)
}

async function sizeOf(index: ObjectStore, prefix: string): Promise<number> {
  let bytes = 0
  for await (const { size } of index.list(prefix)) bytes += size
  return bytes
}

export interface Compaction {
  readonly removedFiles: number
  readonly removedBytes: number
}

/**
 * Saves the index as it is at the end of its log, so that the next run replays nothing, and removes what no log entry
 * and no newer snapshot needs: older and unfinished snapshots, files of shards that never came into the log.
 */
export async function compactIndex(opened: OpenedIndex): Promise<Compaction> {
  const { index, entries, log } = opened
  if (opened.logKind === 'objects')
    throw new UsageError(
      `${placeOf(index)} is the index of a cluster, whose services keep it compact themselves`,
      'leave it to them',
    )
  const resolver = await LogResolver.open(
    { ...opened, store: index, run: '', snapshotKeys: Number.POSITIVE_INFINITY },
    entries,
  )
  await resolver.close({ snapshot: true })
  const wanted = new Set<string>()
  for (const { run, shard } of log.all())
    for (const { file } of SHARD_FILES) wanted.add(file(run, shard))
  const prefixes = [...SHARD_FILES.map(({ prefix }) => prefix), indexLayout.snapshots]
  const before = await filesUnder(index, prefixes)
  for (const key of before.keys())
    if (!key.startsWith(indexLayout.snapshots) && !wanted.has(key)) await index.delete(key)
  await removeSnapshots(index, (await finishedLast(index)).slice(1))
  const after = await filesUnder(index, prefixes)
  const removed = [...before].filter(([key]) => !after.has(key))
  return {
    removedFiles: removed.length,
    removedBytes: removed.reduce((sum, [, size]) => sum + size, 0),
  }
}

/** The files of a shard in an index. */
const SHARD_FILES = [
  { prefix: 'keys/', file: indexLayout.keyFile },
  { prefix: 'rows/', file: indexLayout.rows },
  { prefix: 'matches/', file: indexLayout.matches },
  { prefix: 'passages/', file: indexLayout.passages },
]

/** Snapshots with the newest finished one first. */
async function finishedLast(index: ObjectStore): Promise<string[]> {
  const folders = await snapshotFolders(index)
  for (const folder of folders)
    if ((await describeSnapshot(index, folder)) !== undefined)
      return [folder, ...folders.filter((other) => other !== folder)]
  return folders
}

async function filesUnder(
  index: ObjectStore,
  prefixes: readonly string[],
): Promise<Map<string, number>> {
  const files = new Map<string, number>()
  for (const prefix of prefixes)
    for await (const { key, size } of index.list(prefix)) files.set(key, size)
  return files
}

/**
 * Puts indexes one after the other into a new one, as if their runs had been made in that order into it: what a later
 * one holds that an earlier one has as well is then a copy. A shard that several hold is taken once.
 *
 * @param append adds a line to the log of `target`, which is empty.
 * @throws UsageError when parameters differ, or two indexes hold another shard under the same name.
 */
export async function mergeIndexes(
  sources: readonly OpenedIndex[],
  target: ObjectStore,
  append: (line: string) => Promise<unknown>,
): Promise<void> {
  const seen = new Map<string, ObjectStore>()
  const entries: OrderLogEntry[] = []
  for (const { index, log } of sources)
    for (const logged of log.all()) {
      const { run, shard } = logged
      const keyFile = indexLayout.keyFile(run, shard)
      const bytes = await index.get(logged.keyFile)
      const before = seen.get(keyFile)
      if (before !== undefined) {
        if (Buffer.compare(await target.get(keyFile), bytes) !== 0)
          throw new UsageError(
            `${before.uri} and ${index.uri} both hold shard ${shard} of run ${run}, with other documents`,
            'one of the runs was made again from other inputs: make it again under another --out',
          )
        continue
      }
      seen.set(keyFile, index)
      for (const file of [indexLayout.rows, indexLayout.passages])
        if ((await index.head(file(run, shard))) !== undefined)
          await target.put(file(run, shard), await index.get(file(run, shard)))
      await target.put(keyFile, bytes)
      const { schema, rows, fingerprint } = logged
      const entry: OrderLogEntry = { schema, run, shard, keyFile, rows, fingerprint }
      await append(encodeLogLine(entry).trimEnd())
      entries.push(entry)
    }
  const resolver = await LogResolver.open(
    {
      ...(sources[0] as OpenedIndex),
      store: target,
      index: target,
      run: '',
      snapshotKeys: Number.POSITIVE_INFINITY,
    },
    entries,
  )
  await resolver.close({ snapshot: true })
}

/** The documents of one shard of an index with what became of them, as Parquet. */
export async function exportShard(
  { index, parameters, log }: OpenedIndex,
  logged: LoggedShard,
): Promise<Uint8Array> {
  const { run, shard, base, rows } = logged
  const key = indexLayout.matches(run, shard)
  if ((await index.head(key)) === undefined)
    throw new CorruptError(
      `shard ${shard} of run ${run} has no verdicts yet`,
      'run `winnow index compact` on the index first',
    )
  const { decision } = await decodeMatches(key, await index.get(key), rows)
  const reader = new RowReader(index)
  const attributes = await dedupAttributes(
    decision,
    parameters,
    (ordinals) => reader.ids(log, ordinals),
    (ordinal) => log.locate(ordinal).run,
  )
  const file = await openParquetObject(index, indexLayout.rows(run, shard))
  const repeat = (value: string): string[] => new Array<string>(rows).fill(value)
  const { labels, metrics } = attributes
  return writeParquet([
    {
      name: 'ordinal',
      kind: 'int64',
      values: Float64Array.from({ length: rows }, (_, row) => base + row),
    },
    { name: 'run', kind: 'strings', values: repeat(run) },
    { name: 'shard', kind: 'strings', values: repeat(shard) },
    { name: 'id', kind: 'utf8', values: await readUtf8Column(file, 'id') },
    { name: 'url', kind: 'strings', values: strings(await readUtf8Column(file, 'url')) },
    { name: 'date', kind: 'strings', values: strings(await readUtf8Column(file, 'date')) },
    {
      name: 'bytes',
      kind: 'int64',
      values: Float64Array.from(await readColumn(file, 'bytes'), Number),
    },
    {
      name: 'kept',
      kind: 'int64',
      values: Float64Array.from(decision.duplicateOf, (earlier) => (earlier < 0 ? 1 : 0)),
    },
    {
      name: 'reason',
      kind: 'strings',
      optional: true,
      values: Array.from(attributes.reasonCode, (code) => attributes.reasons[code] ?? ''),
    },
    { name: 'duplicate_of', kind: 'strings', optional: true, values: labels.duplicate_of ?? [] },
    { name: 'duplicate_run', kind: 'strings', optional: true, values: labels.duplicate_run ?? [] },
    {
      name: 'jaccard_estimate',
      kind: 'double',
      optional: true,
      values: metrics.jaccard_estimate ?? new Float64Array(rows),
    },
  ])
}

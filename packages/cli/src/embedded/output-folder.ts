import { basename, join, resolve } from 'node:path'
import { CorruptError, UsageError } from '@winnow/core'
import type { OrderLogEntry } from '@winnow/dedup'
import { readOrderLog, type StoredLog } from '@winnow/dedup-service'
import type { RunConfig } from '@winnow/runtime'
import { indexLayout, LocalStore, layout, type ObjectStore, placeOf } from '@winnow/storage'
import { LOCK } from './folder-lock.js'
import {
  type InputState,
  PARTS,
  type Part,
  type RunState,
  readState,
  requireSameInputs,
  runNameOf,
  settingDifferences,
  writeState,
} from './run-state.js'

/** What depends on each part of the settings, besides its own attributes: removed when that part is made again. */
const OUTPUTS: Record<Part, readonly string[]> = {
  extract: ['documents/', 'skipped/', 'attributes/extract/'],
  quality: ['attributes/quality/'],
  // What is known of the log's entries goes before the log, and the log before the keys that it names.
  dedup: ['attributes/dedup/', 'index/snapshots/', 'index/matches/', 'index/order.jsonl', 'index/'],
  decontaminate: ['attributes/decontaminate/'],
  clean: ['clean/', 'summaries/', 'dead-letters/', 'clusters/', 'clusters.json'],
}

/** The folder of the duplicate index of a run into `out`. */
export function indexFolderOf(out: string, { dedup }: Pick<RunConfig, 'dedup'>): string {
  return resolve(dedup.index ?? join(out, layout.index))
}

/** The folder of the duplicate index of an output folder that is there. */
export function indexOf(store: ObjectStore, { settings }: RunState): string {
  const { index } = settings.dedup ?? {}
  return typeof index === 'string' ? index : placeOf(store, layout.index)
}

/**
 * Makes the folder ready for a run with these settings: new, or one that an earlier run with the same settings
 * began. With other settings it is refused, or, with `overwrite`, what depends on the changed ones is deleted.
 * Returns the name of the run in the order log, which is `nameRun()` in a new folder.
 */
export async function prepareFolder(
  store: LocalStore,
  wanted: Pick<RunState, 'settings' | 'winnow'> & { inputs: readonly InputState[] },
  overwrite: boolean,
  nameRun: () => Promise<string>,
): Promise<string> {
  await store.removeUnfinished()
  const before = await readState(store)
  let keep = before?.keep
  if (before !== undefined) {
    requireNoCluster(store, before)
    requireSameInputs(before.inputs, wanted.inputs)
    const differences = settingDifferences(before.settings, wanted.settings)
    if (differences.length > 0 && !overwrite)
      throw new UsageError(
        `${store.root} was made with other settings:\n  ${differences.map((d) => d.text).join('\n  ')}`,
        'choose another --out, or add --overwrite to make again what depends on them (the rest is kept)',
      )
    const first = differences[0]
    if (first !== undefined) {
      requireAllInputs(before.inputs, wanted.inputs, store.root)
      await requireOwnIndex(store, before, first.part)
      // Verdicts of a policy outlive a change of what comes after them, so nothing may be deleted here.
      if (PARTS.indexOf(first.part) > PARTS.indexOf('dedup')) await requireNoPolicy(store)
      keep = undefined
      await removeFrom(store, first.part)
    }
  }
  if (before === undefined) await requireNew(store)
  const run = before?.run ?? (await nameRun())
  const known = new Map((before?.inputs ?? []).map((input) => [input.uri, input]))
  for (const input of wanted.inputs) known.set(input.uri, input)
  await writeState(store, {
    schema: 1,
    winnow: wanted.winnow,
    run,
    settings: wanted.settings,
    inputs: [...known.values()],
    ...(keep === undefined ? {} : { keep }),
  })
  return run
}

/** An index that other runs use has these documents for good: they cannot be made again. */
async function requireOwnIndex(store: LocalStore, state: RunState, part: Part): Promise<void> {
  if (PARTS.indexOf(part) > PARTS.indexOf('dedup')) return
  const index = new LocalStore(indexOf(store, state))
  const own = index.root === store.path(layout.index).replace(/\/$/, '')
  if (own && !(await logOf(index)).some(({ run }) => run !== state.run)) return
  throw new UsageError(
    `the documents of this folder are in the shared index ${index.root} already and cannot be made again with other settings`,
    'choose another --out and another --index',
  )
}

/**
 * Names a run in a new folder: after the folder, unless the index knows that name from a run over other shards or with other
 * settings. So a run that lost its folder goes on under its name, and a folder that is used anew gets another one.
 *
 * @param settings what the documents follow from, besides the inputs.
 */
export async function nameRun(
  folder: string,
  index: LocalStore,
  shards: readonly string[],
  settings: unknown,
): Promise<string> {
  const wanted = JSON.stringify(settings)
  const log = await logOf(index)
  const planned = new Set(shards)
  for (let use = 1; ; use++) {
    const name = use === 1 ? runNameOf(folder) : `${runNameOf(folder)}-${use}`
    const known = log.filter(({ run }) => run === name)
    const key = indexLayout.run(name)
    const before =
      (await index.head(key)) === undefined
        ? undefined
        : Buffer.from(await index.get(key)).toString('utf8')
    if (known.length > 0 && before !== wanted) continue
    if (known.some(({ shard }) => !planned.has(shard))) continue
    if (before !== wanted) await index.put(key, Buffer.from(wanted))
    return name
  }
}

async function logOf(index: LocalStore): Promise<readonly OrderLogEntry[]> {
  const log = await readOrderLog(index)
  if (log?.kind === 'objects')
    throw new UsageError(
      `${index.root} is the index of a cluster: only its services add to it`,
      'choose another --index; winnow index merge joins indexes',
    )
  return log?.entries ?? []
}

/** Without state.json nothing tells what a folder's documents were made from. */
async function requireNew(store: LocalStore): Promise<void> {
  for (const prefix of Object.values(OUTPUTS).flat())
    for await (const { key } of store.list(prefix)) {
      if (basename(key) === LOCK) continue
      throw new UsageError(
        `${store.root} holds ${key} but no ${layout.state}, so it is not known what it was made from`,
        'put the file back, or choose another --out',
      )
    }
}

/** What is deleted has to be made again, so every input that the folder was made from must be at hand. */
function requireAllInputs(
  before: readonly InputState[],
  now: readonly InputState[],
  folder: string,
): void {
  const given = new Set(now.map(({ uri }) => uri))
  const absent = before.filter(({ uri }) => !given.has(uri)).map(({ uri }) => uri)
  if (absent.length > 0)
    throw new UsageError(
      `${folder} also holds ${absent.length} input(s) that are not named now, first: ${absent[0]}`,
      'with --overwrite name all of them, since their documents have to be judged again',
    )
}

/**
 * Deletes the outputs of `part` and of every part after it, the last first: interrupted anywhere, what is left is a
 * folder of the old settings with its last steps undone, and the settings are only then replaced.
 */
async function removeFrom(store: LocalStore, part: Part): Promise<void> {
  const parts = PARTS.slice(PARTS.indexOf(part)).reverse()
  for (const key of [layout.run, layout.reportJson, layout.reportHtml]) await store.delete(key)
  for (const prefix of parts.flatMap((name) => OUTPUTS[name]))
    for await (const { key } of store.list(prefix))
      if (basename(key) !== LOCK) await store.delete(key)
}

/** Throws UsageError where `winnow clusters --keep` chose which copies stay: a run would mix its verdicts with those. */
export async function requireNoPolicy(store: LocalStore): Promise<void> {
  const keep = (await readState(store))?.keep
  if (keep === undefined) return
  throw new UsageError(
    `${store.root} keeps the ${keep.policy} of its ${keep.kind}, as winnow clusters made it, and is not finished or gets new inputs`,
    `finish it with winnow clusters ${optionsOf(keep)}, or choose another --out for new inputs`,
  )
}

function optionsOf({
  kind,
  policy,
  metric,
  smallerIsBetter,
}: NonNullable<RunState['keep']>): string {
  const named = metric === undefined ? '' : ` --metric ${metric.stage}/${metric.name}`
  return `--kind ${kind} --keep ${policy}${named}${smallerIsBetter === true ? ' --smallest' : ''}`
}

/** True when all that a run with this configuration writes of a shard is there. */
export async function isDone(
  store: LocalStore,
  index: LocalStore,
  { run, shard }: { run: string; shard: string },
  config: RunConfig,
): Promise<boolean> {
  const { stages, format, decontaminate } = config
  const compared = stages.includes('decontaminate') && decontaminate.benchmarks !== undefined
  const keys = [
    layout.clean(shard, format),
    layout.summary(shard),
    layout.documents(shard),
    layout.skipped(shard),
    layout.attributes('extract', shard),
    ...(stages.includes('quality') ? [layout.attributes('quality', shard)] : []),
    ...(stages.includes('dedup') ? [layout.attributes('dedup', shard)] : []),
    ...(compared ? [layout.attributes('decontaminate', shard)] : []),
  ]
  for (const key of keys) if ((await store.head(key)) === undefined) return false
  return !stages.includes('dedup') || (await isIndexed(index, run, shard))
}

async function isIndexed(index: LocalStore, run: string, shard: string): Promise<boolean> {
  const { keyFile, rows, matches } = indexLayout
  for (const key of [keyFile, rows, matches])
    if ((await index.head(key(run, shard))) === undefined) return false
  return true
}

/**
 * Makes sure that the order log names every shard that was deduplicated here: a lost or shortened log would let the
 * next crawl keep copies of what the folder holds. Returns the log. Throws CorruptError.
 */
export async function requireWholeLog(
  store: ObjectStore,
  index: ObjectStore,
  run: string,
): Promise<StoredLog | undefined> {
  // Before the log: in a cluster both grow meanwhile, and a shard comes into the log first.
  const decided: string[] = []
  for await (const { key } of store.list('attributes/dedup/'))
    decided.push(basename(key, '.parquet'))
  const log = await readOrderLog(index)
  const own = log?.entries.filter((entry) => entry.run === run) ?? []
  const logged = new Set(own.map(({ shard }) => shard))
  const missing = decided.filter((shard) => !logged.has(shard))
  if (missing.length === 0) return log
  const place = placeOf(
    index,
    log?.kind === 'objects' ? indexLayout.orderEntries : indexLayout.orderLog,
  )
  throw new CorruptError(
    `${place} lacks ${missing.length} shard(s) that were deduplicated here, first: ${missing[0]}`,
    log?.kind === 'objects'
      ? 'put the objects back, from earlier versions or a copy of the bucket'
      : `put the file back; or delete ${placeOf(index)}, and attributes/dedup/, attributes/decontaminate/, clean/ and summaries/ in ${placeOf(store)}, and run again with all inputs: nothing is extracted again`,
  )
}

/** An existing output folder of a run on this machine, to be changed. Throws UsageError when no run has written there. */
export async function openFolder(folder: string): Promise<{ store: LocalStore; state: RunState }> {
  const store = new LocalStore(folder)
  const state = await readState(store)
  if (state === undefined) throw noOutput(store)
  requireNoCluster(store, state)
  return { store, state }
}

export function noOutput(store: ObjectStore): UsageError {
  return new UsageError(
    `${placeOf(store)} is no output ${store instanceof LocalStore ? 'folder ' : ''}of winnow: it has no ${layout.state}`,
    store instanceof LocalStore
      ? 'give the folder that was --out of a run'
      : 'give the prefix of a run that was fed, s3://BUCKET/PREFIX/runs/NAME',
  )
}

/** What the services of a cluster write is theirs to change. */
function requireNoCluster(store: LocalStore, { index }: RunState): void {
  if (index === undefined) return
  throw new UsageError(
    `${store.root} is written by the services of a cluster`,
    'choose another --out; report, explain, verify and budget can read it',
  )
}

import { strings, UsageError, Verdict } from '@winnow/core'
import {
  type DedupParameters,
  DUPLICATE_OF,
  DUPLICATE_RUN,
  decodeKeyFile,
  decodeLog,
  dedupAttributes,
  dedupParameters,
  OrderLog,
  type StoredShard,
  type VerifyReport,
  verifyDedup,
} from '@winnow/dedup'
import { decodeMatches, RowReader } from '@winnow/dedup-service'
import {
  decodeAttributes,
  indexLayout,
  LocalStore,
  layout,
  openParquetObject,
  readUtf8Column,
} from '@winnow/storage'
import { indexOf, openFolder, requireWholeLog } from '../embedded/output-folder.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { Console, type OutputMode } from '../terminal/console.js'
import { formatCount } from '../terminal/numbers.js'

const MOST_SHOWN = 20

/** `winnow verify`: recomputes every deduplication verdict from the order log, naively, and compares. */
export async function verify(args: { out: string; output: OutputMode }): Promise<ExitCode> {
  const { store, state } = await openFolder(args.out)
  const console = new Console(args.output)
  const index = new LocalStore(indexOf(store, state))
  if ((await index.head(indexLayout.orderLog)) === undefined)
    throw new UsageError(
      `${store.root} has no order log: no run deduplicated here`,
      'run with the dedup stage first',
    )
  const { profile, index: shared, ...stored } = state.settings.dedup ?? {}
  const parameters = dedupParameters('default', stored as Partial<DedupParameters>)
  await requireWholeLog(store, index, state.run)
  const unresolved: string[] = []
  // Under a policy the attributes say who was chosen; what the log gives is then in the stored pairs alone.
  const own = state.keep === undefined ? state.run : ''
  const shards = storedShards({ store, index, run: own, parameters }, unresolved)
  const naive = await verifyDedup(shards, parameters)
  const report = state.keep === undefined ? naive : await underPolicy(naive, store)
  for (const shard of unresolved)
    console.problem(
      `shard ${shard} is in the log but has no verdicts: run the same command again first`,
    )
  const sound = report.sound && unresolved.length === 0
  const lines = [
    `${formatCount(report.documents)} documents in the order log: ${formatCount(report.kept)} kept, ${formatCount(report.dropped)} dropped as duplicates`,
    `${formatCount(report.disagreements.length)} verdicts differ from the naive recomputation`,
    `${formatCount(report.lost.length)} documents dropped without a kept original`,
    `${formatCount(report.keptCopies.length)} kept although the keys show an earlier kept copy`,
    sound ? 'The stored verdicts are sound.' : 'The stored verdicts are NOT sound.',
  ]
  for (const { shard, row, id, expected, stored } of report.disagreements.slice(0, MOST_SHOWN))
    console.problem(`${id} (shard ${shard}, row ${row}): stored ${stored}, expected ${expected}`)
  for (const id of report.lost.slice(0, MOST_SHOWN)) console.problem(`${id}: no original was kept`)
  for (const [later, earlier] of report.keptCopies.slice(0, MOST_SHOWN))
    console.problem(`${later}: a copy of ${earlier}, both kept`)
  console.result({ text: `${lines.join('\n')}\n`, json: report })
  return sound ? EXIT.done : EXIT.failed
}

/** What a policy promises, in place of what the log promises: whoever was dropped names a document that stayed. */
async function underPolicy(naive: VerifyReport, store: LocalStore): Promise<VerifyReport> {
  const stayed = new Set<string>()
  const named: { id: string; original: string }[] = []
  for await (const { key } of store.list('attributes/dedup/')) {
    const ids = strings(await readUtf8Column(await openParquetObject(store, key), 'id'))
    const { verdict, labels } = await decodeAttributes(key, await store.get(key))
    for (const [row, id] of ids.entries()) {
      if (verdict[row] === Verdict.keep || verdict[row] === Verdict.cut) stayed.add(id)
      else if (verdict[row] === Verdict.drop && !labels[DUPLICATE_RUN]?.[row])
        named.push({ id, original: labels[DUPLICATE_OF]?.[row] ?? '' })
    }
  }
  const lost = named.filter(({ original }) => !stayed.has(original)).map(({ id }) => id)
  return {
    ...naive,
    kept: stayed.size,
    dropped: naive.documents - stayed.size,
    lost,
    sound: naive.disagreements.length === 0 && lost.length === 0,
  }
}

interface Stored {
  readonly store: LocalStore
  readonly index: LocalStore
  readonly run: string
  readonly parameters: DedupParameters
}

/**
 * The shards of the log with what is stored of each: of this run its attributes, of other runs the pairs in the index.
 * It ends at the first of this run that has no verdicts, which is named in `unresolved`.
 */
async function* storedShards(stored: Stored, unresolved: string[]): AsyncIterable<StoredShard> {
  const { store, index, run } = stored
  const log = new OrderLog()
  for (const entry of decodeLog(await index.get(indexLayout.orderLog)).entries) {
    const { shard } = entry
    if (log.append(entry) === undefined) continue
    const keyFile = decodeKeyFile(await index.get(entry.keyFile))
    if (entry.run !== run) {
      yield await shardOfEarlierRun(stored, log, entry.run, shard, keyFile)
      continue
    }
    const key = layout.attributes('dedup', shard)
    if ((await store.head(key)) === undefined) {
      unresolved.push(shard)
      return
    }
    const documents = await openParquetObject(store, layout.documents(shard))
    yield {
      shard,
      keyFile,
      ids: strings(await readUtf8Column(documents, 'id')),
      attributes: await decodeAttributes(key, await store.get(key)),
    }
  }
}

/** Of another run the index knows the rows that were signed, and no others. */
async function shardOfEarlierRun(
  { index, parameters }: Stored,
  log: OrderLog,
  run: string,
  shard: string,
  keyFile: StoredShard['keyFile'],
): Promise<StoredShard> {
  const key = indexLayout.matches(run, shard)
  const rows = new RowReader(index)
  const { rows: count } = keyFile.header
  const { decision } = await decodeMatches(key, await index.get(key), count)
  const documentRow = Uint32Array.from({ length: count }, (_, row) => row)
  return {
    shard: `${run}/${shard}`,
    keyFile: { ...keyFile, table: { ...keyFile.table, documentRow } },
    ids: strings(await rows.idsOf(run, shard)),
    attributes: await dedupAttributes(decision, parameters, (ordinals) => rows.ids(log, ordinals)),
  }
}

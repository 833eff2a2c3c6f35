import { strings, UsageError } from '@winnow/core'
import {
  type DedupParameters,
  decodeKeyFile,
  decodeLog,
  dedupParameters,
  type StoredShard,
  verifyDedup,
} from '@winnow/dedup'
import {
  decodeAttributes,
  type LocalStore,
  layout,
  openParquetObject,
  readUtf8Column,
} from '@winnow/storage'
import { openFolder, requireWholeLog } from '../embedded/output-folder.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { Console, type OutputMode } from '../terminal/console.js'
import { formatCount } from '../terminal/numbers.js'

const MOST_SHOWN = 20

/** `winnow verify`: recomputes every deduplication verdict from the order log, naively, and compares. */
export async function verify(args: { out: string; output: OutputMode }): Promise<ExitCode> {
  const { store, state } = await openFolder(args.out)
  const console = new Console(args.output)
  if ((await store.head(layout.orderLog)) === undefined)
    throw new UsageError(
      `${store.root} has no order log: no run deduplicated here`,
      'run with the dedup stage first',
    )
  const { profile, ...stored } = state.settings.dedup ?? {}
  const parameters = dedupParameters('default', stored as Partial<DedupParameters>)
  await requireWholeLog(store)
  const unresolved: string[] = []
  const report = await verifyDedup(storedShards(store, unresolved), parameters)
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

/** The shards of the log with what is stored of each. It ends at the first that has no verdicts, which is named in `unresolved`. */
async function* storedShards(store: LocalStore, unresolved: string[]): AsyncIterable<StoredShard> {
  for (const { shard, keyFile } of decodeLog(await store.get(layout.orderLog)).entries) {
    const key = layout.attributes('dedup', shard)
    if ((await store.head(key)) === undefined) {
      unresolved.push(shard)
      return
    }
    const documents = await openParquetObject(store, layout.documents(shard))
    yield {
      shard,
      keyFile: decodeKeyFile(await store.get(keyFile)),
      ids: strings(await readUtf8Column(documents, 'id')),
      attributes: await decodeAttributes(key, await store.get(key)),
    }
  }
}

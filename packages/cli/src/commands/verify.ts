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
import { openFolder } from '../embedded/output-folder.js'
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
  const report = await verifyDedup(storedShards(store, console), parameters)
  const lines = [
    `${formatCount(report.documents)} documents in the order log: ${formatCount(report.kept)} kept, ${formatCount(report.dropped)} dropped as duplicates`,
    `${formatCount(report.disagreements.length)} verdicts differ from the naive recomputation`,
    `${formatCount(report.lost.length)} documents dropped without a kept original`,
    `${formatCount(report.keptCopies.length)} kept although the keys show an earlier kept copy`,
    report.sound ? 'The stored verdicts are sound.' : 'The stored verdicts are NOT sound.',
  ]
  for (const { shard, row, id, expected, stored } of report.disagreements.slice(0, MOST_SHOWN))
    console.problem(`${id} (shard ${shard}, row ${row}): stored ${stored}, expected ${expected}`)
  for (const id of report.lost.slice(0, MOST_SHOWN)) console.problem(`${id}: no original was kept`)
  for (const [later, earlier] of report.keptCopies.slice(0, MOST_SHOWN))
    console.problem(`${later}: a copy of ${earlier}, both kept`)
  console.result({ text: `${lines.join('\n')}\n`, json: report })
  return report.sound ? EXIT.done : EXIT.failed
}

/** The shards of the log with what is stored of each. Shards that are not resolved yet are named and left out. */
async function* storedShards(store: LocalStore, console: Console): AsyncIterable<StoredShard> {
  for (const { shard, keyFile } of decodeLog(await store.get(layout.orderLog)).entries) {
    const key = layout.attributes('dedup', shard)
    if ((await store.head(key)) === undefined) {
      console.warn(
        `shard ${shard} is in the log but not resolved yet: run the same command again first`,
      )
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

import { fingerprint } from '@winnow/dedup'
import { indexInfo, openIndex } from '@winnow/dedup-service'
import { openPlace } from '../embedded/output.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { Console, type OutputMode } from '../terminal/console.js'
import { formatBytes, formatCount, formatShare } from '../terminal/numbers.js'

/** `winnow index info`: what a duplicate index holds. */
export async function info(args: {
  folder: string
  cluster?: string | undefined
  output: OutputMode
}): Promise<ExitCode> {
  const found = await indexInfo(await openIndex(await openPlace(args.folder, args.cluster)))
  const { snapshot, stored } = found
  const widest = Math.max(3, ...found.runs.map(({ run }) => run.length))
  const runs = found.runs.map(
    ({ run, shards, documents, kept }) =>
      `  ${run.padEnd(widest)}  ${formatCount(shards).padStart(8)} shards ${formatCount(documents).padStart(14)} documents ${formatCount(kept).padStart(14)} kept (${formatShare(kept, documents)})`,
  )
  const lines = [
    `kind         ${found.kind}`,
    `parameters   ${fingerprint(found.parameters)}`,
    `documents    ${formatCount(found.documents)}, ${formatCount(found.kept)} kept, in ${formatCount(found.logEntries)} log entries`,
    found.logKind === 'objects'
      ? 'snapshot     each worker of the cluster has its own'
      : snapshot === null
        ? 'snapshot     none: the next run replays the log'
        : `snapshot     of log entry ${formatCount(snapshot.entries)}: ${formatCount(snapshot.keys)} keys, ${formatBytes(snapshot.memoryBytes)} of memory; the next run replays ${formatCount(found.logEntries - snapshot.entries)} entries`,
    `stored       keys and sketches ${formatBytes(stored.keys)}, ids and URLs ${formatBytes(stored.rows)}, pairs ${formatBytes(stored.matches)}, snapshots ${formatBytes(stored.snapshots)}`,
    'runs, in the order of the log',
    ...runs,
  ]
  new Console(args.output).result({ text: `${lines.join('\n')}\n`, json: found })
  return EXIT.done
}

import { UsageError } from '@winnow/core'
import { exportShard, openIndex } from '@winnow/dedup-service'
import { LocalStore } from '@winnow/storage'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { Console, type OutputMode } from '../terminal/console.js'
import { formatCount } from '../terminal/numbers.js'

/** `winnow index export`: every document of an index and what became of it, one Parquet file a shard. */
export async function exportIndex(args: {
  folder: string
  out: string
  output: OutputMode
}): Promise<ExitCode> {
  const opened = await openIndex(new LocalStore(args.folder))
  const target = new LocalStore(args.out)
  for await (const { key } of target.list(''))
    throw new UsageError(`${target.root} holds ${key} already`, 'give a new or empty folder')
  let documents = 0
  for (const logged of opened.log.all()) {
    await target.put(`${logged.run}-${logged.shard}.parquet`, await exportShard(opened, logged))
    documents += logged.rows
  }
  new Console(args.output).result({
    text: `${formatCount(documents)} documents in ${formatCount(opened.log.all().length)} files: ${target.path('*.parquet')}\n`,
    json: { documents, files: opened.log.all().length, out: target.root },
  })
  return EXIT.done
}

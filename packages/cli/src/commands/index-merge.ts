import { FileLog } from '@winnow/bus'
import { UsageError } from '@winnow/core'
import { indexInfo, mergeIndexes, openIndex, requireParameters } from '@winnow/dedup-service'
import { indexLayout, LocalStore } from '@winnow/storage'
import { lockFolder } from '../embedded/folder-lock.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { Console, type OutputMode } from '../terminal/console.js'
import { formatCount } from '../terminal/numbers.js'

/** `winnow index merge`: several indexes as one, as if their runs had been made into it one after the other. */
export async function merge(args: {
  folders: readonly string[]
  out: string
  output: OutputMode
}): Promise<ExitCode> {
  const sources = []
  for (const folder of args.folders) sources.push(await openIndex(new LocalStore(folder)))
  const target = new LocalStore(args.out)
  for await (const { key } of target.list(''))
    throw new UsageError(`${target.root} holds ${key} already`, 'give a new or empty folder')
  const [first] = sources
  if (first === undefined) throw new UsageError('there is no index to merge', 'name at least one')
  for (const { index } of sources) await requireParameters(index, first)
  const unlock = await lockFolder(target.root)
  try {
    const log = await FileLog.open(target.path(indexLayout.orderLog))
    try {
      await mergeIndexes(sources, target, (line) => log.append(line))
    } finally {
      await log.close()
    }
    // Last: without it the folder is no index.
    await requireParameters(target, first, { begun: true })
    const before = await Promise.all(sources.map((source) => indexInfo(source)))
    const after = await indexInfo(await openIndex(target))
    const kept = before.reduce((sum, { kept }) => sum + kept, 0)
    new Console(args.output).result({
      text: `${formatCount(after.documents)} documents in ${target.root}: ${formatCount(after.kept)} kept; ${formatCount(kept - after.kept)} that one of the indexes had kept are copies across them.\n`,
      json: { ...after, keptBefore: kept },
    })
    return EXIT.done
  } finally {
    await unlock()
  }
}

import { compactIndex, openIndex } from '@winnow/dedup-service'
import { LocalStore } from '@winnow/storage'
import { lockFolder } from '../embedded/folder-lock.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { Console, type OutputMode } from '../terminal/console.js'
import { formatBytes, formatCount } from '../terminal/numbers.js'

/** `winnow index compact`: saves the index at the end of its log and removes what nothing needs any more. */
export async function compact(args: { folder: string; output: OutputMode }): Promise<ExitCode> {
  const index = new LocalStore(args.folder)
  await openIndex(index)
  const unlock = await lockFolder(index.root)
  try {
    await index.removeUnfinished()
    const done = await compactIndex(await openIndex(index))
    new Console(args.output).result({
      text: `The index is saved at its end; ${formatCount(done.removedFiles)} files (${formatBytes(done.removedBytes)}) removed.\n`,
      json: done,
    })
    return EXIT.done
  } finally {
    await unlock()
  }
}

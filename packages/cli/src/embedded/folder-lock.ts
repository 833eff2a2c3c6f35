import { randomBytes } from 'node:crypto'
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { UsageError } from '@winnow/core'
import { ensureFolder } from '@winnow/storage'

/** Name of the lock in a folder. */
export const LOCK = '.lock'

/**
 * Keeps two runs out of one folder. The lock names its process; one whose process is gone (kill -9) is taken over.
 * Returns the function that gives the lock back. Throws UsageError when another run has it.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  await ensureFolder(folder)
  const path = join(folder, LOCK)
  // Written whole under another name and then linked, the lock is never seen half.
  const own = `${path}.${randomBytes(6).toString('hex')}`
  await writeFile(own, JSON.stringify({ ...(await identify(process.pid)), host: hostname() }))
  try {
    for (;;) {
      try {
        await link(own, path)
        return () => rm(path, { force: true })
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
        await removeStale(path, folder)
      }
    }
  } finally {
    await rm(own, { force: true })
  }
}

/** Locks several folders, or none: those locked before one that is in use are given back. */
export async function lockFolders(folders: readonly string[]): Promise<() => Promise<void>> {
  const held: (() => Promise<void>)[] = []
  const unlock = async (): Promise<void> => {
    for (const release of held.splice(0).reverse()) await release()
  }
  try {
    for (const folder of folders) held.push(await lockFolder(folder))
  } catch (error) {
    await unlock()
    throw error
  }
  return unlock
}

async function removeStale(path: string, folder: string): Promise<void> {
  const text = await readFile(path, 'utf8').catch(() => '')
  const holder = parseHolder(text)
  if (holder !== undefined) {
    const elsewhere = holder.host !== hostname()
    const alive = elsewhere || (await identify(holder.pid)).started === holder.started
    if (alive && (elsewhere || isRunning(holder.pid)))
      throw new UsageError(
        `another run (process ${holder.pid} on ${holder.host}) is writing to ${folder}`,
        elsewhere
          ? `wait for it, or delete ${path} if it is gone`
          : 'wait for it, or choose another --out',
      )
  }
  await takeAway(path, text)
}

/** Removes the lock that was read. Should another run have replaced it in between, its lock is put back. */
async function takeAway(path: string, text: string): Promise<void> {
  const aside = `${path}.${randomBytes(6).toString('hex')}`
  try {
    await rename(path, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  const taken = await readFile(aside, 'utf8')
  if (taken !== text) await link(aside, path).catch(() => {})
  await rm(aside, { force: true })
}

interface Holder {
  readonly pid: number
  readonly started: string
  readonly host: string
}

function parseHolder(text: string): Holder | undefined {
  try {
    const { pid, started, host } = JSON.parse(text) as Partial<Holder>
    if (typeof pid === 'number' && typeof started === 'string' && typeof host === 'string')
      return { pid, started, host }
  } catch {
    // A torn lock file was written by a process that died: it is stale.
  }
  return undefined
}

/** The start time tells a process from a later one with the same number; where there is no /proc it stays empty. */
async function identify(pid: number): Promise<{ pid: number; started: string }> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const afterName = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return { pid, started: afterName[19] ?? '' }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

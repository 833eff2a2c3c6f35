import { mkdir, open, readFile, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { UsageError } from '@winnow/core'

const LOCK = '.lock'

/**
 * Keeps two runs out of one folder. The lock names its process; one whose process is gone (kill -9) is taken over.
 * Returns the function that gives the lock back. Throws UsageError when another run has it.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, LOCK)
  for (;;) {
    try {
      const file = await open(path, 'wx')
      await file.writeFile(JSON.stringify({ ...(await identify(process.pid)), host: hostname() }))
      await file.close()
      return () => rm(path, { force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      await removeStale(path, folder)
    }
  }
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
  await rm(path, { force: true })
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

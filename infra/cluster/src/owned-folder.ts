import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isAlive } from './processes.js'

/**
 * A new temporary folder `NAME-PID-…` of this process. What processes that were killed left of the same name is
 * removed: their servers ended with them.
 */
export function ownedFolder(name: string): string {
  for (const entry of readdirSync(tmpdir())) {
    const owner = new RegExp(`^${name}-(\\d+)-`).exec(entry)?.[1]
    if (owner !== undefined && !isAlive(Number(owner)))
      rmSync(join(tmpdir(), entry), { recursive: true, force: true })
  }
  return mkdtempSync(join(tmpdir(), `${name}-${process.pid}-`))
}

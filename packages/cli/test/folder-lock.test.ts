import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { lockFolder } from '../src/embedded/folder-lock.js'

const folder = mkdtempSync(join(tmpdir(), 'winnow-lock-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the lock of an output folder', () => {
  it('keeps a second run out, and is given back', async () => {
    const unlock = await lockFolder(folder)
    await expect(lockFolder(folder)).rejects.toThrow(/another run \(process \d+/)
    await unlock()
    await (await lockFolder(folder))()
    expect(existsSync(join(folder, '.lock'))).toBe(false)
  })

  it('of a process that was killed is taken over, also when its number was given out again', async () => {
    const lock = join(folder, '.lock')
    for (const text of [
      '',
      '{"pid":',
      JSON.stringify({ pid: 2 ** 22 + 1, started: '1', host: hostname() }),
      JSON.stringify({ pid: process.pid, started: '1', host: hostname() }),
    ]) {
      writeFileSync(lock, text)
      await (await lockFolder(folder))()
    }
  })
})

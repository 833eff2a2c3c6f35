import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FileLog } from '../src/index.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'winnow-log-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function entries(log: FileLog, from = 0): Promise<string[]> {
  const out: string[] = []
  for await (const { value } of log.read(from)) out.push(value)
  return out
}

describe('file log', () => {
  it('keeps its order over a restart', async () => {
    const path = join(folder, 'index', 'order.jsonl')
    const log = await FileLog.open(path)
    expect(await log.append('a')).toBe(0)
    expect(await log.append('b')).toBe(1)
    await log.close()
    const again = await FileLog.open(path)
    expect(await again.append('c')).toBe(2)
    expect(await entries(again)).toEqual(['a', 'b', 'c'])
    expect(await entries(again, 2)).toEqual(['c'])
    await again.close()
  })

  it('a line torn by a crash does not count and does not spoil the next one', async () => {
    const path = join(folder, 'order.jsonl')
    const log = await FileLog.open(path)
    await log.append('a')
    await log.close()
    await appendFile(path, '{"half":')
    const again = await FileLog.open(path)
    expect(await entries(again)).toEqual(['a'])
    await again.append('b')
    await again.close()
    expect(await readFile(path, 'utf8')).toBe('a\nb\n')
  })

  it('refuses an entry that is no single line', async () => {
    const log = await FileLog.open(join(folder, 'order.jsonl'))
    await expect(log.append('a\nb')).rejects.toThrow(RangeError)
    await expect(log.append('')).rejects.toThrow(RangeError)
    await log.close()
  })
})

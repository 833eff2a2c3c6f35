import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fixtureCrawl } from '../fixtures/crawl.js'
import { randomNumbers } from '../fixtures/english.js'
import { cleanShards, winnow } from '../fixtures/winnow.js'

let folder: string
let crawl: string
let expected: Record<string, string>
let milliseconds: number

const args = (out: string) => ['run', crawl, '--out', out, '--split-size', '8KB', '--workers', '2']

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'winnow-crash-'))
  crawl = join(folder, 'crawl.warc.gz')
  writeFileSync(crawl, fixtureCrawl(60).bytes)
  const started = performance.now()
  const finished = await winnow(args(join(folder, 'expected')))
  milliseconds = performance.now() - started
  expect(finished.code, finished.stderr).toBe(0)
  expected = cleanShards(join(folder, 'expected'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a run that is interrupted', () => {
  it('ten times by kill -9 at any moment, and begun again, gives the same bytes', async () => {
    const out = join(folder, 'killed')
    const random = randomNumbers(Date.now())
    let killed = 0
    for (let round = 0; round < 10; round++) {
      const { code } = await winnow(args(out), { killAfter: 100 + random() * milliseconds * 0.9 })
      if (code === null) killed++
    }
    const last = await winnow(args(out))
    expect(last.code, last.stderr).toBe(0)
    expect(killed).toBeGreaterThan(0)
    expect(cleanShards(out)).toEqual(expected)
    expect((await winnow(['verify', '--out', out])).code).toBe(0)
  })

  it('by SIGTERM stops on its own, says so, and goes on with the next command', async () => {
    const out = join(folder, 'stopped')
    const stopped = await winnow(args(out), { killAfter: milliseconds / 2, signal: 'SIGTERM' })
    expect([0, 1]).toContain(stopped.code)
    if (stopped.code === 1) expect(stopped.stderr).toContain('run the same command again')
    expect((await winnow(args(out))).code).toBe(0)
    expect(cleanShards(out)).toEqual(expected)
  })
})

const disk = spawnSync('sh', ['-c', 'command -v mount && test "$(id -u)" = 0']).status === 0

describe.skipIf(!disk)('a full disk (needs root to mount a small one)', () => {
  it('is named, ends with exit code 1, and the run goes on once there is room', async () => {
    const small = join(folder, 'small')
    mkdirSync(small)
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=150k', 'tmpfs', small])
    if (mounted.status !== 0) {
      console.log('skipped: this machine does not let a test mount a disk')
      return
    }
    try {
      const out = join(small, 'out')
      const full = await winnow(args(out))
      expect(full.code).toBe(1)
      expect(full.stderr).toMatch(/no space left on the device/)
      spawnSync('mount', ['-o', 'remount,size=200m', small])
      const resumed = await winnow(args(out))
      expect(resumed.code, resumed.stderr).toBe(0)
      expect(cleanShards(out)).toEqual(expected)
    } finally {
      spawnSync('umount', [small])
    }
  })
})

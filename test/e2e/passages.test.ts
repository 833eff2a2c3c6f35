import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCleanRows } from '../fixtures/clean-reader.js'
import { englishParagraphs } from '../fixtures/english.js'
import { winnow } from '../fixtures/winnow.js'

const NOTICE = 'We use cookies to make this site better for you.'
const text = (n: number): string => [NOTICE, ...englishParagraphs(n), `${NOTICE} `].join('\n\n')

let folder: string
let first: string
let second: string

const jsonl = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => {
    const n = from + i
    return `${JSON.stringify({ id: `d${n}`, url: `https://h${n % 3}.example/${n}`, text: text(n) })}\n`
  }).join('')

const run = async (input: string[], out: string, ...extra: string[]) => {
  const args = ['run', ...input, '--out', join(folder, out), '--stages', 'extract,dedup']
  const done = await winnow([...args, '--split-size', '8KB', '--workers', '2', ...extra])
  expect(done.code, done.stderr).toBe(0)
}
const rows = async (out: string) =>
  (await readCleanRows(join(folder, out))).sort((a, b) => String(a.id).localeCompare(String(b.id)))
const notices = async (out: string) =>
  (await rows(out)).filter((row) => row.text?.includes(NOTICE)).length

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'winnow-passages-'))
  first = join(folder, 'first.jsonl')
  second = join(folder, 'second.jsonl')
  writeFileSync(first, jsonl(0, 20))
  writeFileSync(second, jsonl(20, 40))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('lines that stand in earlier documents', () => {
  it('are cut but for the first, are explained, and a second look agrees', async () => {
    await run([first, second], 'all', '--passages', 'line')
    expect((await rows('all')).length).toBe(40)
    expect(await notices('all')).toBe(1)
    const explained = await winnow(['explain', 'd30', '--out', join(folder, 'all')])
    expect(explained.stdout).toMatch(/duplicate_line/)
    expect(explained.stdout).toContain(`- ${NOTICE}`)
    const verified = await winnow(['verify', '--out', join(folder, 'all')])
    expect(verified.code, verified.stdout).toBe(0)
    expect(verified.stdout).toMatch(/lines were seen before/)
  })

  it('are cut in the next run into the same index as in one run, from a snapshot too', async () => {
    const often = join(folder, 'often.yaml')
    writeFileSync(often, 'dedup: { snapshotKeys: 50 }\n')
    const index = ['--index', join(folder, 'index'), '--passages', 'line', '--config', often]
    await run([first], 'a', ...index)
    await run([second], 'b', ...index)
    expect([...(await rows('a')), ...(await rows('b'))].map(({ text }) => text).sort()).toEqual(
      (await rows('all')).map(({ text }) => text).sort(),
    )
    rmSync(join(folder, 'b'), { recursive: true })
    await run([second], 'b', ...index)
    expect(await notices('b')).toBe(0)
    const verified = await winnow(['verify', '--out', join(folder, 'b')])
    expect(verified.code, verified.stdout).toBe(0)
  })

  it('count by host where that is wanted', async () => {
    const config = join(folder, 'host.yaml')
    writeFileSync(config, 'dedup: { passages: { unit: line, scope: host } }\n')
    await run([first, second], 'hosts', '--config', config)
    expect(await notices('hosts')).toBe(3)
  })

  it('an index without them is not mixed with one that has them', async () => {
    const args = ['run', first, '--out', join(folder, 'c'), '--index', join(folder, 'index')]
    const done = await winnow([...args, '--stages', 'extract,dedup'])
    expect(done.code).toBe(2)
    expect(done.stderr).toMatch(/passages/)
  })
})

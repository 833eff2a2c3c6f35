import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pseudoPage, pseudoTexts } from '../bench/pseudo-text.js'
import { responseRecord, warcGz } from '../fixtures/warc-writer.js'
import { winnow } from '../fixtures/winnow.js'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'winnow-code-cache-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('code cache', () => {
  it('V8 takes the code that the build stored, in the main thread and in workers', async () => {
    const records = pseudoTexts(50_000).map((text, i) =>
      responseRecord(`https://example.org/${i}`, pseudoPage(text, `Page ${i}`)),
    )
    const input = join(folder, 'crawl.warc.gz')
    await writeFile(input, warcGz(records))
    const { code, stderr } = await winnow(['run', input, '--out', join(folder, 'out')], {
      env: { WINNOW_CODE_CACHE: 'report' },
    })
    expect(code).toBe(0)
    const lines = stderr.split('\n').filter((line) => line.startsWith('code cache: '))
    expect(lines).toContain('code cache: taken main.cjs.main')
    expect(lines).toContain('code cache: taken worker.cjs.worker')
    expect(lines.filter((line) => line.includes('compiled'))).toEqual([])
  })
})

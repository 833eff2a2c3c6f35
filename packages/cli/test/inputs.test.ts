import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { expandInputs } from '../src/inputs.js'

const folder = mkdtempSync(join(tmpdir(), 'winnow-inputs-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const path = (name: string) => join(folder, name)
for (const name of ['b.warc.gz', 'a.warc.gz', 'c.jsonl', 'odd [1].jsonl'])
  writeFileSync(path(name), 'x')
mkdirSync(path('segments'))
writeFileSync(path('segments/d.warc.gz'), 'x')

describe('inputs', () => {
  it('are files in the order given and globs in the order of their names, each once', async () => {
    expect(await expandInputs([path('c.jsonl'), path('*.warc.gz'), path('a.warc.gz')])).toEqual(
      ['c.jsonl', 'a.warc.gz', 'b.warc.gz'].map(path),
    )
  })

  it('a file whose name looks like a glob is that file', async () => {
    expect(await expandInputs([path('odd [1].jsonl')])).toEqual([path('odd [1].jsonl')])
  })

  it('a list of paths stands for its files, relative to its own folder', async () => {
    writeFileSync(path('warc.paths.gz'), gzipSync('segments/d.warc.gz\n\na.warc.gz\n'))
    expect(await expandInputs([path('warc.paths.gz')])).toEqual(
      ['segments/d.warc.gz', 'a.warc.gz'].map(path),
    )
  })

  it('every argument that stands for nothing is named at once', async () => {
    writeFileSync(path('bad.paths'), 'nowhere.warc.gz\n')
    const wanted = expandInputs([path('none'), path('segments'), path('*.wet'), path('bad.paths')])
    await expect(wanted).rejects.toThrow(
      /none does not exist\n.*segments is a folder.*\nno file matches .*\n.*nowhere\.warc\.gz/,
    )
  })
})

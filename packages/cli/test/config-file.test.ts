import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../src/config-file.js'

const folder = mkdtempSync(join(tmpdir(), 'winnow-config-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function file(text: string): string {
  const path = join(folder, 'winnow.yaml')
  writeFileSync(path, text)
  return path
}

describe('winnow.yaml', () => {
  it('gives defaults for what it does not say, and the command line wins over it', async () => {
    const path = file('format: jsonl\nworkers: 3\ninput:\n  splitBytes: 2MiB\n')
    const config = await loadConfig(path, { workers: 5, input: { textField: 'body' } })
    expect(config).toMatchObject({
      format: 'jsonl',
      workers: 5,
      input: { splitBytes: 2 * 2 ** 20, textField: 'body' },
      dedup: { profile: 'default' },
    })
  })

  const wrong: [string, string, RegExp][] = [
    [
      'an unknown setting',
      'format: parquet\nworker: 2\n',
      /winnow\.yaml:2: worker: there is no such setting/,
    ],
    [
      'a value that is not allowed',
      'dedup:\n  profile: fast\n',
      /:2: dedup\.profile: must be one of default, fineweb, lee, strict/,
    ],
    ['a number out of range', 'workers: 0\n', /:1: workers: must be at least 1/],
    ['a wrong type', 'quality:\n  languages: en\n', /:2: quality\.languages: must be a list/],
    ['broken YAML', 'a: [1,\nb: 2\n', /winnow\.yaml:\d+:/],
    ['a list in place of settings', '- a\n', /must be a mapping/],
  ]
  for (const [name, text, message] of wrong)
    it(`${name} is refused with its line and what is allowed`, async () => {
      await expect(loadConfig(file(text), {})).rejects.toThrow(message)
    })

  it('a missing file is named', async () => {
    await expect(loadConfig(join(folder, 'none.yaml'), {})).rejects.toThrow(/none\.yaml/)
  })
})

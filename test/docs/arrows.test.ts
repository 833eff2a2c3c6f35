import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const WRONG = {
  'packages/core/src/a.ts': '@winnow/kernel',
  'packages/quality/src/b.ts': '@winnow/storage',
  'packages/dedup/src/c.ts': '@winnow/runtime/worker',
  'packages/crawl/src/d.ts': '../../storage/src/local-store.js',
  'packages/runtime/src/e.ts': '@winnow/dedup',
  'services/extractor/src/f.ts': '@winnow/cli',
}
const RIGHT = {
  'packages/dedup/src/g.ts': '@winnow/kernel',
  'packages/runtime/src/h.ts': '@winnow/core/messages',
  'services/dedup/src/i.ts': '@winnow/bus',
  'packages/cli/src/j.ts': '@winnow/extractor',
}

let folder: string
let said: string

/** The project's lint over files of one import each, in a folder of their own. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'winnow-arrows-'))
  cpSync(join(root, 'biome.json'), join(folder, 'biome.json'))
  for (const [path, target] of Object.entries({ ...WRONG, ...RIGHT })) {
    mkdirSync(join(folder, dirname(path)), { recursive: true })
    writeFileSync(join(folder, path), `import { x } from '${target}'\n\nexport const y = x\n`)
  }
  const biome = join(root, 'node_modules/.bin/biome')
  const args = ['lint', '--vcs-enabled=false', '--max-diagnostics=none', '.']
  const { stdout, stderr } = spawnSync(biome, args, { cwd: folder, encoding: 'utf8' })
  said = stdout + stderr
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('imports go down only', () => {
  for (const [path, target] of Object.entries(WRONG))
    it(`the lint refuses ${target} in ${dirname(path)}`, () => {
      expect(said).toMatch(new RegExp(`${path}:1:\\d+ lint/style/noRestrictedImports`))
    })

  it('and lets those that are right pass', () => {
    for (const path of Object.keys(RIGHT)) expect(said).not.toContain(path)
  })
})

import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'

/** Modules that a source file loads at once, types and `import()` left out. */
async function loadedBy(file: URL, seen = new Set<string>()): Promise<Set<string>> {
  const source = await readFile(file, 'utf8')
  const statements = source.matchAll(/^(?:import|export)\s+(?!type\b)[^'"]*?from '([^']+)'/gmu)
  for (const [, name] of statements) {
    if (name === undefined || seen.has(name)) continue
    seen.add(name)
    if (name.startsWith('./')) await loadedBy(new URL(name.replace(/\.js$/u, '.ts'), file), seen)
  }
  return seen
}

it('a local run does not load the S3 client', async () => {
  const source = (name: string) => new URL(`../src/${name}`, import.meta.url)
  expect(await loadedBy(source('s3.ts'))).toContain('@aws-sdk/client-s3')
  const loaded = await loadedBy(source('index.ts'))
  expect(loaded).toContain('./open.js')
  expect([...loaded].filter((name) => /aws|smithy|s3-store/u.test(name))).toEqual([])
})

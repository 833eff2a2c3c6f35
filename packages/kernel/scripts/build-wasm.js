// Compiles every folder of assembly/ that has an index.ts to wasm/<folder>.wasm, with SIMD.
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
mkdirSync('wasm', { recursive: true })
for (const name of readdirSync('assembly')) {
  const entry = `assembly/${name}/index.ts`
  if (!existsSync(entry)) continue
  const { error, stderr } = await asc.main([
    entry,
    '--outFile',
    `wasm/${name}.wasm`,
    '--optimizeLevel',
    '3',
    '--shrinkLevel',
    '0',
    '--noAssert',
    '--enable',
    'simd',
    '--enable',
    'bulk-memory',
    '--runtime',
    'stub',
    '--maximumMemory',
    '65536',
  ])
  if (error) {
    console.error(stderr.toString())
    console.error(`assembly/${name} did not compile: ${error.message}`)
    process.exit(1)
  }
}

import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { PAGES } from './pages.js'

/** `npm run docs`: writes the pages that are made from code. */
for (const [page, make] of Object.entries(PAGES)) {
  const path = fileURLToPath(new URL(`../../../docs/${page}`, import.meta.url))
  writeFileSync(path, make())
  console.log(`wrote ${path}`)
}

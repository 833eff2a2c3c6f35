import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { configurationDocs } from './configuration.js'

/** `npm run docs`: writes the pages that are made from code. */
const path = fileURLToPath(new URL('../../../docs/configuration.md', import.meta.url))
writeFileSync(path, configurationDocs())
console.log(`wrote ${path}`)

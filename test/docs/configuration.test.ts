import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { configurationDocs } from './configuration.js'

it('docs/configuration.md says what the settings are (npm run docs makes it anew)', () => {
  const page = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8')
  expect(page).toBe(configurationDocs())
})

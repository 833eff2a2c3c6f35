import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { PAGES } from './pages.js'

for (const [page, make] of Object.entries(PAGES))
  it(`docs/${page} says what the code does (npm run docs makes it anew)`, () => {
    const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8')
    expect(text).toBe(make())
  })

// Writes dist/cl100k_base.bin, the vocabulary as src/vocabulary.ts reads it.
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { encodeVocabulary } from '../dist/vocabulary.js'

const { default: tokens } = createRequire(import.meta.url)('gpt-tokenizer/cjs/bpeRanks/cl100k_base')
const encoder = new TextEncoder()
writeFileSync(
  new URL('../dist/cl100k_base.bin', import.meta.url),
  encodeVocabulary(
    tokens.map((token) =>
      typeof token === 'string' ? encoder.encode(token) : Uint8Array.from(token),
    ),
  ),
)

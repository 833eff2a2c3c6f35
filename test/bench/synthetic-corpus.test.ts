import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { englishSentences } from './source-text.js'
import { SentencePool, SyntheticDocuments, writeSyntheticCorpus } from './synthetic-corpus.js'
import { TrueJaccard } from './true-jaccard.js'

const folder = mkdtempSync(join(tmpdir(), 'winnow-synthetic-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Line {
  readonly id: string
  readonly url: string
  readonly text: string
}

function write(name: string, documents: number, shards: number, seed = 7): string {
  return writeSyntheticCorpus({ documents, seed, out: join(folder, name), shards })
    .map((file) => readFileSync(file, 'utf8'))
    .join('')
}

describe('a synthetic corpus', () => {
  const bytes = write('one.jsonl', 1500, 1)
  const lines = bytes
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
  const made = new SyntheticDocuments(7, new SentencePool(englishSentences(undefined)))
  const kinds = lines.map((_, number) => made.kind(number))

  test('is JSON lines with ids and URLs of their own and texts of about 1 KB', () => {
    expect(lines).toHaveLength(1500)
    expect(new Set(lines.map(({ id }) => id)).size).toBe(1500)
    expect(new Set(lines.map(({ url }) => new URL(url).href)).size).toBe(1500)
    const mean = lines.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0) / lines.length
    expect(mean).toBeGreaterThan(600)
    expect(mean).toBeLessThan(1600)
    for (const { text } of lines) expect(text).toBe(text.trim())
  })

  test('is the same in any number of shards', () => {
    expect(write('many', 1500, 7)).toBe(bytes)
    expect(readdirSync(join(folder, 'many'))).toHaveLength(7)
    expect(write('other.jsonl', 1500, 1, 8)).not.toBe(bytes)
    expect(bytes.startsWith(write('short.jsonl', 300, 1))).toBe(true)
  })

  test('has exact and near copies of earlier documents in the shares it states, and nothing else alike', () => {
    const truth = new TrueJaccard(lines.map(({ text }) => text))
    const found = truth.neighbours([...lines.keys()], 0.5)
    let near = 0
    for (const [row, kind] of kinds.entries()) {
      const earlier = (found.get(row) ?? []).filter((other) => other.row < row)
      const originals = earlier.filter((other) => kinds[other.row] === 'original')
      if (kind === 'original') expect(originals).toEqual([])
      if (kind === 'exact')
        expect(originals.map((other) => lines[other.row]?.text)).toEqual([lines[row]?.text])
      if (kind === 'near') {
        expect(lines.filter(({ text }) => text === lines[row]?.text)).toHaveLength(1)
        near += (originals[0]?.jaccard ?? 0) >= 0.7 ? 1 : 0
      }
    }
    const count = (wanted: string) => kinds.filter((kind) => kind === wanted).length
    expect(count('exact')).toBeGreaterThan(110)
    expect(count('exact')).toBeLessThan(190)
    expect(count('near')).toBeGreaterThan(110)
    expect(count('near')).toBeLessThan(190)
    expect(near / count('near')).toBeGreaterThan(0.7)
  })
})

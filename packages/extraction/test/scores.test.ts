import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { extractPage } from '../src/index.js'

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..')
const folder = join(process.env.WINNOW_TEST_DATA ?? join(root, '../shared/data'), 'extraction')
const present =
  existsSync(join(folder, 'aeb.jsonl.gz')) && existsSync(join(folder, 'wcxb.jsonl.gz'))
if (!present) console.log(`skipped: no extraction benchmark under ${folder}`)

interface Page {
  readonly id: string
  readonly url: string
  readonly html: string
  readonly main_content: string
}

function* pages(name: string): Generator<Page> {
  const lines = gunzipSync(readFileSync(join(folder, name)))
    .toString('utf8')
    .split('\n')
  for (const line of lines) if (line !== '') yield JSON.parse(line) as Page
}

const WORD = /[\p{L}\p{N}_]+/gu
const words = (text: string): string[] => text.match(WORD) ?? []

function shingles(list: string[]): string[] {
  if (list.length === 0) return []
  return Array.from({ length: Math.max(1, list.length - 3) }, (_, at) =>
    list.slice(at, at + 4).join(' '),
  )
}

/** Precision and recall of two bags. */
function compare(truth: string[], found: string[]): { precision: number; recall: number } {
  const left = new Map<string, number>()
  for (const item of truth) left.set(item, (left.get(item) ?? 0) + 1)
  let hits = 0
  for (const item of found) {
    const count = left.get(item) ?? 0
    if (count > 0) hits++
    left.set(item, count - 1)
  }
  return {
    precision: found.length > 0 ? hits / found.length : truth.length === 0 ? 1 : 0,
    recall: truth.length > 0 ? hits / truth.length : found.length === 0 ? 1 : 0,
  }
}

const mean = (list: number[]) => list.reduce((a, b) => a + b, 0) / list.length
const f1 = (precision: number, recall: number) =>
  precision + recall > 0 ? (2 * precision * recall) / (precision + recall) : 0

describe.skipIf(!present)('extraction is better than resiliparse and trafilatura', () => {
  it('on article pages: F1 of 4-word shingles, over 0.95', () => {
    const scores = Array.from(pages('aeb.jsonl.gz'), ({ html, url, main_content }) =>
      compare(shingles(words(main_content)), shingles(words(extractPage(html, { url }).text))),
    )
    const score = f1(mean(scores.map((s) => s.precision)), mean(scores.map((s) => s.recall)))
    expect(score).toBeGreaterThan(0.95)
  })

  it('on seven kinds of pages: F1 of words, over 0.85', () => {
    const scores = Array.from(pages('wcxb.jsonl.gz'), ({ html, url, main_content }) => {
      const { precision, recall } = compare(
        words(main_content.toLowerCase()),
        words(extractPage(html, { url }).text.toLowerCase()),
      )
      return f1(precision, recall)
    })
    expect(mean(scores)).toBeGreaterThan(0.85)
  })
})

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { pseudoTexts } from './pseudo-text.js'
import { RandomStream } from './random.js'

/** Real prose, one field of a gzip JSON-lines file each. */
const ENGLISH = [
  ['neardup/docs', 'text'],
  ['extraction/wcxb', 'main_content'],
  ['extraction/aeb', 'main_content'],
] as const
const EAST_ASIAN = [
  ['languages/udhr', 'text'],
  ['rules/vectors', 'text'],
  ['extraction/aeb', 'main_content'],
] as const
const PSEUDO_BYTES = 2e6
const PLAIN_SENTENCE = /^[A-Z][A-Za-z0-9 ,;:'’()\-/%]{38,298}[.!?]$/
const HAN_OR_KANA = /[\u3041-\u3096\u30a1-\u30fa\u30fc\u4e00-\u9fff]/g
const KANA = /[\u3041-\u3096\u30a1-\u30fa]/
/** Letters in a row that make a text Chinese or Japanese rather than a text that cites some. */
const LEAST_LETTERS = 60

/** Different English sentences of 40 to 300 characters: of real pages where there is data, else made-up ones. */
export function englishSentences(data: string | undefined): string[] {
  const found = new Set<string>()
  for (const text of realTexts(data, ENGLISH))
    for (const sentence of sentencesOf(text)) found.add(sentence)
  if (found.size === 0)
    for (const text of pseudoTexts(PSEUDO_BYTES))
      for (const sentence of sentencesOf(text)) found.add(sentence)
  return [...found]
}

/** Letters of running Chinese (no kana) or Japanese text, in their order; without data, characters by Zipf's law. */
export function eastAsianLetters(
  language: 'chinese' | 'japanese',
  data: string | undefined,
): string[] {
  const letters: string[] = []
  for (const text of realTexts(data, EAST_ASIAN)) {
    const own = text.match(HAN_OR_KANA) ?? []
    if (own.length < LEAST_LETTERS || KANA.test(text) !== (language === 'japanese')) continue
    letters.push(...own)
  }
  return letters.length > 0 ? letters : madeUpLetters(language)
}

function realTexts(
  data: string | undefined,
  sources: readonly (readonly [file: string, field: string])[],
): string[] {
  if (data === undefined) return []
  return sources.flatMap(([name, field]) => {
    const file = join(data, `${name}.jsonl.gz`)
    if (!existsSync(file)) return []
    const lines = gunzipSync(readFileSync(file)).toString().split('\n')
    return lines
      .filter((line) => line !== '')
      .map((line) => String((JSON.parse(line) as Record<string, unknown>)[field] ?? ''))
  })
}

function sentencesOf(text: string): string[] {
  return text
    .split(/\n\s*\n/)
    .flatMap((paragraph) => paragraph.replace(/\s+/g, ' ').split(/(?<=[.!?]) /))
    .map((sentence) => sentence.trim())
    .filter((sentence) => PLAIN_SENTENCE.test(sentence) && sentence.split(' ').length > 6)
}

function madeUpLetters(language: 'chinese' | 'japanese'): string[] {
  const random = new RandomStream(1, 0)
  return Array.from({ length: 20_000 }, () => {
    const kana = language === 'japanese' && random.next() < 0.5
    const [first, count] = kana ? [0x3042, 80] : [0x4e00, 3000]
    return String.fromCharCode(first + Math.floor(count ** random.next()) - 1)
  })
}

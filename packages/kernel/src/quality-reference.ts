// The plain version of the quality kernel: strings, regular expressions, sets. It defines what the kernel must compute.
import type { QualityMetric } from './quality.js'

const SPACE =
  '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000'
const LEADING_SPACE = new RegExp(`^[${SPACE}]+`)
const WORD = new RegExp(`[^${SPACE}]+`, 'gu')
const BREAK = '\\n-\\r\\x1c-\\x1e\\x85\\u2028\\u2029'
const LINE_BREAK = new RegExp(`\r\n|[${BREAK}]`)
const LETTER = /\p{L}/u

const chars = (text: string): number => {
  let count = 0
  for (const _ of text) count++
  return count
}

const times = (text: string, part: string): number => text.split(part).length - 1

const stripStart = (text: string): string => text.replace(LEADING_SPACE, '')

function stripEnd(text: string): string {
  let end = text.length
  while (end > 0 && stripStart(text[end - 1] as string) === '') end--
  return text.slice(0, end)
}

function lines(text: string): string[] {
  const out = text.split(LINE_BREAK)
  if (out.at(-1) === '') out.pop()
  return out
}

function duplicates(parts: readonly string[]): { count: number; characters: number } {
  const seen = new Set<string>()
  let count = 0
  let characters = 0
  for (const part of parts) {
    if (seen.has(part)) {
      count++
      characters += chars(part)
    } else seen.add(part)
  }
  return { count, characters }
}

function topCharacters(words: readonly string[], n: number): number {
  const counts = new Map<string, number>()
  for (let i = 0; i + n <= words.length; i++) {
    const gram = words.slice(i, i + n).join(' ')
    counts.set(gram, (counts.get(gram) ?? 0) + 1)
  }
  let top = ''
  let count = 0
  for (const [gram, times] of counts)
    if (times > count) {
      top = gram
      count = times
    }
  return chars(top) * count
}

function duplicateCharacters(words: readonly string[], n: number): number {
  const seen = new Set<string>()
  let characters = 0
  for (let i = 0; i + n <= words.length; ) {
    const gram = words.slice(i, i + n).join('')
    if (seen.has(gram)) {
      characters += chars(gram)
      i += n
    } else {
      seen.add(gram)
      i++
    }
  }
  return characters
}

/** Every metric of `text`. `punctuation` and `terminals` are sets of characters. */
export function referenceQuality(
  text: string,
  options: {
    stopWords: readonly string[]
    punctuation: ReadonlySet<string>
    terminals: ReadonlySet<string>
  },
): Record<QualityMetric, number> {
  const length = chars(text)
  const words = text.match(WORD) ?? []
  const spoken = words.filter((word) => [...word].some((c) => !options.punctuation.has(c)))
  const rows = lines(text)
  const ends = rows.map(stripEnd)
  const paragraphs = stripEnd(stripStart(text)).split(/\n{2,}/)
  const runs = text.split(/\n+/)
  const filled = text.split('\n').filter((line) => stripStart(line) !== '')
  const feeds = times(text, '\n')
  const used = new Set(words)
  const paragraph = duplicates(paragraphs)
  const line = duplicates(runs)
  const share = (n: number): number => duplicateCharacters(words, n) / length
  return {
    character_count: length,
    word_count: spoken.length,
    token_count: words.length,
    mean_word_length: spoken.reduce((sum, word) => sum + chars(word), 0) / spoken.length,
    hash_to_word_ratio: times(text, '#') / words.length,
    ellipsis_to_word_ratio: (times(text, '...') + times(text, '…')) / words.length,
    bullet_line_fraction: rows.filter((row) => /^[•-]/.test(stripStart(row))).length / rows.length,
    ellipsis_line_fraction: ends.filter((row) => /(\.\.\.|…)$/.test(row)).length / rows.length,
    alphabetic_word_fraction: words.filter((word) => LETTER.test(word)).length / words.length,
    stop_word_count: [...new Set(options.stopWords)].filter((word) => used.has(word)).length,
    duplicate_paragraph_fraction: paragraph.count / paragraphs.length,
    duplicate_paragraph_character_fraction: paragraph.characters / length,
    duplicate_line_fraction: line.count / runs.length,
    duplicate_line_character_fraction: line.characters / length,
    top_2_gram_fraction: topCharacters(words, 2) / length,
    top_3_gram_fraction: topCharacters(words, 3) / length,
    top_4_gram_fraction: topCharacters(words, 4) / length,
    duplicate_5_gram_fraction: share(5),
    duplicate_6_gram_fraction: share(6),
    duplicate_7_gram_fraction: share(7),
    duplicate_8_gram_fraction: share(8),
    duplicate_9_gram_fraction: share(9),
    duplicate_10_gram_fraction: share(10),
    terminal_line_fraction:
      filled.filter((row) => options.terminals.has([...row].at(-1) as string)).length /
      filled.length,
    short_line_fraction: filled.filter((row) => chars(row) <= 30).length / filled.length,
    duplicate_filled_line_character_fraction: duplicates(filled).characters / (length - feeds),
    line_feed_to_word_ratio: feeds / words.length,
    filled_line_count: filled.length,
  }
}

import type { RuledDocument, RuleSet } from './document.js'
import { lineRanges, splitWords, stripRange } from './python-text.js'
import { applyLimit, limitsOf } from './thresholds.js'

// C4's line rules as in datatrove 0.10.1, its order included: a line meets the first rule that it breaks, and only lines
// that pass what comes before can drop the document.

const MAX_WORD = 1000
const MIN_WORDS = 3
const CITATION = /\[\p{Nd}*\]|\[edit\]|\[citation needed\]/gu
const POLICY = /terms of use|privacy policy|cookie policy|uses cookies|use of cookies|use cookies/
const SENTENCE_GAP = /(?<=[.?!])\s+/

interface LineVerdict {
  /** Reason without its set. */
  readonly rule: string
  readonly drops?: boolean
}

/** The rule that the line breaks, if any. `bare` is the line without white space at its ends and citations. */
function lineVerdict(words: readonly string[], bare: string): LineVerdict | undefined {
  if (words.some(isLongWord)) return { rule: 'long_word_line' }
  if (!/[.?!"']$/.test(bare) || bare.endsWith('...')) return { rule: 'unfinished_line' }
  if (words.length < MIN_WORDS) return { rule: 'short_line' }
  const lower = bare.toLowerCase()
  if (lower.includes('lorem ipsum')) return { rule: 'lorem_ipsum', drops: true }
  if (lower.includes('javascript')) return { rule: 'javascript_line' }
  if (bare.includes('{')) return { rule: 'curly_bracket', drops: true }
  if (POLICY.test(lower)) return { rule: 'policy_line' }
  return undefined
}

/** Over 1,000 code points. */
function isLongWord(word: string): boolean {
  return word.length > MAX_WORD && [...word].length > MAX_WORD
}

const byteLength = (text: string): number => Buffer.byteLength(text)

/** Byte ranges of the citations of a line that starts at byte `start`. */
function citations(line: string, start: number): number[] {
  const ranges: number[] = []
  for (const match of line.matchAll(CITATION)) {
    const from = start + byteLength(line.slice(0, match.index))
    ranges.push(from, from + byteLength(match[0]))
  }
  return ranges
}

export function c4RuleSet(thresholds: ReadonlyMap<string, number | null>): RuleSet {
  const limits = limitsOf('c4', thresholds)
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  return {
    metrics: ['c4_sentence_count', 'c4_line_count', 'c4_removed_line_count'],
    evaluate(document: RuledDocument) {
      const cuts: number[] = []
      let firstRule = ''
      let removed = 0
      let sentences = 0
      const lines = lineRanges(document.text)
      for (let i = 0; i < lines.length; i += 3) {
        const start = lines[i] as number
        const end = lines[i + 1] as number
        const next = lines[i + 2] as number
        const line = decoder.decode(document.text.subarray(start, end))
        const stripped = line.slice(...stripRange(line))
        const bare = stripped.replace(CITATION, '')
        const verdict = lineVerdict(splitWords(stripped), bare)
        if (verdict?.drops === true) {
          document.drop(`c4.${verdict.rule}`, bare.slice(0, 100))
        } else if (verdict !== undefined) {
          firstRule ||= verdict.rule
          removed++
          cuts.push(start, next)
        } else {
          sentences += bare.split(SENTENCE_GAP).length
          const marks = bare.length < stripped.length ? citations(line, start) : []
          if (marks.length > 0) firstRule ||= 'citation'
          for (const at of marks) cuts.push(at)
        }
      }
      document.metric('c4_sentence_count', sentences)
      document.metric('c4_line_count', lines.length / 3)
      document.metric('c4_removed_line_count', removed)
      for (const rule of limits) applyLimit(document, rule, sentences)
      document.cut(`c4.${firstRule}`, cuts, `${removed} of ${lines.length / 3} lines`)
    },
  }
}

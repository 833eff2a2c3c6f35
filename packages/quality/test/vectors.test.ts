import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { documentBatch, reasonOf } from '@winnow/core'
import { describe, expect, it } from 'vitest'
import { createQualityStage, type RuleSetName } from '../src/index.js'

const folder =
  process.env.WINNOW_TEST_DATA ?? new URL('../../../../shared/data', import.meta.url).pathname
const file = `${folder}/rules/vectors.jsonl.gz`
const present = existsSync(file)
if (!present) console.log(`skipped: no rule vectors at ${file}`)

/** datatrove's name for each of our rules. */
const THEIRS: Readonly<Record<string, string>> = {
  '': 'keep',
  'gopher_quality.too_few_words': 'gopher_short_doc',
  'gopher_quality.too_many_words': 'gopher_long_doc',
  'gopher_quality.mean_word_too_short': 'gopher_below_avg_threshold',
  'gopher_quality.mean_word_too_long': 'gopher_above_avg_threshold',
  'gopher_quality.too_many_hashes': 'gopher_too_many_hashes',
  'gopher_quality.too_many_ellipses': 'gopher_too_many_ellipsis',
  'gopher_quality.too_many_bullet_lines': 'gopher_too_many_bullets',
  'gopher_quality.too_many_ellipsis_lines': 'gopher_too_many_end_ellipsis',
  'gopher_quality.too_few_alphabetic_words': 'gopher_below_alpha_threshold',
  'gopher_quality.too_few_stop_words': 'gopher_enough_stop_words',
  'gopher_repetition.empty': 'empty',
  'gopher_repetition.duplicate_paragraph_fraction': 'dup_para_frac',
  'gopher_repetition.duplicate_paragraph_character_fraction': 'dup_para_char_frac',
  'gopher_repetition.duplicate_line_fraction': 'dup_line_frac',
  'gopher_repetition.duplicate_line_character_fraction': 'dup_line_char_frac',
  'c4.lorem_ipsum': 'lorem_ipsum',
  'c4.curly_bracket': 'curly_bracket',
  'c4.too_few_sentences': 'too_few_sentences',
  'fineweb.empty': 'empty',
  'fineweb.too_few_terminal_lines': 'line_punct_ratio',
  'fineweb.too_many_short_lines': 'short_line_ratio',
  'fineweb.duplicate_line_characters': 'char_dup_ratio',
  'fineweb.too_many_line_breaks': 'list_ratio',
}

function theirName(reason: string): string {
  const top = /^gopher_repetition\.top_(\d+)_gram_fraction$/.exec(reason)
  if (top) return `top_${top[1]}_gram`
  const duplicate = /^gopher_repetition\.duplicate_(\d+)_gram_fraction$/.exec(reason)
  if (duplicate) return `duplicated_${duplicate[1]}_n_grams`
  return THEIRS[reason] ?? reason
}

interface Vector {
  text: string
  expect: Record<string, string>
}

describe.skipIf(!present)('the first rule that fires is the one datatrove 0.10.1 names', () => {
  const vectors: Vector[] = present
    ? gunzipSync(readFileSync(file))
        .toString()
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
    : []
  const batch = documentBatch(
    vectors.map(({ text }, i) => ({ id: String(i), language: 'en', text: text.toWellFormed() })),
  )

  it.each<RuleSetName>(['gopher_quality', 'gopher_repetition', 'c4', 'fineweb'])(
    '%s, for every vector',
    async (set) => {
      const stage = await createQualityStage({ profile: [set] })
      const attributes = stage.evaluate(batch)
      const differing = vectors.flatMap(({ expect: expected }, row) => {
        const reason = attributes.verdict[row] === 1 ? reasonOf(attributes, row) : ''
        const actual = theirName(reason)
        return actual === expected[set] ? [] : [{ row, actual, expected: expected[set] }]
      })
      expect(vectors.length).toBeGreaterThan(0)
      expect(differing).toEqual([])
    },
  )
})

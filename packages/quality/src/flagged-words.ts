import { createRequire } from 'node:module'

/** Languages for which the package naughty-words (the LDNOOBW lists, CC-BY-4.0) has a list. */
const LISTED = new Set(
  'ar cs da de en eo es fa fi fr hi hu it ja ko nl no pl pt ru sv th tr zh'.split(' '),
)

/**
 * Common words and parts of words that the lists hold; C4's authors allow these, since each would remove over a tenth of
 * the documents of its language (mC4, arXiv 2010.11934, and its code).
 */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  ja: ['sm', 'グロ', '女の子'],
  zh: ['性'],
}

/** Flagged words and phrases of a language (ISO 639-1), none where there is no list. Reads one file of a few kB. */
export function flaggedWordsOf(language: string): readonly string[] {
  const name = language === '' ? 'en' : language
  if (!LISTED.has(name)) return []
  const words = createRequire(import.meta.url)(`naughty-words/${name}.json`) as string[]
  const allowed = new Set(ALLOWED[name])
  return words.filter((word) => word !== '' && !allowed.has(word))
}

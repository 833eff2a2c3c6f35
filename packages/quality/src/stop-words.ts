import { createRequire } from 'node:module'

/** Gopher's eight (arXiv 2112.11446, A1.1). */
const ENGLISH: readonly string[] = ['the', 'be', 'to', 'of', 'and', 'that', 'have', 'with']

let others: Readonly<Record<string, readonly string[]>> | undefined

/**
 * Stop words of a language (ISO 639-1): Gopher's for English, those of stopwords-iso for others, none where it has none.
 * The list (207 kB of JSON, about 3 ms) is read for the first document that is not English.
 * The same array is returned for the same language.
 */
export function stopWordsOf(language: string): readonly string[] {
  if (language === 'en' || language === '') return ENGLISH
  others ??= createRequire(import.meta.url)('stopwords-iso') as Record<string, readonly string[]>
  return others[language] ?? NONE
}

const NONE: readonly string[] = []

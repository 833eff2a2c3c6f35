// What eld removes of a text before it looks at its words: addresses, numbers, and all that is no letter.

const ADDRESS = /[hw](?:ttps?:\/\/|ww\.)\S+/gi
const MAIL = /[\w.!$%&’+`-]+@[A-Za-z\d.-]+\.[A-Za-z\d-]{2,64}/g
const DOMAIN = /(?:[A-Za-z\d-]+\.)+com(?:\/\S*|\P{L})/gu
const CODE = /[a-z]*\d+[a-z\d]*/gi
/** Letters beyond the basic plane count for none; an apostrophe stays where a letter follows it. */
const NO_LETTERS = /[\P{L}\u{10000}-\u{10ffff}]+(?<!['`’])/gu

/** The words of `text` in lower case, with a space between them. */
export function languageWords(text: string): string {
  // The costly expressions only where they can match.
  let rest = text.replace(ADDRESS, ' ')
  if (rest.includes('@')) rest = rest.replace(MAIL, ' ')
  if (rest.includes('.com')) rest = rest.replace(DOMAIN, ' ')
  if (/\d/.test(rest)) rest = rest.replace(CODE, ' ')
  return rest.replace(NO_LETTERS, ' ').trim().toLowerCase()
}

/**
 * Text from a crawl or the user as a terminal may show it: control characters (which could set the title, colours or
 * worse) and those that turn the direction of writing become visible escapes; line breaks and tabs stay.
 */
export function printable(text: string): string {
  return text.replace(/\p{Cc}|\p{Bidi_Control}/gu, (character) =>
    character === '\n' || character === '\t'
      ? character
      : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

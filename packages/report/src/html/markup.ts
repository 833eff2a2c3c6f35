/** Finished HTML. Only the tag below makes it, so no text reaches the page without being escaped. */
export class Markup {
  constructor(readonly source: string) {}
}

export type Content = string | number | Markup | readonly Content[] | null

/** HTML from a template: strings put into it are escaped, Markup is not, lists are joined, null is left out. */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Markup(parts.reduce((out, part, i) => out + toSource(values[i - 1] ?? null) + part))
}

/** Text as HTML text or attribute value. Control characters that HTML forbids become U+FFFD. */
export function escapeHtml(text: string): string {
  return text
    .replace(/[&<>"'`]/g, (char) => `&#${char.charCodeAt(0)};`)
    .replace(FORBIDDEN, '\ufffd')
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to find
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]|[\u202a-\u202e\u2066-\u2069]/g

/** The address if a browser may follow it from a report: http and https only, else null. */
export function safeLink(url: string): string | null {
  if (!/^https?:\/\//i.test(url)) return null
  return URL.canParse(url) ? url : null
}

function toSource(value: Content): string {
  if (value === null) return ''
  if (value instanceof Markup) return value.source
  if (typeof value === 'object') return value.map(toSource).join('')
  return escapeHtml(String(value))
}

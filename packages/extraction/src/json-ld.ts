/** What the JSON-LD of a page says about the page's main thing. */
export interface LinkedData {
  readonly headline: string
  readonly published: string
  readonly modified: string
  /** The longest article body, posting or product description given in full. */
  readonly body: string
}

/** Values looked at per page; real pages have hundreds, and hostile ones any number. */
const MAX_VALUES = 20_000
/** Longer scripts are not read, in characters. */
const MAX_SCRIPT = 2_000_000

const BODY_KEYS = new Set(['articleBody', 'text', 'description'])
/** Types whose description is their content. An article's description is a teaser. */
const DESCRIBED = /product|jobposting|recipe|event|course|book|softwareapplication|videoobject/i
const POSTED = /posting|question|answer|comment/i

/** Reads the JSON-LD scripts of a page; broken ones are passed over. */
export function readLinkedData(scripts: readonly string[]): LinkedData {
  const found = { headline: '', published: '', modified: '', body: '' }
  const waiting: unknown[] = []
  for (const script of scripts) {
    const value = parseLoosely(script)
    if (value !== undefined) waiting.push(value)
  }
  // First in, first out: what the page says first and outermost is about the page itself.
  for (let at = 0; at < waiting.length && at < MAX_VALUES; at++) {
    const value = waiting[at]
    if (typeof value !== 'object' || value === null) continue
    if (Array.isArray(value)) {
      for (const item of value) if (waiting.length < MAX_VALUES) waiting.push(item)
      continue
    }
    note(value as Record<string, unknown>, found)
    for (const item of Object.values(value))
      if (typeof item === 'object' && item !== null && waiting.length < MAX_VALUES)
        waiting.push(item)
  }
  return found
}

function note(
  thing: Record<string, unknown>,
  found: { -readonly [K in keyof LinkedData]: string },
) {
  const type = String(thing['@type'] ?? '')
  const text = (key: string) => {
    const value = thing[key]
    return typeof value === 'string' ? value : ''
  }
  found.headline ||= text('headline')
  found.published ||= text('datePublished') || text('uploadDate') || text('datePosted')
  found.modified ||= text('dateModified')
  for (const key of BODY_KEYS) {
    if (key === 'description' && !DESCRIBED.test(type)) continue
    if (key === 'text' && !POSTED.test(type)) continue
    const body = text(key)
    if (body.length > found.body.length) found.body = body
  }
}

/** Parses JSON as pages write it: in comments or CDATA, with raw line breaks in strings. */
function parseLoosely(script: string): unknown {
  if (script.length > MAX_SCRIPT) return undefined
  const text = script.replace(/^\s*(?:<!--|\/\*\s*<!\[CDATA\[\s*\*\/|<!\[CDATA\[)/, '').trim()
  for (const candidate of [text, text.replace(/\s+/g, ' ').replace(/;\s?$/, '')]) {
    try {
      return JSON.parse(candidate)
    } catch {
      // The next form, or none.
    }
  }
  return undefined
}

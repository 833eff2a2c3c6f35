/** Query parameters that name the visitor or the campaign and never the page. Lower case. */
const TRACKING_PARAMETERS = new Set([
  // Click identifiers of advertisers and mailers.
  'gclid',
  'gclsrc',
  'dclid',
  'gbraid',
  'wbraid',
  'fbclid',
  'msclkid',
  'twclid',
  'ttclid',
  'yclid',
  'ysclid',
  'igshid',
  'igsh',
  'li_fat_id',
  'mc_cid',
  'mc_eid',
  'mkt_tok',
  'vero_id',
  'oly_anon_id',
  'oly_enc_id',
  'wickedid',
  's_cid',
  '_hsenc',
  '_hsmi',
  '__hssc',
  '__hstc',
  '__hsfp',
  'hsctatracking',
  // Linkers of analytics programs.
  '_ga',
  '_gl',
  '_openstat',
  // Session identifiers that servers without cookies put into links.
  'phpsessid',
  'jsessionid',
  'aspsessionid',
])
const TRACKING_PREFIXES = ['utm_', 'mtm_', 'pk_', 'piwik_', 'hmb_']

/** A session identifier as a path parameter: `/page;jsessionid=0A1B`. */
const PATH_SESSION = /;jsessionid=[^/?#]*/i

/**
 * The form of a URL under which two addresses of one page are the same text, or '' when `url` is not a web address.
 *
 * Folded: http and https, case and Unicode of the host, a final dot of the host, user and password, the default port,
 * the fragment, tracking parameters and session identifiers, an empty query, slashes at the end of the path,
 * and the case and needlessness of percent escapes.
 * Kept, since servers may answer differently: `www.`, the case of the path, and the order of the query's parameters.
 * A fragment that routes (`#!/page`) is kept, since there the fragment is the page.
 */
export function canonicalUrl(url: string): string {
  const trimmed = url.trim()
  if (trimmed === '') return ''
  const parsed = parse(trimmed)
  if (parsed === undefined) return ''
  const host = withoutEnding(parsed.hostname, '.')
  if (host === '') return ''
  const port = parsed.port === '' || isDefaultPort(parsed) ? '' : `:${parsed.port}`
  const path = withoutEnding(foldEscapes(parsed.pathname.replace(PATH_SESSION, '')), '/')
  const query = foldEscapes(withoutTracking(parsed.search))
  const fragment = parsed.hash.startsWith('#!') ? foldEscapes(parsed.hash) : ''
  return `${host}${port}${path}${query}${fragment}`
}

/** `text` without the run of `character` at its end. A regular expression would take quadratic time on `////…/a`. */
function withoutEnding(text: string, character: string): string {
  let end = text.length
  while (end > 0 && text[end - 1] === character) end--
  return text.slice(0, end)
}

function parse(text: string): URL | undefined {
  const withScheme = text.startsWith('//') ? `http:${text}` : text
  try {
    const parsed = new URL(withScheme)
    return parsed.protocol === 'http:' || parsed.protocol === 'https:' ? parsed : undefined
  } catch {
    return undefined
  }
}

/** `http://host:443` and `https://host:80` are left alone by URL, but http and https are one here. */
function isDefaultPort(url: URL): boolean {
  return url.port === '80' || url.port === '443'
}

function withoutTracking(search: string): string {
  if (search.length < 2) return ''
  const kept = search
    .slice(1)
    .split('&')
    .filter((parameter) => parameter !== '' && !isTracking(parameter))
  return kept.length === 0 ? '' : `?${kept.join('&')}`
}

function isTracking(parameter: string): boolean {
  const at = parameter.indexOf('=')
  const name = (at < 0 ? parameter : parameter.slice(0, at)).toLowerCase()
  return (
    TRACKING_PARAMETERS.has(name) || TRACKING_PREFIXES.some((prefix) => name.startsWith(prefix))
  )
}

/** RFC 3986, 6.2.2: unreserved characters stand unescaped, and the digits of the other escapes are upper case. */
function foldEscapes(text: string): string {
  if (!text.includes('%')) return text
  return text.replace(/%[0-9a-fA-F]{2}/g, (triplet) => {
    const character = String.fromCharCode(Number.parseInt(triplet.slice(1), 16))
    return /[A-Za-z0-9\-._~]/.test(character) ? character : triplet.toUpperCase()
  })
}

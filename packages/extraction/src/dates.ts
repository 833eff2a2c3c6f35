const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ')

/** Years before the web or beyond this century's first half are typing errors. */
const FIRST_YEAR = 1990
const LAST_YEAR = 2050

const NUMERIC = /(?:^|\D)((?:19|20)\d\d)[-/.]?(0[1-9]|1[0-2])[-/.]?(0[1-9]|[12]\d|3[01])(?!\d)/
const ISO_LOOSE = /(?:^|\D)((?:19|20)\d\d)-(\d{1,2})-(\d{1,2})(?!\d)/
const DAY_FIRST =
  /(?:^|\D)(\d{1,2})(?:st|nd|rd|th)?[\s.-]{1,3}([a-z]{3,9})[\s.,-]{1,3}((?:19|20)\d\d)/i
const MONTH_FIRST = /([a-z]{3,9})[\s.]{1,3}(\d{1,2})(?:st|nd|rd|th)?[\s,]{1,3}((?:19|20)\d\d)/i
const IN_URL = /\/((?:19|20)\d\d)[/-](0?[1-9]|1[0-2])[/-](0?[1-9]|[12]\d|3[01])(?:[/_.-]|$)/

/** The day that a text of any common form names, as YYYY-MM-DD; '' if none or no such day. */
export function isoDate(text: string): string {
  const value = text.slice(0, 100)
  const numeric = NUMERIC.exec(value) ?? ISO_LOOSE.exec(value)
  if (numeric) return day(numeric[1], numeric[2], numeric[3])
  const dayFirst = DAY_FIRST.exec(value)
  if (dayFirst) return day(dayFirst[3], monthNumber(dayFirst[2]), dayFirst[1])
  const monthFirst = MONTH_FIRST.exec(value)
  if (monthFirst) return day(monthFirst[3], monthNumber(monthFirst[1]), monthFirst[2])
  return ''
}

/** The day that a path such as `/2024/05/17/` names, as YYYY-MM-DD; '' if none. */
export function dateInUrl(url: string): string {
  const match = IN_URL.exec(url.slice(0, 2000))
  return match ? day(match[1], match[2], match[3]) : ''
}

function monthNumber(name: string | undefined): string {
  return String(MONTHS.indexOf((name ?? '').slice(0, 3).toLowerCase()) + 1)
}

function day(
  year: string | undefined,
  month: string | undefined,
  date: string | undefined,
): string {
  const y = Number(year)
  const m = Number(month)
  const d = Number(date)
  if (!(y >= FIRST_YEAR && y <= LAST_YEAR && m >= 1 && m <= 12 && d >= 1)) return ''
  const last = new Date(Date.UTC(y, m, 0)).getUTCDate()
  if (d > last) return ''
  return `${y}-${String(m).padStart(2, '0')}-${String(d).padStart(2, '0')}`
}

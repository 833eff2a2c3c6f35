/** What the scanner reports; all numbers are positions in the scanned string. */
export interface TagHandler {
  text(from: number, to: number): void
  /** A start tag's name. Its attributes follow, then `startTagEnd`. */
  startTag(from: number, to: number): void
  /** A name and its raw value; an attribute without a value has `valueFrom === valueTo`. */
  attribute(from: number, to: number, valueFrom: number, valueTo: number): void
  /** Returns the name of the end tag that alone ends the content (raw text), or '' for markup. */
  startTagEnd(selfClosing: boolean): string
  endTag(from: number, to: number): void
  /** Whether `<![CDATA[` holds text here (SVG, MathML) or is a comment (HTML). */
  inForeignContent(): boolean
}

const GT = 62
const SLASH = 47
const EQUALS = 61
const DOUBLE_QUOTE = 34
const SINGLE_QUOTE = 39

/** 1: ends the name of an element; 2: ends that of an attribute; 3: both. */
const ends = new Uint8Array(128)
for (const code of [32, 10, 9, 13, 12, GT, SLASH]) ends[code] = 3
ends[EQUALS] = 2

const isSpace = (code: number): boolean =>
  code === 32 || code === 10 || code === 9 || code === 13 || code === 12

const isLetter = (code: number): boolean => {
  const lower = code | 32
  return lower >= 97 && lower <= 122
}

/**
 * Cuts a page into tags and text by the HTML tokenization rules (WHATWG HTML, section 13.2.5),
 * leaving character references as they stand.
 *
 * Between delimiters it jumps with `indexOf`, and a delimiter that is missing ends the page, so
 * the work is linear in the length whatever the page holds.
 */
export function scanTags(html: string, handler: TagHandler): void {
  const length = html.length
  let at = 0
  let textFrom = 0
  while (at < length) {
    at = html.indexOf('<', at)
    if (at < 0 || at + 1 >= length) break
    const next = html.charCodeAt(at + 1)
    if (isLetter(next)) {
      if (at > textFrom) handler.text(textFrom, at)
      const nameEnd = endOfName(html, at + 1)
      handler.startTag(at + 1, nameEnd)
      const close = scanAttributes(html, nameEnd, handler)
      if (close < 0) return
      at = textFrom = close + 1
      const rawEnd = handler.startTagEnd(isSelfClosing(html, close, nameEnd))
      if (rawEnd !== '') {
        at = endOfRawText(html, at, rawEnd)
        if (at > textFrom) handler.text(textFrom, at)
        textFrom = at
      }
    } else if (next === SLASH && at + 2 < length) {
      const first = html.charCodeAt(at + 2)
      if (at > textFrom) handler.text(textFrom, at)
      if (isLetter(first)) {
        const nameEnd = endOfName(html, at + 2)
        handler.endTag(at + 2, nameEnd)
        at = html.charCodeAt(nameEnd) === GT ? nameEnd : html.indexOf('>', nameEnd)
      } else at = html.indexOf('>', at + 2)
      if (at < 0) return
      textFrom = ++at
    } else if (next === 33 || next === 63) {
      if (at > textFrom) handler.text(textFrom, at)
      at = textFrom = endOfDeclaration(html, at, handler)
    } else at++
  }
  if (textFrom < length) handler.text(textFrom, length)
}

function endOfName(html: string, from: number): number {
  let at = from
  for (; at < html.length; at++) {
    const code = html.charCodeAt(at)
    if (code < 128 && ((ends[code] as number) & 1) === 1) break
  }
  return at
}

/** Reports the attributes from `at` on; returns where the tag's `>` is, -1 if the page ends before. */
function scanAttributes(html: string, from: number, handler: TagHandler): number {
  const length = html.length
  let at = from
  for (;;) {
    let code = html.charCodeAt(at)
    while (isSpace(code) || code === SLASH) code = html.charCodeAt(++at)
    if (at >= length) return -1
    if (code === GT) return at
    const name = at
    do code = html.charCodeAt(++at)
    while (at < length && (code >= 128 || ends[code] === 0))
    const nameEnd = at
    while (isSpace(code)) code = html.charCodeAt(++at)
    if (code !== EQUALS) {
      handler.attribute(name, nameEnd, nameEnd, nameEnd)
      continue
    }
    do code = html.charCodeAt(++at)
    while (isSpace(code))
    let valueFrom = at
    if (code === DOUBLE_QUOTE || code === SINGLE_QUOTE) {
      valueFrom++
      at = html.indexOf(code === DOUBLE_QUOTE ? '"' : "'", valueFrom)
      if (at < 0) return -1
      handler.attribute(name, nameEnd, valueFrom, at)
      at++
    } else {
      while (at < length && code !== GT && !isSpace(code)) code = html.charCodeAt(++at)
      handler.attribute(name, nameEnd, valueFrom, at)
    }
  }
}

/** `<br/>` and `<br / >` are self-closing, `<a href=/>` is not. */
function isSelfClosing(html: string, close: number, nameEnd: number): boolean {
  if (html.charCodeAt(close - 1) !== SLASH) return false
  if (close - 1 <= nameEnd) return true
  const before = html.charCodeAt(close - 2)
  return isSpace(before) || before === DOUBLE_QUOTE || before === SINGLE_QUOTE
}

/** Where the end tag of a raw text element begins; the page's end if it never comes. */
function endOfRawText(html: string, from: number, name: string): number {
  let at = from
  for (;;) {
    at = html.indexOf('</', at)
    if (at < 0) return html.length
    const end = at + 2 + name.length
    const after = html.charCodeAt(end)
    if (
      (after === GT || after === SLASH || isSpace(after)) &&
      html.slice(at + 2, end).toLowerCase() === name
    )
      return at
    at += 2
  }
}

/** Jumps a comment, doctype, processing instruction or CDATA section that begins at `at`. */
function endOfDeclaration(html: string, at: number, handler: TagHandler): number {
  if (html.startsWith('!--', at + 1)) return endOfComment(html, at + 4)
  if (html.startsWith('![CDATA[', at + 1) && handler.inForeignContent()) {
    const end = html.indexOf(']]>', at + 9)
    handler.text(at + 9, end < 0 ? html.length : end)
    return end < 0 ? html.length : end + 3
  }
  const end = html.indexOf('>', at + 2)
  return end < 0 ? html.length : end + 1
}

/** Comments end with `-->` or `--!>`, or at once with `>` or `->`; an unended one takes the rest. */
function endOfComment(html: string, from: number): number {
  if (html.charCodeAt(from) === GT) return from + 1
  if (html.startsWith('->', from)) return from + 2
  let at = from
  for (;;) {
    at = html.indexOf('--', at)
    if (at < 0) return html.length
    let end = at + 2
    if (html.charCodeAt(end) === GT) return end + 1
    if (html.charCodeAt(end) === 33 && html.charCodeAt(end + 1) === GT) return end + 2
    // A rule of dashes is walked over once, not once per dash.
    while (html.charCodeAt(end) === 45) end++
    if (html.charCodeAt(end) === GT) return end + 1
    at = end
  }
}

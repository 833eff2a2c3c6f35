// Where Python's strings differ from JavaScript's, for rules that were defined in Python.

/** White space of str.split and str.strip, as the inside of a character class; `\s` is not the same. */
const SPACE =
  '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000'
const SPACE_CHARACTER = new RegExp(`^[${SPACE}]$`)
const WORDS = new RegExp(`[^${SPACE}]+`, 'g')

function isSpace(code: number): boolean {
  if (code < 0x80)
    return code === 0x20 || (code >= 9 && code <= 13) || (code >= 0x1c && code <= 0x1f)
  return SPACE_CHARACTER.test(String.fromCharCode(code))
}

/** str.strip(): index of the first character that is no white space, and one past the last. */
export function stripRange(text: string): [start: number, end: number] {
  let start = 0
  let end = text.length
  while (start < end && isSpace(text.charCodeAt(start))) start++
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--
  return [start, end]
}

/** str.split() */
export function splitWords(text: string): string[] {
  return text.match(WORDS) ?? []
}

/** Byte ranges of str.splitlines, as triples: start, end, and end with the line break. Works on broken UTF-8 as well. */
export function lineRanges(bytes: Uint8Array): number[] {
  const out: number[] = []
  let start = 0
  for (let at = 0; at < bytes.length; ) {
    const size = breakLength(bytes, at)
    if (size === 0) {
      at++
      continue
    }
    out.push(start, at, at + size)
    at += size
    start = at
  }
  if (start < bytes.length) out.push(start, bytes.length, bytes.length)
  return out
}

/** Length in bytes of the line break at `at`, 0 when there is none. */
function breakLength(bytes: Uint8Array, at: number): number {
  const byte = bytes[at] as number
  if (byte > 0x1e && byte < 0x80) return 0
  if (byte === 0x0d) return bytes[at + 1] === 0x0a ? 2 : 1
  if ((byte >= 0x0a && byte <= 0x0c) || (byte >= 0x1c && byte <= 0x1e)) return 1
  if (byte === 0xc2) return bytes[at + 1] === 0x85 ? 2 : 0
  if (byte !== 0xe2 || bytes[at + 1] !== 0x80) return 0
  return bytes[at + 2] === 0xa8 || bytes[at + 2] === 0xa9 ? 3 : 0
}

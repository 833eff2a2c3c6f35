import { isAscii, isUtf8 } from 'node:buffer'
import { analyse } from 'chardet'
import { asBuffer, latin1, utf8String } from './bytes.js'
import { countUtf8, decodeMixedUtf8 } from './utf8-repair.js'
import { decodeWindows1252 } from './windows-1252.js'

export interface DecodedText {
  readonly text: string
  /** WHATWG name of the encoding, lower case. */
  readonly charset: string
}

/** How far a declaration inside the page is looked for. Browsers stop at 1,024 bytes; real pages put it later. */
const META_BYTES = 8192
/** Bytes of text shown to the detector; more does not change its mind. */
const SAMPLE_BYTES = 16 << 10
/** So many multi-byte sequences that are valid UTF-8 do not come about by chance in a double-byte encoding. */
const CERTAIN_UTF8_SEQUENCES = 4
/** Latin-script text has fewer high bytes than this among its letters; Cyrillic, Greek, Arabic have more. */
const LATIN_HIGH_SHARE = 0.4

/**
 * Decodes a page: byte-order mark, then valid UTF-8, then the HTTP header's charset, the page's own declaration,
 * and detection; the first that fits the bytes wins. A label that does not fit its bytes is passed over, so U+FFFD
 * is written only where no encoding explains the bytes.
 *
 * @param label charset named by the HTTP header, '' if none
 */
export function decodeHtml(bytes: Uint8Array, label = ''): DecodedText {
  const marked = decodeMarked(bytes)
  if (marked !== null) return marked
  const header = encodingOf(label)
  const meta = encodingOf(declaredCharset(latin1(bytes, 0, META_BYTES)))
  const wide = wideEncoding(bytes, header)
  if (wide !== '') return { text: new TextDecoder(wide).decode(bytes), charset: wide }
  if (isAscii(bytes)) return decodeAscii(bytes, header || meta)
  if (isUtf8(bytes) && !isChanceUtf8(bytes, header || meta))
    return { text: utf8String(bytes), charset: 'utf-8' }
  return decodeLegacy(bytes, header, meta)
}

/** Decodes text that should be UTF-8 (JSON lines, WET), falling back as `decodeHtml` does. */
export function decodeText(bytes: Uint8Array): string {
  return isUtf8(bytes) ? utf8String(bytes) : decodeHtml(bytes).text
}

function decodeLegacy(bytes: Uint8Array, header: string, meta: string): DecodedText {
  // servers send a default Latin label with everything: where the page itself names a stricter encoding, it knows
  const labels = header === 'windows-1252' && meta !== '' ? [meta, header] : [header, meta]
  for (const label of labels) {
    if (label === '' || label === 'utf-8') continue
    if (label === 'windows-1252' && highShare(bytes) > LATIN_HIGH_SHARE) continue
    const text = decodeStrict(bytes, label)
    if (text !== null) return { text, charset: label }
  }
  const utf8 = countUtf8(bytes)
  if (utf8.valid > 2 * utf8.invalid) return { text: decodeMixedUtf8(bytes), charset: 'utf-8' }
  for (const { name } of analyse(textSample(bytes))) {
    const label = encodingOf(name)
    if (label === '' || label === 'utf-8' || label.startsWith('utf-16')) continue
    const text = decodeStrict(bytes, label)
    if (text !== null) return { text, charset: label }
  }
  const declared = labels.find((label) => label !== '' && label !== 'utf-8')
  if (declared !== undefined && declared !== 'windows-1252')
    return { text: new TextDecoder(declared).decode(bytes), charset: declared }
  return { text: decodeWindows1252(bytes), charset: 'windows-1252' }
}

function decodeMarked(bytes: Uint8Array): DecodedText | null {
  const [first, second, third] = bytes
  if (first === 0xef && second === 0xbb && third === 0xbf) {
    const rest = bytes.subarray(3)
    const text = isUtf8(rest) ? utf8String(rest) : decodeMixedUtf8(rest)
    return { text, charset: 'utf-8' }
  }
  if (first === 0xff && second === 0xfe)
    return { text: new TextDecoder('utf-16le').decode(bytes), charset: 'utf-16le' }
  if (first === 0xfe && second === 0xff)
    return { text: new TextDecoder('utf-16be').decode(bytes), charset: 'utf-16be' }
  return null
}

/** UTF-16 without a mark: every other byte of the ASCII markup is zero. */
function wideEncoding(bytes: Uint8Array, header: string): string {
  const sample = bytes.subarray(0, 512)
  let even = 0
  let odd = 0
  for (let i = 0; i < sample.length; i++) if (sample[i] === 0) (i & 1) === 0 ? even++ : odd++
  if (odd > sample.length / 8 && odd > 8 * even) return 'utf-16le'
  if (even > sample.length / 8 && even > 8 * odd) return 'utf-16be'
  return header.startsWith('utf-16') && even + odd > 0 ? header : ''
}

function decodeAscii(bytes: Uint8Array, label: string): DecodedText {
  // ISO-2022-JP is made of ASCII bytes and escapes
  if (label === 'iso-2022-jp' || hasJapaneseEscape(bytes)) {
    const text = decodeStrict(bytes, 'iso-2022-jp')
    if (text !== null) return { text, charset: 'iso-2022-jp' }
  }
  return { text: latin1(bytes), charset: 'utf-8' }
}

function hasJapaneseEscape(bytes: Uint8Array): boolean {
  const buffer = asBuffer(bytes)
  return buffer.includes('\u001b$B', 0, 'latin1') || buffer.includes('\u001b$@', 0, 'latin1')
}

const DOUBLE_BYTE = new Set(['gbk', 'gb18030', 'big5', 'shift_jis', 'euc-jp', 'euc-kr'])

/** A few double-byte characters can look like UTF-8 (Notepad's old bug); single-byte text never does. */
function isChanceUtf8(bytes: Uint8Array, label: string): boolean {
  return (
    DOUBLE_BYTE.has(label) &&
    countUtf8(bytes).valid < CERTAIN_UTF8_SEQUENCES &&
    decodeStrict(bytes, label) !== null
  )
}

/** The charset that a page names in its first bytes, '' if none. UTF-16 there cannot be true: it reads as UTF-8. */
export function declaredCharset(head: string): string {
  const meta =
    /<meta\b[^>]{0,512}?\bcharset\s*=\s*["']?\s*([\w.:-]+)/i.exec(head)?.[1] ??
    /^\s*<\?xml\b[^>]{0,256}?\bencoding\s*=\s*["']([\w.:-]+)/i.exec(head)?.[1] ??
    ''
  return /^utf-?16/i.test(meta) ? 'utf-8' : meta
}

/** The encoding behind a label, in lower case; '' for labels that nobody knows. */
export function encodingOf(label: string): string {
  if (label === '') return ''
  try {
    return new TextDecoder(label.trim()).encoding
  } catch {
    return ''
  }
}

/** The text, or null when the bytes are not valid in that encoding. */
function decodeStrict(bytes: Uint8Array, encoding: string): string | null {
  if (encoding === 'windows-1252') return decodeWindows1252(bytes)
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}

/** Share of bytes over 0x7F among letters, in the text that holds any. */
function highShare(bytes: Uint8Array): number {
  const sample = textSample(bytes)
  let high = 0
  let letters = 0
  for (const byte of sample) {
    if (byte >= 0x80) high++
    else if ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a) letters++
  }
  return high + letters === 0 ? 0 : high / (high + letters)
}

/** The text runs between tags that have bytes over 0x7F: markup and scripts only dilute what the detector sees. */
function textSample(bytes: Uint8Array): Uint8Array {
  const sample = new Uint8Array(Math.min(SAMPLE_BYTES, bytes.length))
  let used = 0
  let runStart = 0
  let high = false
  for (let i = 0; i <= bytes.length && used < sample.length; i++) {
    const byte = bytes[i]
    if (byte === undefined || byte === 0x3c || byte === 0x3e || byte === 10) {
      if (high) {
        const run = bytes.subarray(runStart, Math.min(i, runStart + sample.length - used))
        sample.set(run, used)
        used += run.length
        if (used < sample.length) sample[used++] = 0x20
      }
      runStart = i + 1
      high = false
    } else if (byte >= 0x80) high = true
  }
  return sample.subarray(0, used)
}

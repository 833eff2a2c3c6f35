import { asBuffer } from './bytes.js'
import { decodeWindows1252 } from './windows-1252.js'

/** Multi-byte sequences that are valid UTF-8, and bytes that are none. */
export function countUtf8(bytes: Uint8Array): { valid: number; invalid: number } {
  let valid = 0
  let invalid = 0
  for (let i = 0; i < bytes.length; ) {
    if ((bytes[i] as number) < 0x80) {
      i++
      continue
    }
    const length = sequenceLength(bytes, i)
    if (length > 0) valid++
    else invalid++
    i += Math.max(1, length)
  }
  return { valid, invalid }
}

/**
 * Decodes UTF-8 with stray bytes of another encoding in it (a comment pasted in, a header from another file):
 * a stray byte is read as windows-1252, and a character that is cut off at the end is left out.
 */
export function decodeMixedUtf8(bytes: Uint8Array): string {
  const buffer = asBuffer(bytes)
  const parts: string[] = []
  let from = 0
  for (let i = 0; i < bytes.length; ) {
    const length = (bytes[i] as number) < 0x80 ? 1 : sequenceLength(bytes, i)
    if (length > 0) {
      i += length
      continue
    }
    parts.push(buffer.toString('utf8', from, i))
    const cut = cutSequenceLength(bytes, i)
    if (cut === 0) parts.push(decodeWindows1252(bytes.subarray(i, i + 1)))
    i += Math.max(1, cut)
    from = i
  }
  parts.push(buffer.toString('utf8', from, bytes.length))
  return parts.join('')
}

/** Length of the well-formed multi-byte sequence at `at` (Unicode 15, table 3-7); 0 when there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] as number
  const length = expectedLength(lead)
  if (length === 0) return 0
  const second = bytes[at + 1] ?? 0
  if (second < lowestSecond(lead) || second > highestSecond(lead)) return 0
  for (let i = 2; i < length; i++) if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 0
  return length
}

/** Length of a sequence that the end of the bytes cuts off, 0 when it is not that. */
function cutSequenceLength(bytes: Uint8Array, at: number): number {
  const left = bytes.length - at
  if (left >= expectedLength(bytes[at] as number) || left > 3) return 0
  for (let i = 1; i < left; i++) if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 0
  return left
}

function expectedLength(lead: number): number {
  if (lead >= 0xc2 && lead <= 0xdf) return 2
  if (lead >= 0xe0 && lead <= 0xef) return 3
  return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0
}

function lowestSecond(lead: number): number {
  return lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80
}

function highestSecond(lead: number): number {
  return lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf
}

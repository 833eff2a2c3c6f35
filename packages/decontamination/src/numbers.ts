const SPACE = 0x20
const ZERO = 0x30

const isDigit = (byte: number) => byte >= 0x30 && byte <= 0x39
/** ASCII that is neither letter nor digit: what may stand between two numbers of one run. */
const joins = (byte: number) =>
  byte < 0x30 ||
  (byte > 0x39 && byte < 0x41) ||
  (byte > 0x5a && byte < 0x61) ||
  (byte > 0x7a && byte < 0x80)

/**
 * A copy of UTF-8 `bytes` in which every run of numbers, with nothing but ASCII signs and space between them, is one
 * `0` and then spaces: `for $1,250 (2 * 625)` -> `for $0              )`. No byte moves, so ranges found in the copy
 * are ranges of the original. A run is one token, or tables of figures would all be copies of each other.
 */
export function foldNumbers(bytes: Uint8Array): Uint8Array {
  const out = bytes.slice()
  let lastDigit = -1
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number
    if (isDigit(byte)) {
      if (lastDigit < 0) out[i] = ZERO
      else out.fill(SPACE, lastDigit + 1, i + 1)
      lastDigit = i
    } else if (!joins(byte)) lastDigit = -1
  }
  return out
}

/** A phrase to be found, and the mark by which its finder tells phrases apart. */
export interface Phrase {
  readonly text: string
  readonly mark: number
}

const encoder = new TextEncoder()

/** Byte classes at the edge of a match: letters, digits, `_` and everything beyond ASCII belong to words. */
const IN_WORD = new Uint8Array(256)
for (let byte = 0; byte < 256; byte++)
  if (byte >= 0x80 || /\w/.test(String.fromCharCode(byte))) IN_WORD[byte] = 1

const fold = (byte: number): number => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte)

/**
 * Finds any of many phrases in one pass over UTF-8 bytes (Aho and Corasick 1975, as a table of moves). ASCII letters
 * match in either case, others as given, in lower, upper and title case.
 */
export class PhraseFinder {
  private readonly columns = new Uint8Array(256)
  private readonly width: number
  private moves: Int32Array
  /** Per state: length and mark of the longest phrase that ends there, 0 for none, and the next state with a shorter one. */
  private length: Int32Array
  private readonly mark: Int32Array
  private readonly shorter: Int32Array
  private states = 1

  /** `wholeWords`: a phrase counts only where no word goes on at either end. */
  constructor(
    phrases: readonly Phrase[],
    private readonly wholeWords: boolean,
  ) {
    const spelled = phrases.flatMap(({ text, mark }) =>
      spellings(text).map((spelling) => ({ bytes: encoder.encode(spelling).map(fold), mark })),
    )
    let columns = 1
    for (const { bytes } of spelled)
      for (const byte of bytes) if (this.columns[byte] === 0) this.columns[byte] = columns++
    for (let byte = 0x41; byte <= 0x5a; byte++)
      this.columns[byte] = this.columns[fold(byte)] as number
    this.width = columns
    const states = spelled.reduce((sum, { bytes }) => sum + bytes.length, 1)
    this.moves = new Int32Array(states * columns)
    this.length = new Int32Array(states)
    this.mark = new Int32Array(states)
    this.shorter = new Int32Array(states)
    for (const { bytes, mark } of spelled) this.add(bytes, mark)
    this.connect()
  }

  /** Calls `found` for every match in order of its end, longer ones first; ranges may overlap. */
  scan(bytes: Uint8Array, found: (mark: number, start: number, end: number) => void): void {
    const { columns, moves, length, shorter, width } = this
    // States in `moves` are row offsets; a state with an end at or below it is negative.
    let at = 0
    for (let i = 0; i < bytes.length; i++) {
      const move = moves[at + (columns[bytes[i] as number] as number)] as number
      if (move >= 0) {
        at = move
        continue
      }
      at = ~move
      for (let state = at / width; state !== 0; state = shorter[state] as number) {
        const start = i + 1 - (length[state] as number)
        if (length[state] === 0 || (this.wholeWords && !this.isWhole(bytes, start, i + 1))) continue
        found(this.mark[state] as number, start, i + 1)
      }
    }
  }

  private isWhole(bytes: Uint8Array, start: number, end: number): boolean {
    return (
      (start === 0 || IN_WORD[bytes[start - 1] as number] === 0) &&
      (end === bytes.length || IN_WORD[bytes[end] as number] === 0)
    )
  }

  private add(bytes: Uint8Array, mark: number): void {
    if (bytes.length === 0) return
    let state = 0
    for (const byte of bytes) {
      const cell = state * this.width + (this.columns[byte] as number)
      if (this.moves[cell] === 0) this.moves[cell] = this.states++
      state = this.moves[cell] as number
    }
    this.length[state] = bytes.length
    this.mark[state] = mark
  }

  /** Fills in where to go on after a mismatch, breadth first. */
  private connect(): void {
    const { moves, width } = this
    const fallback = new Int32Array(this.states)
    const queue: number[] = []
    for (let column = 0; column < width; column++)
      if (moves[column] !== 0) queue.push(moves[column] as number)
    for (const state of queue) {
      const fail = fallback[state] as number
      this.shorter[state] = this.length[fail] !== 0 ? fail : (this.shorter[fail] as number)
      for (let column = 0; column < width; column++) {
        const cell = state * width + column
        const next = moves[cell] as number
        const other = moves[fail * width + column] as number
        if (next === 0) moves[cell] = other
        else {
          fallback[next] = other
          queue.push(next)
        }
      }
    }
    this.moves = moves.subarray(0, this.states * width)
    for (let cell = 0; cell < this.moves.length; cell++) {
      const state = this.moves[cell] as number
      const ends = this.length[state] !== 0 || this.shorter[state] !== 0
      this.moves[cell] = ends ? ~(state * width) : state * width
    }
  }
}

/** A phrase in the cases in which it stands in texts; one spelling is enough where ASCII folding covers them. */
function spellings(text: string): string[] {
  const lower = text.normalize('NFC').toLowerCase()
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant
  if (/^[\x00-\x7f]*$/.test(lower)) return [lower]
  const title = lower.replace(/(^|\s)(\S)/gu, (match) => match.toUpperCase())
  return [...new Set([lower, title, lower.toUpperCase()])]
}

/**
 * Arrow's Utf8 layout: value `i` is `bytes[offsets[i] .. offsets[i + 1])`, UTF-8.
 * `offsets` has one entry more than there are rows and starts at 0.
 */
export interface Utf8Column {
  readonly offsets: Int32Array
  readonly bytes: Uint8Array
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8')

export function rowCount(column: Utf8Column): number {
  return column.offsets.length - 1
}

/** The bytes of one value, as a view (not a copy). */
export function valueBytes(column: Utf8Column, row: number): Uint8Array {
  return column.bytes.subarray(column.offsets[row], column.offsets[row + 1])
}

/** True when a value of one column has the same bytes as a value of another. */
export function sameValue(
  one: Utf8Column,
  row: number,
  other: Utf8Column,
  otherRow: number,
): boolean {
  const from = one.offsets[row] as number
  const otherFrom = other.offsets[otherRow] as number
  const length = (one.offsets[row + 1] as number) - from
  if ((other.offsets[otherRow + 1] as number) - otherFrom !== length) return false
  for (let i = 0; i < length; i++)
    if (one.bytes[from + i] !== other.bytes[otherFrom + i]) return false
  return true
}

/** One value as a string. Invalid UTF-8 becomes U+FFFD. */
export function valueString(column: Utf8Column, row: number): string {
  const start = column.offsets[row] as number
  const end = column.offsets[row + 1] as number
  return start === end ? '' : decoder.decode(column.bytes.subarray(start, end))
}

/** All values as strings. */
export function strings(column: Utf8Column): string[] {
  const out = new Array<string>(rowCount(column))
  for (let row = 0; row < out.length; row++) out[row] = valueString(column, row)
  return out
}

/** Builds a column from strings. */
export function utf8Column(values: readonly string[]): Utf8Column {
  const builder = new Utf8Builder(values.length)
  for (const value of values) builder.append(value)
  return builder.finish()
}

/** Grows a Utf8 column value by value. `finish` copies once into buffers of the exact size. */
export class Utf8Builder {
  private offsets: Int32Array
  private bytes: Uint8Array
  private count = 0
  private used = 0

  constructor(rows = 16, bytesPerRow = 32) {
    this.offsets = new Int32Array(rows + 1)
    this.bytes = new Uint8Array(Math.max(64, rows * bytesPerRow))
  }

  get rows(): number {
    return this.count
  }

  get byteLength(): number {
    return this.used
  }

  append(value: string): void {
    if (value.length > 0) {
      this.reserve(value.length * 3)
      this.used += encoder.encodeInto(value, this.bytes.subarray(this.used)).written
    }
    this.close()
  }

  appendBytes(value: Uint8Array): void {
    this.reserve(value.length)
    this.bytes.set(value, this.used)
    this.used += value.length
    this.close()
  }

  finish(): Utf8Column {
    return {
      offsets: this.offsets.slice(0, this.count + 1),
      bytes: this.bytes.slice(0, this.used),
    }
  }

  private reserve(length: number): void {
    const wanted = this.used + length
    if (wanted <= this.bytes.length) return
    const grown = new Uint8Array(Math.max(wanted, this.bytes.length * 2))
    grown.set(this.bytes.subarray(0, this.used))
    this.bytes = grown
  }

  private close(): void {
    if (this.used > 0x7fffffff) throw new RangeError('a text column holds at most 2 GiB')
    this.count++
    if (this.count >= this.offsets.length) {
      const grown = new Int32Array(this.offsets.length * 2)
      grown.set(this.offsets)
      this.offsets = grown
    }
    this.offsets[this.count] = this.used
  }
}

/** The rows of `column` named by `rows`, in that order, as a new column. */
export function takeUtf8(column: Utf8Column, rows: Int32Array): Utf8Column {
  const offsets = new Int32Array(rows.length + 1)
  let total = 0
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number
    total += (column.offsets[row + 1] as number) - (column.offsets[row] as number)
    offsets[i + 1] = total
  }
  const bytes = new Uint8Array(total)
  for (let i = 0; i < rows.length; i++) {
    bytes.set(valueBytes(column, rows[i] as number), offsets[i] as number)
  }
  return { offsets, bytes }
}

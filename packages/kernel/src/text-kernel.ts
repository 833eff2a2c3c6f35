import { rowCount, type Utf8Column } from '@winnow/core'
import { instantiate, type WasmMemory } from './load.js'

/** Exports of `assembly/text`, where each is described. Addresses are in bytes; booleans are 0 or 1. */
export interface TextKernel {
  readonly memory: WasmMemory
  start(): void
  pieceBytes(): number
  pieceRows(): number
  inputAt(): number
  offsetsAt(): number
  rowHashesAt(): number
  rowLengthsAt(): number
  rowCountsAt(): number
  rowWordsAt(): number
  normalize(rows: number, continues: number, unfinished: number): void
  normalizedAt(): number
  rangesAt(): number
  configureSign(
    ngram: number,
    bands: number,
    bandRows: number,
    sketchBits: number,
    sketchSize: number,
    seed: number,
    rows: number,
    ofCharacters: number,
  ): void
  sign(rows: number, continues: number, unfinished: number): void
  bandKeysAt(): number
  sketchesAt(): number
  ngrams(rows: number, n: number, continues: number, unfinished: number): void
  ngramsAt(): number
  beginTable(entries: number): void
  addLength(n: number): void
  insert(count: number): void
  scan(rows: number, continues: number, unfinished: number): number
  hitsAt(): number
}

/** What of a kernel `pieces` fills. */
export type PieceMemory = Pick<
  TextKernel,
  'memory' | 'pieceBytes' | 'pieceRows' | 'inputAt' | 'offsetsAt'
>

/** Part of a column that is processed in one call: rows `firstRow .. firstRow + rows`. */
export interface Piece {
  readonly firstRow: number
  readonly rows: number
  /** 1 when the first row began in an earlier piece. */
  readonly continues: number
  /** 1 when the last row goes on in the next piece. */
  readonly unfinished: number
}

let shared: TextKernel | undefined

/** The thread's kernel for calls that keep nothing between them. */
export function textKernel(): TextKernel {
  shared ??= newTextKernel()
  return shared
}

/** A kernel with a memory of its own. */
export function newTextKernel(): TextKernel {
  const kernel = instantiate<TextKernel>('text')
  kernel.start()
  return kernel
}

/**
 * Puts `text` into the kernel's memory piece by piece: as many rows as fit, or a part of one that is too long.
 * Whatever the size of the batch or of a row, the kernel's memory is the same.
 */
export function* pieces(
  kernel: PieceMemory,
  text: Utf8Column,
  mostRows = kernel.pieceRows(),
): Generator<Piece> {
  const rows = rowCount(text)
  const mostBytes = kernel.pieceBytes()
  const { offsets, bytes } = text
  let row = 0
  // Where the next piece begins: in `row`, at its start or after the parts already done.
  let from = offsets[0] as number
  while (row < rows) {
    const firstRow = row
    const continues = from > (offsets[row] as number) ? 1 : 0
    while (
      row < rows &&
      row - firstRow < mostRows &&
      (offsets[row + 1] as number) - from <= mostBytes
    )
      row++
    const unfinished = row === firstRow ? 1 : 0
    const to = unfinished === 1 ? cutBefore(bytes, from + mostBytes) : (offsets[row] as number)
    const count = row - firstRow + unfinished
    const starts = new Uint32Array(kernel.memory.buffer, kernel.offsetsAt(), count + 1)
    for (let i = 1; i < count; i++) starts[i] = (offsets[firstRow + i] as number) - from
    starts[0] = 0
    starts[count] = to - from
    new Uint8Array(kernel.memory.buffer, kernel.inputAt(), to - from).set(bytes.subarray(from, to))
    from = to
    yield { firstRow, rows: count, continues, unfinished }
  }
}

/** The last place at or before `at` that is not inside of a code point. */
function cutBefore(bytes: Uint8Array, at: number): number {
  for (let cut = at; cut > at - 4; cut--) if (((bytes[cut] as number) & 0xc0) !== 0x80) return cut
  return at
}

import { rowCount, type Utf8Column } from '@winnow/core'
import { Growable } from './growable.js'
import { instantiate, type WasmMemory } from './load.js'
import { requireRange } from './sign.js'
import { pieces } from './text-kernel.js'

export interface PassageHashOptions {
  /**
   * `line`: what ends with a line feed, or with the text. `paragraph`: a run of lines that are not blank, with the blank
   * ones after it. `line` by default.
   */
  readonly unit?: 'line' | 'paragraph'
  /**
   * `folded`: the words as `normalize` gives them, every ASCII digit of them a 0. `exact`: the bytes, without ASCII white
   * space at the ends. `folded` by default.
   */
  readonly normalise?: 'folded' | 'exact'
  /** Least bytes of the normalised passage, 1 or more; 1 by default. Shorter ones have no key. */
  readonly minBytes?: number
  /** A number per row that is mixed into its keys; 0 everywhere by default. */
  readonly seeds?: BigUint64Array
}

/** The passages of a batch that are long enough: those of row `i` are `offsets[i] .. offsets[i + 1]`, in their order. */
export interface PassageHashes {
  readonly offsets: Uint32Array
  /** First byte of each passage in its row. */
  readonly starts: Uint32Array
  /** The byte after its line end, for a paragraph after the blank lines that follow. */
  readonly ends: Uint32Array
  /** 64-bit hash of the normalised passage and the row's seed; for one seed as good as the hash without. */
  readonly keys: BigUint64Array
  /** Bytes of all passages of each row, short ones too; without blank lines, for paragraphs without those before the first. */
  readonly passageBytes: Uint32Array
}

/** Exports of `assembly/passages`, where each is described. */
interface PassageKernel {
  readonly memory: WasmMemory
  reserveAll(): void
  pieceBytes(): number
  pieceRows(): number
  inputAt(): number
  offsetsAt(): number
  rowSeedsAt(): number
  rowCountsAt(): number
  rowBytesAt(): number
  recordsAt(): number
  configure(paragraphs: number, folding: number, minBytes: number): void
  read(rows: number, continues: number, unfinished: number): void
}

const RECORD_WORDS = 4
const BYTES_A_PASSAGE = 100

let shared: PassageKernel | undefined

function passageKernel(): PassageKernel {
  if (shared === undefined) {
    shared = instantiate<PassageKernel>('passages')
    shared.reserveAll()
  }
  return shared
}

/**
 * The lines or paragraphs of every row, with a key for what each says.
 *
 * A line is blank when it has nothing but ASCII white space (space, tab to carriage return); blank lines are no passages.
 * Throws UsageError when `minBytes` is out of range.
 */
export function passageHashes(text: Utf8Column, options: PassageHashOptions = {}): PassageHashes {
  const { unit = 'line', normalise = 'folded', minBytes = 1, seeds } = options
  requireRange('minBytes', minBytes, 1, 0x7fffffff)
  const kernel = passageKernel()
  kernel.configure(unit === 'paragraph' ? 1 : 0, normalise === 'folded' ? 1 : 0, minBytes)
  const rows = rowCount(text)
  const offsets = new Uint32Array(rows + 1)
  const passageBytes = new Uint32Array(rows)
  const guess = Math.ceil(text.bytes.length / BYTES_A_PASSAGE)
  const records = new Growable(Uint32Array, guess * RECORD_WORDS)
  for (const { firstRow, rows: count, continues, unfinished } of pieces(kernel, text)) {
    const rowSeeds = new BigUint64Array(kernel.memory.buffer, kernel.rowSeedsAt(), count)
    if (seeds === undefined) rowSeeds.fill(0n)
    else rowSeeds.set(seeds.subarray(firstRow, firstRow + count))
    kernel.read(count, continues, unfinished)
    const { buffer } = kernel.memory
    const counts = new Uint32Array(buffer, kernel.rowCountsAt(), count)
    let told = records.length / RECORD_WORDS
    const before = told
    for (let i = 0; i < count; i++) {
      told += counts[i] as number
      offsets[firstRow + i + 1] = told
    }
    passageBytes.set(new Uint32Array(buffer, kernel.rowBytesAt(), count - unfinished), firstRow)
    records.append(new Uint32Array(buffer, kernel.recordsAt(), (told - before) * RECORD_WORDS))
  }
  return { offsets, passageBytes, ...columnsOf(records.finish()) }
}

function columnsOf(records: Uint32Array): Pick<PassageHashes, 'starts' | 'ends' | 'keys'> {
  const count = records.length / RECORD_WORDS
  const starts = new Uint32Array(count)
  const ends = new Uint32Array(count)
  const keyWords = new Uint32Array(2 * count)
  for (let i = 0; i < count; i++) {
    const at = RECORD_WORDS * i
    starts[i] = records[at] as number
    ends[i] = records[at + 1] as number
    keyWords[2 * i] = records[at + 2] as number
    keyWords[2 * i + 1] = records[at + 3] as number
  }
  return { starts, ends, keys: new BigUint64Array(keyWords.buffer) }
}

import { continueFolding, edgeCount, foldedEnd } from './fold'
import { EDGES, FOLDED, ORIGINS } from './layout'

// Writing the folded words of a row out, a space between two. Words that go over the end of a block are written in parts.

/** End of the normalised bytes written. */
export let outputEnd: usize = 0
/** End of the word ranges written, pairs of u32. */
export let rangesEnd: usize = 0
let rowStart: usize = 0
/** A word was open at the end of the last block. */
let continued: bool = false

/** Begins a call that writes bytes from `bytes` and word ranges from `ranges` on. A row may go on from the last call. */
export function beginOutput(bytes: usize, ranges: usize): void {
  const wordsInRow = outputEnd != rowStart
  rowStart = wordsInRow ? 0 : bytes
  outputEnd = bytes
  rangesEnd = ranges
}

export function beginRowOutput(): void {
  rowStart = outputEnd
  continued = false
}

/** Writes the block's words, the open one as far as it goes. */
export function writeWords(): void {
  const count = edgeCount
  let out = outputEnd
  for (let edge: u32 = 0; edge < count; edge += 2) {
    const at = EDGES + ((<usize>edge) << 2)
    const from = <usize>load<u32>(at)
    const ended = edge + 1 < count
    const end = ended ? <usize>load<u32>(at, 4) : foldedEnd
    if (!(edge == 0 && continued) && out != rowStart) store<u8>(out++, 0x20)
    out = copyWord(from, end, out)
    if (ended) {
      store<u64>(rangesEnd, load<u64>(ORIGINS + ((<usize>edge) << 2)))
      rangesEnd += 8
    }
  }
  continued = (count & 1) != 0
  outputEnd = out
}

/** Makes ready for the row's next block; nothing of an open word stays in the folded text. */
export function nextOutputBlock(): void {
  const origin = load<u32>(ORIGINS + ((<usize>edgeCount >> 1) << 3))
  store<u32>(EDGES, <u32>FOLDED)
  store<u32>(ORIGINS, origin)
  continueFolding(continued, 0)
}

/** Copies [from, end) to `out` in steps of 16 bytes, so up to 15 bytes too many; returns its end. */
function copyWord(from: usize, end: usize, out: usize): usize {
  const shift = out - from
  do {
    v128.store(from + shift, v128.load(from))
    from += 16
  } while (from < end)
  return end + shift
}

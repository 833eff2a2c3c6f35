import { type Attributes, mergeRanges } from './attributes.js'
import { rowCount, Utf8Builder, type Utf8Column, valueBytes } from './columns.js'

/** Byte ranges to remove from a row, from all stages, merged. */
export function rangesOf(stages: readonly Attributes[], row: number): number[] {
  const ranges: number[] = []
  for (const { spans } of stages)
    for (let i = spans.offsets[row] as number; i < (spans.offsets[row + 1] as number); i++)
      ranges.push(spans.values[i] as number)
  return mergeRanges(ranges)
}

/** `text` without the spans of `stages`. Returns `text` itself when there is nothing to cut. */
export function applyCuts(text: Utf8Column, stages: readonly Attributes[]): Utf8Column {
  if (stages.every((stage) => stage.spans.values.length === 0)) return text
  const rows = rowCount(text)
  const builder = new Utf8Builder(rows, Math.ceil(text.bytes.length / Math.max(1, rows)))
  for (let row = 0; row < rows; row++) {
    const value = valueBytes(text, row)
    const ranges = rangesOf(stages, row)
    builder.appendBytes(ranges.length === 0 ? value : removeRanges(value, ranges))
  }
  return builder.finish()
}

/** `bytes` without the merged, ascending `ranges`. */
export function removeRanges(bytes: Uint8Array, ranges: readonly number[]): Uint8Array {
  const out = new Uint8Array(bytes.length)
  let used = 0
  let from = 0
  for (let i = 0; i < ranges.length; i += 2) {
    const start = Math.min(bytes.length, ranges[i] as number)
    out.set(bytes.subarray(from, start), used)
    used += Math.max(0, start - from)
    from = Math.min(bytes.length, ranges[i + 1] as number)
  }
  out.set(bytes.subarray(from), used)
  used += bytes.length - from
  return out.subarray(0, used)
}

/**
 * Ranges of the cut text as ranges of the original text. `cuts` are the merged ranges that were removed.
 * A range that lies over a cut is split around it.
 */
export function toOriginalRanges(ranges: readonly number[], cuts: readonly number[]): number[] {
  if (cuts.length === 0) return [...ranges]
  const out: number[] = []
  for (let i = 0; i < ranges.length; i += 2) {
    let start = ranges[i] as number
    let left = (ranges[i + 1] as number) - start
    for (let c = 0; c < cuts.length && left > 0; c += 2) {
      const from = cuts[c] as number
      const length = (cuts[c + 1] as number) - from
      if (start >= from) start += length
      else if (start + left > from) {
        out.push(start, from)
        left -= from - start
        start = from + length
      }
    }
    if (left > 0) out.push(start, start + left)
  }
  return out
}

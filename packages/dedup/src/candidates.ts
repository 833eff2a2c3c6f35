import { FIRST_BAND_TAG, TEXT_TAG, URL_TAG } from './keys.js'
import type { Matches } from './matches.js'

/** Kinds of resemblance, the strongest first. */
export const Family = { url: 0, text: 1, near: 2 } as const
export type FamilyCode = (typeof Family)[keyof typeof Family]

/**
 * The pairs that share a key, one entry a pair, ascending by row and then by earlier document.
 * It does not depend on the order in which slots answered.
 */
export interface Candidates {
  readonly count: number
  readonly row: Uint32Array
  readonly earlier: Float64Array
  /** 1 where the pair shares its URL. */
  readonly sameUrl: Uint8Array
  /** 1 where the pair shares the hash of its text. */
  readonly sameText: Uint8Array
  /** Bands shared. */
  readonly bands: Uint16Array
}

/** `ordinal * TAGS + tag` is exact in a double for ordinals of 39 bits. */
const TAGS = 512

/** Gathers matches into pairs. `rows` is the number of rows of the shard. */
export function candidatePairs(matches: Matches, rows: number): Candidates {
  const { starts, sorted } = byRow(matches, rows)
  const out = {
    row: new Uint32Array(matches.count),
    earlier: new Float64Array(matches.count),
    sameUrl: new Uint8Array(matches.count),
    sameText: new Uint8Array(matches.count),
    bands: new Uint16Array(matches.count),
  }
  let last = -1
  for (let row = 0; row < rows; row++) {
    const from = starts[row] as number
    const to = starts[row + 1] as number
    for (let at = from; at < to; at++) {
      const packed = sorted[at] as number
      const earlier = Math.floor(packed / TAGS)
      const tag = packed - earlier * TAGS
      if (at === from || out.earlier[last] !== earlier) {
        last++
        out.row[last] = row
        out.earlier[last] = earlier
      }
      if (tag === URL_TAG) out.sameUrl[last] = 1
      else if (tag === TEXT_TAG) out.sameText[last] = 1
      else if (tag >= FIRST_BAND_TAG) out.bands[last] = (out.bands[last] as number) + 1
    }
  }
  const count = last + 1
  return {
    count,
    row: out.row.slice(0, count),
    earlier: out.earlier.slice(0, count),
    sameUrl: out.sameUrl.slice(0, count),
    sameText: out.sameText.slice(0, count),
    bands: out.bands.slice(0, count),
  }
}

/** Matches as packed (earlier, tag), grouped by row, ascending within a row. */
function byRow(matches: Matches, rows: number): { starts: Uint32Array; sorted: Float64Array } {
  const starts = new Uint32Array(rows + 1)
  for (let i = 0; i < matches.count; i++) {
    const row = (matches.row[i] as number) + 1
    starts[row] = (starts[row] as number) + 1
  }
  for (let row = 0; row < rows; row++)
    starts[row + 1] = (starts[row + 1] as number) + (starts[row] as number)
  const next = starts.slice()
  const sorted = new Float64Array(matches.count)
  for (let i = 0; i < matches.count; i++) {
    const row = matches.row[i] as number
    const at = next[row] as number
    next[row] = at + 1
    sorted[at] = (matches.earlier[i] as number) * TAGS + (matches.tag[i] as number)
  }
  for (let row = 0; row < rows; row++) {
    const from = starts[row] as number
    const to = starts[row + 1] as number
    if (to - from > 1) sorted.subarray(from, to).sort()
  }
  return { starts, sorted }
}

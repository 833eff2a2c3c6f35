import { mergeRanges } from '@winnow/core'
import type { MatchOptions } from './options.js'

/** What to remove from a document, or that nothing worth keeping would be left. */
export type CutPlan =
  | { readonly drop: false; readonly ranges: readonly number[] }
  | { readonly drop: true; readonly why: string }

/**
 * GPT-3's rule (arXiv 2005.14165, appendix C): every match goes with `cutMargin` characters either side, rests shorter
 * than `minRest` characters go too, and a document in more than `maxCuts` places goes whole.
 * `ranges` are byte ranges of `text` on code point boundaries, and so are those of the plan.
 */
export function planCuts(
  text: Uint8Array,
  ranges: readonly number[],
  options: MatchOptions,
): CutPlan {
  const widened: number[] = []
  for (let i = 0; i < ranges.length; i += 2)
    widened.push(
      back(text, ranges[i] as number, options.cutMargin),
      forward(text, ranges[i + 1] as number, options.cutMargin),
    )
  const cuts = mergeRanges(widened)
  if (cuts.length / 2 > options.maxCuts)
    return { drop: true, why: `found in ${cuts.length / 2} places, more than ${options.maxCuts}` }
  const whole = mergeRanges([...cuts, ...shortRests(text, cuts, options.minRest)])
  if (whole[0] === 0 && whole[1] === text.length)
    return { drop: true, why: 'nothing would be left' }
  return { drop: false, ranges: whole }
}

/** The stretches between `cuts` (and at both ends) of fewer than `minRest` characters. */
function shortRests(text: Uint8Array, cuts: readonly number[], minRest: number): number[] {
  const out: number[] = []
  const edges = [0, ...cuts, text.length]
  for (let i = 0; i < edges.length; i += 2) {
    const start = edges[i] as number
    const end = edges[i + 1] as number
    if (shorter(text, start, end, minRest)) out.push(start, end)
  }
  return out
}

const continues = (byte: number | undefined) => byte !== undefined && (byte & 0xc0) === 0x80

/** The byte at which the code point `count` before `from` begins. */
function back(text: Uint8Array, from: number, count: number): number {
  let at = from
  for (let n = 0; n < count && at > 0; n++) {
    at--
    while (at > 0 && continues(text[at])) at--
  }
  return at
}

/** The byte at which the code point `count` after `from` begins. */
function forward(text: Uint8Array, from: number, count: number): number {
  let at = from
  for (let n = 0; n < count && at < text.length; n++) {
    at++
    while (continues(text[at])) at++
  }
  return at
}

/** True when `text[from .. to)` holds fewer than `count` code points. */
function shorter(text: Uint8Array, from: number, to: number, count: number): boolean {
  if (to - from >= count * 4) return false
  let characters = 0
  for (let i = from; i < to; i++) if (!continues(text[i])) characters++
  return characters < count
}

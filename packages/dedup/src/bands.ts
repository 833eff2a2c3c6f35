import type { DedupParameters } from './parameters.js'

/** Chance at which a proposal is believed without a look at the sketches. */
export const CERTAIN_CHANCE = 1e-6

/** Probability that one band of `rows` minimums agrees for two documents of Jaccard index `similarity`. */
export function bandProbability(similarity: number, rows: number): number {
  return similarity ** rows
}

/** Probability that at least one of `bands` bands agrees: 1 - (1 - s^r)^b. */
export function candidateProbability(similarity: number, bands: number, rows: number): number {
  return 1 - (1 - bandProbability(similarity, rows)) ** bands
}

/** Probability that at least `least` of `bands` bands agree: the upper tail of a binomial distribution. */
export function sharedBandsProbability(
  similarity: number,
  bands: number,
  rows: number,
  least: number,
): number {
  const p = bandProbability(similarity, rows)
  if (p >= 1) return least <= bands ? 1 : 0
  // In logarithms: with many bands and a high similarity the first terms are too small for a number.
  let logChoose = 0
  let tail = 0
  for (let k = 0; k <= bands; k++) {
    if (k > 0) logChoose += Math.log((bands - k + 1) / k)
    const log = logChoose + (k === 0 ? 0 : k * Math.log(p)) + (bands - k) * Math.log1p(-p)
    if (k >= least) tail += Math.exp(log)
  }
  return Math.min(1, tail)
}

/**
 * Shared bands from which on a pair needs no look at its sketches: a pair at the threshold, and all the more one under it,
 * shares as many with a chance of at most `CERTAIN_CHANCE`. More than `bands` when no number is that certain.
 *
 * 14 x 8 at 0.7: 8 bands. 20 x 6 at 0.75: 14. 450 x 20 at 0.8: 20.
 */
export function certainBands({ bands, rows, verify }: DedupParameters): number {
  if (verify === 'off') return 1
  let least = 1
  while (least <= bands && sharedBandsProbability(verify, bands, rows, least) > CERTAIN_CHANCE)
    least++
  return least
}

/** The Jaccard index at which a pair shares, on average, `shared` of `bands` bands. */
export function similarityOfShared(shared: number, { bands, rows }: DedupParameters): number {
  return Math.min(1, shared / bands) ** (1 / rows)
}

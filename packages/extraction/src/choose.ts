/**
 * Chooses the blocks that maximise the F1 to expect, given each block's probability of being
 * content and its size (Lewis 1995: the best set holds the most probable blocks down to half of
 * the F1 it reaches). A page where nothing is sure thus keeps what is likeliest.
 *
 * @param strictness probabilities are raised to this power first, so that over
 *   1 less is kept and under 1 more
 * @returns the least probability that is kept
 */
export function expectedF1Threshold(
  probabilities: Float64Array,
  sizes: Float64Array | Int32Array,
  strictness = 1,
): number {
  const weights = probabilities.map((p) => p ** strictness)
  const order = Array.from(probabilities.keys()).sort(
    (a, b) => (probabilities[b] as number) - (probabilities[a] as number) || a - b,
  )
  let expected = 0
  for (const block of order) expected += (weights[block] as number) * (sizes[block] as number)
  let hit = 0
  let size = 0
  let best = 0
  let threshold = 1
  for (const block of order) {
    hit += (weights[block] as number) * (sizes[block] as number)
    size += sizes[block] as number
    const f1 = size + expected > 0 ? (2 * hit) / (size + expected) : 0
    if (f1 > best) {
      best = f1
      threshold = probabilities[block] as number
    }
  }
  return threshold
}

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
  const order = mostProbableFirst(probabilities)
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

/** The numbers of the blocks by falling probability, equal ones by number. A sort without a comparison function is native. */
function mostProbableFirst(probabilities: Float64Array): Int32Array {
  const count = probabilities.length
  const falling = probabilities.slice().sort().reverse()
  const taken = new Int32Array(count)
  const order = new Int32Array(count)
  for (let block = 0; block < count; block++) {
    const probability = probabilities[block] as number
    let low = 0
    let high = count
    while (low < high) {
      const middle = (low + high) >> 1
      if ((falling[middle] as number) > probability) low = middle + 1
      else high = middle
    }
    order[low + (taken[low] as number)] = block
    taken[low] = (taken[low] as number) + 1
  }
  return order
}

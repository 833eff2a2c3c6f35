import type { Blocks } from './blocks.js'

/** Blocks on either side that are listened to, and how much they weigh together against the block itself. */
const REACH = 3
const WEIGHT = 0.3

/** Draws each block's log odds towards those of its neighbours: content comes in runs. */
export function smooth(probabilities: Float64Array, blocks: Pick<Blocks, 'words'>): Float64Array {
  const count = probabilities.length
  const odds = probabilities.map((p) => Math.log(p / (1 - p)))
  const weights = Float64Array.from(blocks.words, (words) => Math.log2(2 + words))
  const result = new Float64Array(count)
  for (let block = 0; block < count; block++) {
    let sum = 0
    let total = 0
    const stop = Math.min(count - 1, block + REACH)
    for (let other = Math.max(0, block - REACH); other <= stop; other++) {
      if (other === block) continue
      const weight = (weights[other] as number) / Math.abs(block - other)
      sum += weight * (odds[other] as number)
      total += weight
    }
    const own = odds[block] as number
    const drawn = total > 0 ? (1 - WEIGHT) * own + (WEIGHT * sum) / total : own
    result[block] = 1 / (1 + Math.exp(-drawn))
  }
  return result
}

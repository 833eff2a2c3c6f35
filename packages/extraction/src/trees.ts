/**
 * A sum of complete binary decision trees of one depth, in heap layout: node `i` sends a row to
 * `2i + 1` when the feature is at most the threshold, to `2i + 2` when it is over.
 */
export interface TreeModel {
  readonly depth: number
  /** Log odds before any tree. */
  readonly base: number
  /** Per tree and inner node (2^depth - 1 of them): feature index and threshold. */
  readonly features: Uint8Array
  readonly thresholds: Float32Array
  /** Per tree and leaf (2^depth of them): what it adds to the log odds. */
  readonly leaves: Float32Array
}

/** The probability that a model gives to one row of features, written plainly: the kernel's `TreeScorer` does the same for many. */
export function predict(model: TreeModel, row: Float32Array): number {
  const { depth, features, thresholds, leaves } = model
  const inner = 2 ** depth - 1
  const trees = features.length / inner
  let sum = model.base
  for (let tree = 0; tree < trees; tree++) {
    const root = tree * inner
    let node = 0
    for (let level = 0; level < depth; level++) {
      const at = root + node
      const value = row[features[at] as number] as number
      node = 2 * node + (value > (thresholds[at] as number) ? 2 : 1)
    }
    sum += leaves[root + tree + node - inner] as number
  }
  return 1 / (1 + Math.exp(-sum))
}

/** Reads a model from comma-separated numbers; an empty threshold sends every row to the left. */
export function decodeModel(
  depth: number,
  base: number,
  features: string,
  thresholds: string,
  leaves: string,
): TreeModel {
  const numbers = (list: string) =>
    list.split(',').map((n) => (n === '' ? Number.POSITIVE_INFINITY : Number(n)))
  return {
    depth,
    base,
    features: Uint8Array.from(numbers(features)),
    thresholds: Float32Array.from(numbers(thresholds)),
    leaves: Float32Array.from(numbers(leaves)),
  }
}

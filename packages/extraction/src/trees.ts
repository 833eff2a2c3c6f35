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

/** Probability for each row of `table`, which holds rows of `width` numbers. */
export function predict(model: TreeModel, table: Float32Array, width: number): Float64Array {
  const { depth, features, thresholds, leaves } = model
  const inner = 2 ** depth - 1
  const trees = features.length / inner
  const rows = width > 0 ? table.length / width : 0
  const sums = new Float64Array(rows).fill(model.base)
  // Tree by tree: a tree's few numbers stay at hand while the rows pass.
  for (let tree = 0; tree < trees; tree++) {
    const offset = tree * inner
    const leaf = tree * (inner + 1) - inner
    for (let row = 0, start = 0; row < rows; row++, start += width) {
      let node = 0
      for (let level = 0; level < depth; level++) {
        const at = offset + node
        const value = table[start + (features[at] as number)] as number
        node = 2 * node + (value > (thresholds[at] as number) ? 2 : 1)
      }
      sums[row] = (sums[row] as number) + (leaves[leaf + node] as number)
    }
  }
  return sums.map((sum) => 1 / (1 + Math.exp(-sum)))
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

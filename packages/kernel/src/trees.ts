import { instantiate, type WasmMemory } from './load.js'

/** Complete binary trees of depth 4 in heap layout: condition `i` leads to `2i + 1`, or `2i + 2` when it holds. */
export interface TreeEnsemble {
  /** What the sum begins with. */
  readonly base: number
  /** Per tree and condition (15 of them): the feature's number, under 256. */
  readonly features: ArrayLike<number>
  /** The condition holds when the feature is over this. */
  readonly thresholds: ArrayLike<number>
  /** Per tree and leaf (16 of them): what it adds. */
  readonly leaves: ArrayLike<number>
}

interface TreeExports {
  readonly memory: WasmMemory
  rows(): number
  columns(): number
  thresholds(): number
  leafValues(): number
  sums(): number
  score(trees: number, width: number, base: number): void
}

/** Rows that are scored at once, and the room for each, in features. */
export const SCORED_ROWS = 4
export const SCORED_WIDTH = 256

const DEPTH_4_CONDITIONS = 15
const DEPTH_4_LEAVES = 16
const MAX_TREES = 256

/** Scores rows of features with an ensemble, `SCORED_ROWS` rows at once, to the bit as one by one. */
export class TreeScorer {
  /** Where the rows are written: feature `f` of row `r` at `SCORED_WIDTH * r + f`. */
  readonly rows: Float32Array
  /** Sum of base and leaves per row, as `score` left it. */
  readonly sums: Float64Array
  readonly #exports: TreeExports
  readonly #trees: number
  readonly #width: number
  readonly #base: number

  /** @throws RangeError when the ensemble is not of depth 4, or has over 256 trees or features */
  constructor(ensemble: TreeEnsemble) {
    const { features, thresholds, leaves } = ensemble
    const trees = features.length / DEPTH_4_CONDITIONS
    if (
      !Number.isInteger(trees) ||
      trees > MAX_TREES ||
      thresholds.length !== features.length ||
      leaves.length !== trees * DEPTH_4_LEAVES
    )
      throw new RangeError(
        `an ensemble holds at most ${MAX_TREES} trees of ${DEPTH_4_CONDITIONS} conditions and ` +
          `${DEPTH_4_LEAVES} leaves, not ${features.length} conditions and ${leaves.length} leaves`,
      )
    const columns = Uint16Array.from(features, (feature) => {
      if (feature >= 0 && feature < SCORED_WIDTH) return feature * SCORED_ROWS * 4
      throw new RangeError(`an ensemble has features 0 to ${SCORED_WIDTH - 1}, not ${feature}`)
    })
    const exports = instantiate<TreeExports>('trees')
    // The memory never grows, so views of it stay valid.
    const { buffer } = exports.memory
    new Uint16Array(buffer, exports.columns(), columns.length).set(columns)
    new Float32Array(buffer, exports.thresholds(), thresholds.length).set(thresholds)
    new Float32Array(buffer, exports.leafValues(), leaves.length).set(leaves)
    this.rows = new Float32Array(buffer, exports.rows(), SCORED_WIDTH * SCORED_ROWS)
    this.sums = new Float64Array(buffer, exports.sums(), SCORED_ROWS)
    this.#exports = exports
    this.#trees = trees
    this.#width =
      1 + columns.reduce((most, column) => Math.max(most, column), 0) / (SCORED_ROWS * 4)
    this.#base = ensemble.base
  }

  /** Scores what stands in `rows` into `sums`. */
  score(): void {
    this.#exports.score(this.#trees, this.#width, this.#base)
  }
}

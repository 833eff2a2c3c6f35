import type { TreeModel } from '../trees.js'

export interface TrainingSet {
  /** Rows of `width` features. */
  readonly table: Float32Array
  readonly width: number
  /** 0 to 1 per row. */
  readonly labels: Float32Array
  readonly weights: Float32Array
}

export interface BoostOptions {
  readonly trees: number
  readonly depth: number
  readonly rate: number
  /** Share of the features each tree may use, and of the rows it learns from. */
  readonly featureShare: number
  readonly rowShare: number
  /** L2 penalty on leaves, and the least weight of a leaf. */
  readonly penalty: number
  readonly leastWeight: number
  readonly seed: number
}

export const BOOST_DEFAULTS: BoostOptions = {
  trees: 80,
  depth: 4,
  rate: 0.1,
  featureShare: 0.5,
  rowShare: 0.6,
  penalty: 5,
  leastWeight: 40,
  seed: 1,
}

const BINS = 48

/** Gradient boosting of the logistic loss over histograms (Friedman 2001; bins as in LightGBM). */
export function boost(set: TrainingSet, options: BoostOptions = BOOST_DEFAULTS): TreeModel {
  const { width, labels, weights } = set
  const rows = labels.length
  const { edges, bins } = intoBins(set)
  const random = randomFrom(options.seed)
  const inner = 2 ** options.depth - 1
  const features = new Uint8Array(options.trees * inner)
  const thresholds = new Float32Array(options.trees * inner).fill(Number.POSITIVE_INFINITY)
  const leaves = new Float32Array(options.trees * (inner + 1))
  let positive = 0
  let total = 0
  for (let row = 0; row < rows; row++) {
    positive += (labels[row] as number) * (weights[row] as number)
    total += weights[row] as number
  }
  const base = Math.log(positive / (total - positive))
  const score = new Float64Array(rows).fill(base)
  const gradient = new Float32Array(rows)
  const curvature = new Float32Array(rows)
  const node = new Uint8Array(rows)
  const taught = new Int32Array(rows)
  for (let tree = 0; tree < options.trees; tree++) {
    let lessons = 0
    for (let row = 0; row < rows; row++) {
      const p = 1 / (1 + Math.exp(-(score[row] as number)))
      const weight = weights[row] as number
      gradient[row] = ((labels[row] as number) - p) * weight
      curvature[row] = Math.max(1e-6, p * (1 - p)) * weight
      if (random() < options.rowShare) taught[lessons++] = row
    }
    node.fill(0)
    const used: number[] = []
    for (let feature = 0; feature < width; feature++)
      if (random() < options.featureShare) used.push(feature)
    for (let level = 0; level < options.depth; level++) {
      const splits = bestSplits(
        { bins, width, gradient, curvature, node, rows: taught.subarray(0, lessons), used },
        level,
        options,
      )
      for (const [index, split] of splits.entries()) {
        if (split === undefined) continue
        const at = tree * inner + 2 ** level - 1 + index
        features[at] = split.feature
        thresholds[at] = edges[split.feature]?.[split.bin] ?? Number.POSITIVE_INFINITY
      }
      for (let row = 0; row < rows; row++) {
        const split = splits[node[row] as number]
        const over =
          split !== undefined && (bins[row * width + split.feature] as number) > split.bin
        node[row] = 2 * (node[row] as number) + (over ? 1 : 0)
      }
    }
    const sumGradient = new Float64Array(inner + 1)
    const sumCurvature = new Float64Array(inner + 1)
    for (let index = 0; index < lessons; index++) {
      const row = taught[index] as number
      const leaf = node[row] as number
      sumGradient[leaf] = (sumGradient[leaf] as number) + (gradient[row] as number)
      sumCurvature[leaf] = (sumCurvature[leaf] as number) + (curvature[row] as number)
    }
    for (let leaf = 0; leaf <= inner; leaf++)
      leaves[tree * (inner + 1) + leaf] =
        (options.rate * (sumGradient[leaf] as number)) /
        ((sumCurvature[leaf] as number) + options.penalty)
    for (let row = 0; row < rows; row++)
      score[row] =
        (score[row] as number) + (leaves[tree * (inner + 1) + (node[row] as number)] as number)
  }
  return { depth: options.depth, base, features, thresholds, leaves }
}

interface Split {
  readonly feature: number
  readonly bin: number
}

interface Growing {
  readonly bins: Uint8Array
  readonly width: number
  readonly gradient: Float32Array
  readonly curvature: Float32Array
  readonly node: Uint8Array
  readonly rows: Int32Array
  readonly used: readonly number[]
}

function bestSplits(state: Growing, level: number, options: BoostOptions): (Split | undefined)[] {
  const nodes = 2 ** level
  const { bins, width, gradient, curvature, node, rows, used } = state
  const size = used.length * BINS
  const g = new Float64Array(nodes * size)
  const h = new Float64Array(nodes * size)
  for (const row of rows) {
    const rowBins = row * width
    const rowG = gradient[row] as number
    const rowH = curvature[row] as number
    let slot = (node[row] as number) * size
    for (const feature of used) {
      const at = slot + (bins[rowBins + feature] as number)
      g[at] = (g[at] as number) + rowG
      h[at] = (h[at] as number) + rowH
      slot += BINS
    }
  }
  const gain = (sumG: number, sumH: number) => (sumG * sumG) / (sumH + options.penalty)
  return Array.from({ length: nodes }, (_, index) => {
    let best: Split | undefined
    let bestGain = 1e-3
    for (const [order, feature] of used.entries()) {
      const from = index * size + order * BINS
      let allG = 0
      let allH = 0
      for (let bin = 0; bin < BINS; bin++) {
        allG += g[from + bin] as number
        allH += h[from + bin] as number
      }
      let leftG = 0
      let leftH = 0
      for (let bin = 0; bin < BINS - 1; bin++) {
        leftG += g[from + bin] as number
        leftH += h[from + bin] as number
        if (leftH < options.leastWeight) continue
        if (allH - leftH < options.leastWeight) break
        const won = gain(leftG, leftH) + gain(allG - leftG, allH - leftH) - gain(allG, allH)
        if (won > bestGain) {
          bestGain = won
          best = { feature, bin }
        }
      }
    }
    return best
  })
}

/** Cuts each feature at up to BINS - 1 of its quantiles. */
function intoBins(set: TrainingSet): { edges: Float32Array[]; bins: Uint8Array } {
  const { table, width } = set
  const rows = table.length / width
  const bins = new Uint8Array(table.length)
  const edges: Float32Array[] = []
  const column = new Float32Array(rows)
  for (let feature = 0; feature < width; feature++) {
    for (let row = 0; row < rows; row++) column[row] = table[row * width + feature] as number
    const sorted = column.slice().sort()
    const cuts = new Set<number>()
    for (let bin = 1; bin < BINS; bin++)
      cuts.add(sorted[Math.floor((bin * (rows - 1)) / BINS)] as number)
    // Rare values of a flag fall between quantiles: the extremes are always told apart.
    cuts.add(sorted[0] as number)
    const kept = Float32Array.from(cuts)
      .sort()
      .slice(0, BINS - 1)
    edges.push(kept)
    for (let row = 0; row < rows; row++) {
      const value = column[row] as number
      let low = 0
      let high = kept.length
      while (low < high) {
        const middle = (low + high) >> 1
        if (value <= (kept[middle] as number)) high = middle
        else low = middle + 1
      }
      bins[row * width + feature] = low
    }
  }
  return { edges, bins }
}

/** Mulberry32: the same numbers for the same seed, everywhere. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

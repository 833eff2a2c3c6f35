import type { TreeModel } from '../trees.js'
import type { TrainingSet } from './boost.js'
import type { LabelledPage } from './label.js'

/** Splits pages in two halves by their id, for judging on what was not learned from. */
export function halfOf(id: string): number {
  let hash = 0
  for (let at = 0; at < id.length; at++) hash = (hash * 31 + id.charCodeAt(at)) >>> 0
  return ((hash >>> 7) ^ (hash >>> 3)) & 1
}

/** One training set of many pages, weights scaled to a mean of 1. */
export function joinPages(pages: readonly LabelledPage[], width: number): TrainingSet {
  const rows = pages.reduce((sum, page) => sum + page.labels.length, 0)
  const table = new Float32Array(rows * width)
  const labels = new Float32Array(rows)
  const weights = new Float32Array(rows)
  let row = 0
  let total = 0
  for (const page of pages) {
    table.set(page.table, row * width)
    labels.set(page.labels, row)
    weights.set(page.weights, row)
    row += page.labels.length
    for (const weight of page.weights) total += weight
  }
  for (let index = 0; index < rows; index++)
    weights[index] = ((weights[index] as number) * rows) / total
  return { table, width, labels, weights }
}

/** TypeScript source of a model; thresholds keep all digits of a 32-bit float. */
export function modelSource(model: TreeModel): string {
  const numbers = (values: ArrayLike<number>, digits = 9) =>
    Array.from(values, (value) =>
      Number.isFinite(value) ? String(Number(value.toPrecision(digits))) : '',
    ).join(',')
  return `import { decodeModel } from './trees.js'

/** Learned by train.mjs; not written by hand. */
export const MODEL = decodeModel(
  ${model.depth},
  ${Number(model.base.toPrecision(5))},
  '${numbers(model.features)}',
  '${numbers(model.thresholds)}',
  '${numbers(model.leaves, 4)}',
)
`
}

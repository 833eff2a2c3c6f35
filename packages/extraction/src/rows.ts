import type { Measures } from './measure.js'
import { Tag } from './tags.js'
import type { PageTree } from './tree.js'

/** A cell of more characters that holds blocks is a column of the page's layout. */
const MAX_CELL = 400

/**
 * Tells rows of data from rows that only lay out the page. A row of data has two cells or more,
 * none of which holds blocks with much text. Each row is looked at once.
 */
export class DataRows {
  readonly #tree: PageTree
  readonly #measures: Measures
  readonly #known = new Map<number, boolean>()

  constructor(tree: PageTree, measures: Measures) {
    this.#tree = tree
    this.#measures = measures
  }

  /** Whether `node` is a row of data. */
  has(node: number): boolean {
    if (node < 0 || this.#tree.tag[node] !== Tag.tr) return false
    let known = this.#known.get(node)
    if (known === undefined) {
      known = this.#look(node)
      this.#known.set(node, known)
    }
    return known
  }

  #look(row: number): boolean {
    const { tag, end } = this.#tree
    let cells = 0
    const stop = end[row] as number
    for (let cell = row + 1; cell < stop; cell = end[cell] as number) {
      const name = tag[cell]
      if (name !== Tag.td && name !== Tag.th) continue
      cells++
      if (
        (this.#measures.chars[cell] as number) > MAX_CELL &&
        this.#measures.holdsBlock[cell] === 1
      )
        return false
    }
    return cells > 1
  }
}

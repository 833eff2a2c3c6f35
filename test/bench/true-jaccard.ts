import { strings, utf8Column } from '@winnow/core'
import { normalize } from '@winnow/kernel'

const SHINGLE_WORDS = 5
const BATCH = 4096

/** Shingles as sets of strings: slow, and right by its simplicity. */
export class TrueJaccard {
  private readonly normalized: readonly string[]

  constructor(texts: readonly string[]) {
    const normalized: string[] = []
    for (let start = 0; start < texts.length; start += BATCH)
      normalized.push(...strings(normalize(utf8Column(texts.slice(start, start + BATCH)))))
    this.normalized = normalized
  }

  /** Word 5-grams of a document; the whole text when it has fewer words, none when it has no word. */
  shingles(row: number): Set<string> {
    const text = this.normalized[row] ?? ''
    if (text === '') return new Set()
    const words = text.split(' ')
    const out = new Set<string>()
    for (let i = 0; i === 0 || i + SHINGLE_WORDS <= words.length; i++)
      out.add(words.slice(i, i + SHINGLE_WORDS).join(' '))
    return out
  }

  of(a: number, b: number): number {
    const first = this.shingles(a)
    const second = this.shingles(b)
    let common = 0
    for (const shingle of first) if (second.has(shingle)) common++
    return index(common, first.size, second.size)
  }

  /**
   * For every row asked for, the others with a Jaccard index of `least` or more (over 0), with it: an inverted index of
   * the rows asked for, over which all documents pass once.
   */
  neighbours(rows: readonly number[], least: number): Map<number, Neighbour[]> {
    const found = new Map<number, Neighbour[]>(rows.map((row) => [row, []]))
    const asking = new Map<string, number[]>()
    const sizes = new Map<number, number>()
    for (const row of found.keys()) {
      const shingles = this.shingles(row)
      sizes.set(row, shingles.size)
      for (const shingle of shingles) {
        const list = asking.get(shingle)
        if (list === undefined) asking.set(shingle, [row])
        else list.push(row)
      }
    }
    if (found.size === 0) return found
    for (let other = 0; other < this.normalized.length; other++) {
      const shingles = this.shingles(other)
      const common = new Map<number, number>()
      for (const shingle of shingles)
        for (const row of asking.get(shingle) ?? []) common.set(row, (common.get(row) ?? 0) + 1)
      for (const [row, count] of common) {
        const jaccard = index(count, sizes.get(row) ?? 0, shingles.size)
        if (row !== other && jaccard >= least) found.get(row)?.push({ row: other, jaccard })
      }
    }
    return found
  }
}

export interface Neighbour {
  readonly row: number
  readonly jaccard: number
}

function index(common: number, first: number, second: number): number {
  const union = first + second - common
  return union === 0 ? 0 : common / union
}

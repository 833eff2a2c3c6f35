import type { NgramHits } from '@winnow/kernel'
import { type BenchmarkIndex, passageAt, passageTokens } from './benchmark-index.js'

/** How much of a passage one document holds. */
export interface Held {
  /** Share of the passage's tokens inside common anchors (8-grams), in any order. 0 to 1. */
  readonly coverage: number
  /** Tokens so covered. */
  readonly tokens: number
  /** Positions of the passage whose anchor the document holds. */
  readonly anchors: number
  /** The document's first hit with one of the passage's anchors, -1 for none. */
  readonly firstHit: number
}

/**
 * Measures how much of each passage stands in a document. One document at a time: `see` its hits, then ask.
 * Work for a document is bounded by its hits plus the size of the index, however often it repeats itself.
 */
export class CoverageMeter {
  /** Serial number of the last document in which a key, a passage was seen. */
  private readonly keySeen: Int32Array
  /** First hit of a key in the current document. */
  private readonly keyFirst: Int32Array
  private readonly passageSeen: Int32Array
  private readonly anchorsSeen: Int32Array
  private serial = 0

  constructor(private readonly index: BenchmarkIndex) {
    this.keySeen = new Int32Array(index.keys.length)
    this.keyFirst = new Int32Array(index.keys.length)
    this.passageSeen = new Int32Array(index.passageExample.length)
    this.anchorsSeen = new Int32Array(index.passageExample.length)
  }

  /** Begins a new document: the one whose hits are `hits[from .. to)`. Returns its distinct keys. */
  see(hits: NgramHits, from: number, to: number): number[] {
    this.serial++
    const keys: number[] = []
    for (let i = from; i < to; i++) {
      const key = hits.values[i] as number
      if (this.keySeen[key] === this.serial) continue
      this.keySeen[key] = this.serial
      this.keyFirst[key] = i
      keys.push(key)
    }
    return keys
  }

  /** Passages that hold so many of `keys` that their coverage may be `threshold` or more; ascending. */
  candidates(keys: readonly number[], threshold: number): number[] {
    const { options, postings, postingStart } = this.index
    const touched: number[] = []
    for (const key of keys)
      for (let p = postingStart[key] as number; p < (postingStart[key + 1] as number); p++) {
        const passage = passageAt(this.index, postings[p] as number)
        if (this.passageSeen[passage] !== this.serial) {
          this.passageSeen[passage] = this.serial
          this.anchorsSeen[passage] = 0
          touched.push(passage)
        }
        this.anchorsSeen[passage] = (this.anchorsSeen[passage] as number) + 1
      }
    return touched
      .filter((passage) => {
        const most = (this.anchorsSeen[passage] as number) * options.minTokens
        return most >= threshold * passageTokens(this.index, passage)
      })
      .sort((a, b) => a - b)
  }

  /** How much of `passage` the current document holds. */
  measure(passage: number): Held {
    const { anchors, options, passageStart } = this.index
    const start = passageStart[passage] as number
    const end = passageStart[passage + 1] as number
    let held = 0
    let tokens = 0
    let coveredTo = 0
    let firstHit = -1
    for (let position = start; position < end; position++) {
      const key = anchors[position] as number
      if (this.keySeen[key] !== this.serial) continue
      const hit = this.keyFirst[key] as number
      if (firstHit < 0 || hit < firstHit) firstHit = hit
      const from = position - start
      tokens += from + options.minTokens - Math.max(from, coveredTo)
      coveredTo = from + options.minTokens
      held++
    }
    return {
      coverage: tokens / passageTokens(this.index, passage),
      tokens,
      anchors: held,
      firstHit,
    }
  }
}

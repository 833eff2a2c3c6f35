import type { NgramHits } from '@winnow/kernel'
import { type BenchmarkIndex, passageAt, passageTokens } from './benchmark-index.js'

/** Text that convicts: an n-gram of some passages, or a whole passage that is shorter than an n-gram. */
export interface Evidence {
  /** The passages that hold it, ascending. */
  readonly passages: readonly number[]
  /** The first position at which it stands in the index: its name. */
  readonly position: number
}

type Visit = (evidence: Evidence, firstHit: number, lastHit: number) => void

/**
 * Finds evidence in documents from their anchor hits.
 *
 * An n-gram of 13 tokens is found by its first and its last 8 tokens: 5 words apart with a hit at every word between,
 * where some passage holds the same two anchors 5 positions apart. Six 64-bit hashes have to agree, so a false n-gram
 * is out of the question. (A passage of just 8 tokens rests on one hash: with 10 million anchors, one false hit in
 * 1.8 * 10^12 words.)
 */
export class EvidenceFinder {
  /** Distance in words from the first to the last anchor of an n-gram. */
  private readonly reach: number
  /** Whole short passages: by the distance between their first and last anchor, then by the pair of the two. */
  private readonly whole: readonly ReadonlyMap<number, Evidence>[]
  /** 1 for keys that begin a short passage. */
  private readonly beginsWhole: Uint8Array

  constructor(private readonly index: BenchmarkIndex) {
    this.reach = index.options.ngram - index.options.minTokens
    this.beginsWhole = new Uint8Array(index.keys.length)
    this.whole = this.wholePassages()
  }

  /** Calls `visit` for every place in the document `hits[from .. to)` where evidence stands, always with the same object. */
  each(hits: NgramHits, from: number, to: number, visit: Visit): void {
    const ngrams = new Map<number, Evidence | null>()
    for (let first = from; first < to; first++) {
      const key = hits.values[first] as number
      if (this.adjacent(hits, first, this.reach, to)) {
        const lastKey = hits.values[first + this.reach] as number
        const pair = this.pair(key, lastKey)
        let evidence = ngrams.get(pair)
        if (evidence === undefined) {
          evidence = this.ngram(key, lastKey)
          ngrams.set(pair, evidence)
        }
        if (evidence !== null) visit(evidence, first, first + this.reach)
      }
      if (this.beginsWhole[key] === 1) this.visitWhole(hits, first, to, visit)
    }
  }

  /** Number of different n-grams of a passage. */
  distinctNgrams(passage: number): number {
    const { anchors, passageStart } = this.index
    const pairs = new Set<number>()
    const end = (passageStart[passage + 1] as number) - this.reach
    for (let p = passageStart[passage] as number; p < end; p++)
      pairs.add(this.pair(anchors[p] as number, anchors[p + this.reach] as number))
    return pairs.size
  }

  private visitWhole(hits: NgramHits, first: number, to: number, visit: Visit): void {
    for (let reach = 0; reach < this.reach; reach++) {
      if (!this.adjacent(hits, first, reach, to)) return
      const pair = this.pair(hits.values[first] as number, hits.values[first + reach] as number)
      const evidence = this.whole[reach]?.get(pair)
      if (evidence !== undefined) visit(evidence, first, first + reach)
    }
  }

  /** True when the words from hit `first` to `reach` words on are all hits. */
  private adjacent(hits: NgramHits, first: number, reach: number, to: number): boolean {
    const last = first + reach
    return last < to && (hits.words[last] as number) - (hits.words[first] as number) === reach
  }

  private pair(firstKey: number, lastKey: number): number {
    return firstKey * this.index.keys.length + lastKey
  }

  /** The n-gram of two keys that stand `reach` apart in one passage. Walks the shorter of their postings. */
  private ngram(firstKey: number, lastKey: number): Evidence | null {
    const { anchors, postings, postingStart } = this.index
    const byFirst = postings.subarray(postingStart[firstKey], postingStart[firstKey + 1])
    const byLast = postings.subarray(postingStart[lastKey], postingStart[lastKey + 1])
    const passages: number[] = []
    let name = -1
    const take = (position: number) => {
      const passage = passageAt(this.index, position)
      if (passage !== passageAt(this.index, position + this.reach)) return
      if (name < 0) name = position
      if (passages.at(-1) !== passage) passages.push(passage)
    }
    if (byFirst.length <= byLast.length) {
      for (const position of byFirst) if (anchors[position + this.reach] === lastKey) take(position)
    } else
      for (const last of byLast)
        if (anchors[last - this.reach] === firstKey) take(last - this.reach)
    return name < 0 ? null : { passages, position: name }
  }

  private wholePassages(): Map<number, Evidence>[] {
    const { anchors, options, passageStart, passageExample } = this.index
    const byReach = Array.from({ length: this.reach }, () => new Map<number, Evidence>())
    for (let passage = 0; passage < passageExample.length; passage++) {
      if (passageTokens(this.index, passage) >= options.ngram) continue
      const start = passageStart[passage] as number
      const last = (passageStart[passage + 1] as number) - 1
      const pair = this.pair(anchors[start] as number, anchors[last] as number)
      const map = byReach[last - start] as Map<number, Evidence>
      const known = map.get(pair)
      map.set(pair, {
        passages: [...(known?.passages ?? []), passage],
        position: known?.position ?? start,
      })
      this.beginsWhole[anchors[start] as number] = 1
    }
    return byReach
  }
}

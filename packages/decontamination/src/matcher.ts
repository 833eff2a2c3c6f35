import type { NgramHits } from '@winnow/kernel'
import { type BenchmarkIndex, passageTokens } from './benchmark-index.js'
import { CoverageMeter } from './coverage.js'
import { type Evidence, EvidenceFinder } from './evidence.js'
import type { MatchOptions } from './options.js'

/** One passage found in one document. */
export interface PassageMatch {
  readonly passage: number
  /** Different n-grams of the passage in the document (`coverage`: 8-grams); 1 for a short passage that stands whole. */
  readonly ngrams: number
  /** Share of the passage's tokens inside common 8-grams. 0 to 1. */
  readonly coverage: number
  /** `jaccard` mode: the similarity; NaN in the others. */
  readonly jaccard: number
  /** Byte range of the first place in the document where the passage was matched. */
  readonly start: number
  readonly end: number
}

/** What one document holds: the passages, ascending, and the byte ranges of all that was matched, ascending. */
export interface DocumentMatch {
  readonly passages: readonly PassageMatch[]
  readonly ranges: readonly number[]
}

const NOTHING: DocumentMatch = { passages: [], ranges: [] }

interface Sighting {
  ngrams: number
  readonly start: number
  end: number
}

/** Matches documents against an index, one at a time, given their anchor hits. */
export class Matcher {
  private readonly finder: EvidenceFinder
  private readonly meter: CoverageMeter

  /** `ignored`: names (positions) of n-grams that are no evidence; see `commonNgrams`. */
  constructor(
    private readonly index: BenchmarkIndex,
    private readonly options: MatchOptions,
    private readonly ignored: ReadonlySet<number> = new Set(),
  ) {
    this.finder = new EvidenceFinder(index)
    this.meter = new CoverageMeter(index)
  }

  /**
   * What the document whose hits are `hits[from .. to)` holds. `ngramCount` gives the number of different n-grams of
   * the document; only `jaccard` asks, and only where a passage may be similar.
   */
  match(hits: NgramHits, from: number, to: number, ngramCount: () => number): DocumentMatch {
    if (from === to) return NOTHING
    switch (this.options.mode) {
      case 'ngram':
        return this.matchNgrams(hits, from, to)
      case 'coverage':
        return this.matchCoverage(hits, from, to)
      case 'jaccard':
        return this.matchJaccard(hits, from, to, ngramCount)
    }
  }

  /** Names of the different n-grams that the document holds. */
  ngrams(hits: NgramHits, from: number, to: number): Set<number> {
    const names = new Set<number>()
    this.finder.each(hits, from, to, ({ position }) => names.add(position))
    return names
  }

  private matchNgrams(hits: NgramHits, from: number, to: number): DocumentMatch {
    const sightings = new Map<number, Sighting>()
    const counted = new Set<Evidence>()
    const ranges: number[] = []
    this.finder.each(hits, from, to, (evidence, first, last) => {
      if (this.ignored.has(evidence.position)) return
      const start = hits.starts[first] as number
      const end = hits.ends[last] as number
      extend(ranges, start, end)
      if (counted.has(evidence)) return
      counted.add(evidence)
      for (const passage of evidence.passages) {
        const known = sightings.get(passage)
        if (known === undefined) sightings.set(passage, { ngrams: 1, start, end })
        else {
          known.ngrams++
          // The n-grams of one stretch overlap: together they are the place.
          if (start <= known.end) known.end = Math.max(known.end, end)
        }
      }
    })
    if (sightings.size === 0) return NOTHING
    this.meter.see(hits, from, to)
    const passages = [...sightings]
      .sort(([a], [b]) => a - b)
      .map(([passage, sighting]) => {
        const { coverage } = this.meter.measure(passage)
        return { passage, ...sighting, coverage, jaccard: Number.NaN }
      })
    return { passages, ranges }
  }

  private matchJaccard(
    hits: NgramHits,
    from: number,
    to: number,
    ngramCount: () => number,
  ): DocumentMatch {
    const { passages, ranges } = this.matchNgrams(hits, from, to)
    const similar: PassageMatch[] = []
    for (const match of passages) {
      const own = this.finder.distinctNgrams(match.passage)
      if (own === 0 || match.ngrams / own <= this.options.jaccard) continue
      const jaccard = match.ngrams / (own + ngramCount() - match.ngrams)
      if (jaccard > this.options.jaccard) similar.push({ ...match, jaccard })
    }
    return similar.length === 0 ? NOTHING : { passages: similar, ranges }
  }

  private matchCoverage(hits: NgramHits, from: number, to: number): DocumentMatch {
    const passages: PassageMatch[] = []
    const wanted = new Set<number>()
    const keys = this.meter.see(hits, from, to)
    for (const passage of this.meter.candidates(keys, this.options.coverage)) {
      const { coverage, tokens, anchors, firstHit } = this.meter.measure(passage)
      const enough = Math.min(this.index.options.ngram, passageTokens(this.index, passage))
      if (coverage < this.options.coverage || tokens < enough) continue
      for (const key of this.keysOf(passage)) wanted.add(key)
      const start = hits.starts[firstHit] as number
      const end = hits.ends[firstHit] as number
      passages.push({ passage, ngrams: anchors, coverage, jaccard: Number.NaN, start, end })
    }
    if (passages.length === 0) return NOTHING
    return { passages, ranges: rangesOf(wanted, hits, from, to) }
  }

  private keysOf(passage: number): Int32Array {
    const { anchors, passageStart } = this.index
    return anchors.subarray(passageStart[passage], passageStart[passage + 1])
  }
}

/** Byte ranges of the hits with one of `keys`, overlapping ones joined. */
function rangesOf(keys: ReadonlySet<number>, hits: NgramHits, from: number, to: number): number[] {
  const ranges: number[] = []
  for (let i = from; i < to; i++)
    if (keys.has(hits.values[i] as number))
      extend(ranges, hits.starts[i] as number, hits.ends[i] as number)
  return ranges
}

/** Appends a range that starts no earlier than the last one, joining it when it touches. */
function extend(ranges: number[], start: number, end: number): void {
  const last = ranges.length - 1
  if (last > 0 && start <= (ranges[last] as number))
    ranges[last] = Math.max(ranges[last] as number, end)
  else ranges.push(start, end)
}

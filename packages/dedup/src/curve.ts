import { bandProbability, candidateProbability, certainBands } from './bands.js'
import { ENTRY_WORDS, FIRST_BAND_TAG } from './keys.js'
import { type DedupParameters, MAX_BANDS, sketchBytes } from './parameters.js'

/** What becomes of a pair of documents whose shingle sets have a given Jaccard index, as probabilities. */
export interface PairOdds {
  /** At least one band agrees, so that the pair is proposed. */
  readonly candidate: number
  /** The pair is proposed and passes verification. Never more than `candidate`. */
  readonly detected: number
}

export interface CurvePoint extends PairOdds {
  readonly jaccard: number
}

/** What is stored for documents that all have a URL and a text. */
export interface StorageCost {
  /** Keys of one document: its URL, its text, its bands. */
  readonly keys: number
  /** Bytes that one document adds to a key file. The head of a key file takes about 2 KB more. */
  readonly keyFileBytes: number
  /** Most bytes of index that one document takes, when it shares no key with another. */
  readonly indexBytes: number
}

/** Bytes that `IndexSlot` takes a key at the most: 12 a cell, 90 % full, grown by 19 %. */
export const MOST_INDEX_BYTES_PER_KEY = 15.9

const ENTRY_BYTES = 4 * ENTRY_WORDS
const RECORD_HEAD_BYTES = 8
const HALVINGS = 50

/**
 * The odds of a pair with these parameters, as a function of its Jaccard index from 0 to 1.
 *
 * Exact for MinHash functions that are independent and random, with sketches that agree by chance at 2^-bits: that the
 * sketch keeps the first of the same minimums of which the bands are made is taken into account, and so are the pairs
 * that are believed for their bands alone (`certainBands`). A pair with the same URL or text is found besides all this.
 */
export function pairOdds(parameters: DedupParameters): (jaccard: number) => PairOdds {
  const { bands, rows, verify } = parameters
  const candidate = (jaccard: number) => candidateProbability(jaccard, bands, rows)
  if (verify === 'off')
    return (jaccard) => ({ candidate: candidate(jaccard), detected: candidate(jaccard) })
  const detected = detectionProbability(parameters, verify)
  return (jaccard) => {
    const most = candidate(jaccard)
    return { candidate: most, detected: Math.min(most, detected(jaccard)) }
  }
}

/**
 * Bands fall into those whose minimums the sketch keeps whole, at most one of which it keeps a part, and the others. Given
 * how many of the first kind agree, the rest of their sketch is that of bands that do not: its matches are a sum of
 * independent numbers with one distribution, whose powers under convolution are made one after the other.
 */
function detectionProbability(
  parameters: DedupParameters,
  verify: number,
): (jaccard: number) => number {
  const { bands, rows, sketchMinimums, sketchBits } = parameters
  const certain = certainBands(parameters)
  const chance = 2 ** -sketchBits
  const least = leastMatches(verify, sketchMinimums, chance)
  const whole = Math.floor(sketchMinimums / rows)
  const part = sketchMinimums % rows
  const cut = part === 0 ? 0 : 1

  return (jaccard) => {
    const agrees = bandProbability(jaccard, rows)
    const inside = binomial(whole, agrees)
    const outside = binomial(bands - whole - cut, agrees)
    const wholeUnshared = unsharedMatches(rows, rows, jaccard, chance)
    const cutUnshared = unsharedMatches(part, rows, jaccard, chance)
    let detected = sum(binomial(bands, agrees), certain, bands)
    // Proposed by one band at least, but too few to be believed for.
    const doubtful = (shared: number) => sum(outside, 1 - shared, certain - 1 - shared)
    let matches = Float64Array.of(1)
    for (let shared = whole; shared >= 0; shared--) {
      const wanted = least - shared * rows
      const weight = inside[shared] as number
      if (cut === 0) detected += weight * doubtful(shared) * sum(matches, wanted, Infinity)
      else {
        const withCut = agrees * sum(matches, wanted - part, Infinity)
        const withoutCut = (1 - agrees) * tailOfSum(matches, cutUnshared, wanted)
        detected += weight * (doubtful(shared + 1) * withCut + doubtful(shared) * withoutCut)
      }
      matches = convolve(matches, wholeUnshared)
    }
    return detected
  }
}

/** The fewest equal values of two sketches whose estimate reaches `verify`, computed as `estimateJaccard` does. */
function leastMatches(verify: number, minimums: number, chance: number): number {
  let matches = 0
  while (matches < minimums && (matches / minimums - chance) / (1 - chance) < verify) matches++
  return matches
}

/**
 * How many of the first `kept` values of a band's sketch are equal, given that its `rows` minimums are not all so:
 * probabilities of 0 to `kept`. For bands that always agree there is no such case; the result is then not defined.
 */
function unsharedMatches(
  kept: number,
  rows: number,
  jaccard: number,
  chance: number,
): Float64Array<ArrayBuffer> {
  const matches = binomial(kept, jaccard + (1 - jaccard) * chance)
  // All are equal, though a minimum differs: one of those kept, by chance, or one of the others.
  const agreeing = binomial(kept, jaccard)
  let all = jaccard ** kept * (1 - jaccard ** (rows - kept))
  for (let count = 0; count < kept; count++)
    all += (agreeing[count] as number) * chance ** (kept - count)
  matches[kept] = all
  const unshared = sum(matches, 0, kept)
  return unshared === 0 ? matches : matches.map((probability) => probability / unshared)
}

/** Probability that the sum of two independent numbers, with probabilities `a` and `b` of 0, 1, ..., is `least` or more. */
function tailOfSum(a: Float64Array, b: Float64Array, least: number): number {
  return b.reduce(
    (tail, probability, value) => tail + probability * sum(a, least - value, Infinity),
    0,
  )
}

function convolve(a: Float64Array, b: Float64Array): Float64Array<ArrayBuffer> {
  const out = new Float64Array(a.length + b.length - 1)
  for (const [i, left] of a.entries())
    for (const [j, right] of b.entries()) out[i + j] = (out[i + j] as number) + left * right
  return out
}

/** Sum of the values from index `first` to `last`, as far as there are any. */
function sum(values: Float64Array, first: number, last: number): number {
  let total = 0
  const end = Math.min(values.length - 1, last)
  for (let at = Math.max(0, first); at <= end; at++) total += values[at] as number
  return total
}

const logFactorials = new Float64Array(MAX_BANDS + 1)
for (let n = 1; n <= MAX_BANDS; n++)
  logFactorials[n] = (logFactorials[n - 1] as number) + Math.log(n)

/** Probabilities of 0 to `trials` successes; by logarithms, since products of many leave the range of numbers. */
function binomial(trials: number, success: number): Float64Array<ArrayBuffer> {
  const out = new Float64Array(trials + 1)
  if (success <= 0 || success >= 1) {
    out[success <= 0 ? 0 : trials] = 1
    return out
  }
  const [hit, miss] = [Math.log(success), Math.log1p(-success)]
  const all = logFactorials[trials] as number
  for (let k = 0; k <= trials; k++) {
    const ways = all - (logFactorials[k] as number) - (logFactorials[trials - k] as number)
    out[k] = Math.exp(ways + k * hit + (trials - k) * miss)
  }
  return out
}

/** The curve at `steps + 1` points from Jaccard 0 to 1, evenly apart. */
export function detectionCurve(parameters: DedupParameters, steps: number): CurvePoint[] {
  const odds = pairOdds(parameters)
  return Array.from({ length: steps + 1 }, (_, step) => {
    const jaccard = step / steps
    return { jaccard, ...odds(jaccard) }
  })
}

/** The Jaccard index around which bands begin to agree, by the usual rule of thumb: (1 / bands)^(1 / rows). */
export function bandThreshold({ bands, rows }: DedupParameters): number {
  return (1 / bands) ** (1 / rows)
}

/** The Jaccard index at which a probability that grows with it from 0 to 1 is one half. */
export function halfPoint(probability: (jaccard: number) => number): number {
  let [low, high] = [0, 1]
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = (low + high) / 2
    if (probability(middle) < 0.5) low = middle
    else high = middle
  }
  return high
}

/** What these parameters store of a document. */
export function storageCost(parameters: DedupParameters): StorageCost {
  const keys = parameters.bands + FIRST_BAND_TAG
  const sketch = Math.ceil(sketchBytes(parameters) / 4) * 4
  return {
    keys,
    keyFileBytes: keys * ENTRY_BYTES + RECORD_HEAD_BYTES + sketch,
    indexBytes: keys * MOST_INDEX_BYTES_PER_KEY,
  }
}

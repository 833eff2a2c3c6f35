import { estimateJaccard } from '@winnow/kernel'
import { certainBands, similarityOfShared } from './bands.js'
import { type Candidates, candidatePairs, Family } from './candidates.js'
import type { RowTable } from './key-file.js'
import type { Matches } from './matches.js'
import { type DedupParameters, sketchBytes } from './parameters.js'

/** What must be read before the matches of a shard can be judged. */
export interface VerificationPlan {
  readonly base: number
  readonly rows: number
  readonly candidates: Candidates
  /** Earlier documents of other shards whose records are needed: distinct ordinals, ascending. */
  readonly ordinals: Float64Array
}

/** Pairs that are duplicates, ascending by row and then by earlier document. */
export interface Edges {
  readonly count: number
  readonly row: Uint32Array
  readonly earlier: Float64Array
  /** A `Family`: the strongest one that holds for the pair. */
  readonly family: Uint8Array
  /** Estimated Jaccard index: of the sketches, or of the shared bands where they are certain; 1 for the same text; NaN by URL. */
  readonly jaccard: Float64Array
  /** Bands shared. */
  readonly bands: Uint16Array
}

/**
 * Plans the verification of a shard's matches.
 *
 * @param matches those of all slots.
 * @param base ordinal of the shard's row 0.
 * @param rows rows of the shard.
 */
export function planVerification(
  matches: Matches,
  base: number,
  rows: number,
  parameters: DedupParameters,
): VerificationPlan {
  const candidates = candidatePairs(matches, rows)
  const certain = certainBands(parameters)
  const wanted = new Set<number>()
  for (let pair = 0; pair < candidates.count; pair++) {
    const earlier = candidates.earlier[pair] as number
    if (earlier < base && needsLook(candidates, pair, certain)) wanted.add(earlier)
  }
  return { base, rows, candidates, ordinals: Float64Array.from(wanted).sort() }
}

/**
 * Whether a pair can only be judged by its records. A pair with certain bands is believed, and when it shares the hash of its
 * text as well, the lengths need no comparing; a shared URL is a fact.
 */
function needsLook(candidates: Candidates, pair: number, certain: number): boolean {
  return candidates.sameUrl[pair] === 0 && (candidates.bands[pair] as number) < certain
}

/**
 * Judges the pairs of a plan. Pure: shards can be judged at the same time and in any order.
 *
 * @param own the records of the shard's own rows.
 * @param earlier the records of `plan.ordinals`, in that order.
 */
export function verifyPairs(
  plan: VerificationPlan,
  own: RowTable,
  earlier: RowTable,
  parameters: DedupParameters,
): Edges {
  if (earlier.rows !== plan.ordinals.length || own.rows !== plan.rows)
    throw new RangeError('the records given are not those that the plan asked for')
  const { candidates } = plan
  const edges = newEdges(candidates.count)
  const place = new Map<number, number>()
  for (const [index, ordinal] of plan.ordinals.entries()) place.set(ordinal, index)
  const judge = pairJudge(candidates, parameters)
  let count = 0
  for (let pair = 0; pair < candidates.count; pair++) {
    const row = candidates.row[pair] as number
    const ordinal = candidates.earlier[pair] as number
    const inShard = ordinal >= plan.base
    const table = inShard ? own : earlier
    const other = inShard ? ordinal - plan.base : (place.get(ordinal) ?? -1)
    const judgement = judge(pair, own, row, table, other)
    if (judgement === undefined) continue
    edges.row[count] = row
    edges.earlier[count] = ordinal
    edges.family[count] = judgement.family
    edges.jaccard[count] = judgement.jaccard
    edges.bands[count] = candidates.bands[pair] as number
    count++
  }
  return takeEdges(edges, count)
}

interface Judgement {
  readonly family: number
  readonly jaccard: number
}

function pairJudge(candidates: Candidates, parameters: DedupParameters) {
  const certain = certainBands(parameters)
  const width = sketchBytes(parameters)
  const { verify, sketchBits } = parameters
  return (
    pair: number,
    own: RowTable,
    row: number,
    table: RowTable,
    other: number,
  ): Judgement | undefined => {
    const bands = candidates.bands[pair] as number
    if (candidates.sameUrl[pair] === 1) return { family: Family.url, jaccard: Number.NaN }
    if (candidates.sameText[pair] === 1) {
      const same = bands >= certain || own.textLength[row] === table.textLength[other]
      if (same) return { family: Family.text, jaccard: 1 }
    }
    if (bands === 0) return undefined
    if (verify === 'off' || bands >= certain)
      return { family: Family.near, jaccard: similarityOfShared(bands, parameters) }
    const jaccard = estimateJaccard(
      own.sketches.subarray(row * width, (row + 1) * width),
      table.sketches.subarray(other * width, (other + 1) * width),
      sketchBits,
    )
    return jaccard >= verify ? { family: Family.near, jaccard } : undefined
  }
}

function newEdges(length: number): Omit<Edges, 'count'> {
  return {
    row: new Uint32Array(length),
    earlier: new Float64Array(length),
    family: new Uint8Array(length),
    jaccard: new Float64Array(length),
    bands: new Uint16Array(length),
  }
}

function takeEdges(edges: Omit<Edges, 'count'>, count: number): Edges {
  return {
    count,
    row: edges.row.slice(0, count),
    earlier: edges.earlier.slice(0, count),
    family: edges.family.slice(0, count),
    jaccard: edges.jaccard.slice(0, count),
    bands: edges.bands.slice(0, count),
  }
}

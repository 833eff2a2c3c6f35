import { UsageError } from '@winnow/core'
import { SHINGLE_UNITS, type ShingleUnit, type SignOptions, type SketchBits } from '@winnow/kernel'

/** Similarity a proposed near duplicate must reach, as an estimated Jaccard index; `off` believes every proposal. */
export type VerifyThreshold = number | 'off'

/**
 * Which earlier documents make a later one a duplicate.
 *
 * `kept`: only those that were themselves kept, so that every dropped document has a kept one it is like.
 * `every`: any earlier document, dropped or not, as in published LSH pipelines; chains of resemblance are then followed.
 */
export type Against = 'kept' | 'every'

/** What decides the keys of a document and what becomes of its matches. */
export interface DedupParameters {
  /** Words or characters in a shingle. Of characters, 5 say little: see docs/dedup-curve.md. */
  readonly ngram: number
  /** What a shingle is a run of. */
  readonly shingle: ShingleUnit
  /** LSH bands; each is one key. */
  readonly bands: number
  /** Minimums in a band. */
  readonly rows: number
  /** Minimums that the sketch of a document keeps for verification, 0 when nothing is verified. */
  readonly sketchMinimums: number
  /** Bits kept of each of them. */
  readonly sketchBits: SketchBits
  readonly verify: VerifyThreshold
  readonly against: Against
  /** Earlier documents remembered per key, oldest first. */
  readonly chainLimit: number
}

export const PROFILE_NAMES = ['default', 'fineweb', 'lee', 'strict'] as const
export type ProfileName = (typeof PROFILE_NAMES)[number]

/** More bands than this do not fit beside the row in a key file's entry. */
export const MAX_BANDS = 510

/**
 * `default`: FineWeb's candidates (arXiv 2406.17557), verified. `fineweb`: the same as published, not verified.
 * `lee`: Lee et al., arXiv 2107.06499. `strict`: a steeper net computed for pairs from Jaccard 0.75 up.
 */
export const PROFILES: Readonly<Record<ProfileName, DedupParameters>> = {
  default: profile(14, 8, 0.7, 'kept', 112),
  fineweb: profile(14, 8, 'off', 'every', 112),
  lee: profile(450, 20, 0.8, 'kept', 256),
  strict: profile(20, 6, 0.75, 'kept', 120),
}

function profile(
  bands: number,
  rows: number,
  verify: VerifyThreshold,
  against: Against,
  sketchMinimums: number,
): DedupParameters {
  return {
    ngram: 5,
    shingle: 'word',
    bands,
    rows,
    sketchMinimums,
    sketchBits: 8,
    verify,
    against,
    chainLimit: 8,
  }
}

/**
 * A profile with some of its values replaced.
 *
 * @throws UsageError naming the value that is out of range.
 */
export function dedupParameters(
  name: ProfileName = 'default',
  changes: Partial<DedupParameters> = {},
): DedupParameters {
  const base = PROFILES[name]
  if (base === undefined)
    throw new UsageError(
      `there is no deduplication profile ${JSON.stringify(name)}`,
      `Profiles are ${PROFILE_NAMES.join(', ')}.`,
    )
  const out = { ...base, ...changes }
  // A sketch keeps the first minimums of the signature, so it cannot hold more than there are.
  if (changes.sketchMinimums === undefined)
    out.sketchMinimums = Math.min(out.sketchMinimums, out.bands * out.rows)
  requireWhole('ngram', out.ngram, 1, 64)
  requireWhole('bands', out.bands, 1, MAX_BANDS)
  requireWhole('rows', out.rows, 1, 64)
  requireWhole('sketchMinimums', out.sketchMinimums, 0, out.bands * out.rows)
  requireWhole('chainLimit', out.chainLimit, 1, 1024)
  if (out.sketchBits !== 8 && out.sketchBits !== 4)
    throw new UsageError(`sketchBits is ${out.sketchBits}`, 'It can be 4 or 8.')
  if ((out.sketchMinimums * out.sketchBits) % 8 !== 0)
    throw new UsageError(`sketchMinimums is ${out.sketchMinimums}`, 'With 4 bits it must be even.')
  if (!SHINGLE_UNITS.includes(out.shingle))
    throw new UsageError(`shingle is ${out.shingle}`, "It can be 'word' or 'character'.")
  if (out.against !== 'kept' && out.against !== 'every')
    throw new UsageError(`against is ${out.against}`, "It can be 'kept' or 'every'.")
  if (out.verify !== 'off' && !(out.verify > 0 && out.verify <= 1))
    throw new UsageError(
      `verify is ${out.verify}`,
      "Give a Jaccard index over 0 and up to 1, or 'off'.",
    )
  if (out.verify !== 'off' && out.sketchMinimums === 0)
    throw new UsageError('sketchMinimums is 0, so nothing can be verified', "Set verify to 'off'.")
  return out
}

function requireWhole(name: string, value: number, low: number, high: number): void {
  if (!Number.isInteger(value) || value < low || value > high)
    throw new UsageError(`${name} is ${value}`, `Give a whole number from ${low} to ${high}.`)
}

/** The kernel's options for these parameters. */
export function signOptionsOf(parameters: DedupParameters): SignOptions {
  const { ngram, shingle, bands, rows, sketchMinimums, sketchBits } = parameters
  return { ngram, shingle, bands, rows, sketchBits, sketchSize: sketchMinimums }
}

/** Bytes of one document's sketch. */
export function sketchBytes(parameters: DedupParameters): number {
  return (parameters.sketchMinimums * parameters.sketchBits) / 8
}

/** What a key file depends on. Key files and index snapshots with different ones must never meet. */
export function signatureFingerprint(parameters: DedupParameters): string {
  const { ngram, shingle, bands, rows, sketchMinimums, sketchBits } = parameters
  // Words go without saying: key files were made with them before there was a choice, and stay valid.
  const unit = shingle === 'word' ? '' : ` shingle=${shingle}`
  return `keys=1 ngram=${ngram} bands=${bands} rows=${rows} sketch=${sketchMinimums}x${sketchBits}${unit}`
}

/** What verdicts depend on: the signature and how matches are resolved. */
export function fingerprint(parameters: DedupParameters): string {
  const { verify, against, chainLimit } = parameters
  return `${signatureFingerprint(parameters)} verify=${verify} against=${against} chain=${chainLimit}`
}

/**
 * Refuses to mix data made with different parameters.
 *
 * @param expected the fingerprint of the running configuration.
 * @param found the fingerprint stored with the data.
 * @param where what holds `found`, for the message.
 * @throws UsageError naming each parameter that differs.
 */
export function requireSameFingerprint(expected: string, found: string, where: string): void {
  if (expected === found) return
  const wanted = fields(expected)
  const stored = fields(found)
  const names = [...new Set([...wanted.keys(), ...stored.keys()])]
  const differences = names
    .filter((name) => wanted.get(name) !== stored.get(name))
    .map(
      (name) => `${name} is ${stored.get(name) ?? 'absent'}, not ${wanted.get(name) ?? 'absent'}`,
    )
  throw new UsageError(
    `${where} was made with other deduplication parameters: ${differences.join('; ')}`,
    'Use the parameters it was made with, or start a new index in an empty folder.',
  )
}

function fields(text: string): Map<string, string> {
  const out = new Map<string, string>()
  for (const field of text.split(' ')) {
    const at = field.indexOf('=')
    if (at < 0) out.set(field, '')
    else out.set(field.slice(0, at), field.slice(at + 1))
  }
  if (out.has('ngram') && !out.has('shingle')) out.set('shingle', 'word')
  return out
}

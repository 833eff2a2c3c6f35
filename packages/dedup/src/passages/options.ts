import { UsageError } from '@winnow/core'

export const PASSAGE_UNITS = ['line', 'paragraph'] as const
/** `line`: what ends with a line feed, or with the text. `paragraph`: a run of lines that are not blank. */
export type PassageUnit = (typeof PASSAGE_UNITS)[number]

export const PASSAGE_SCOPES = ['all', 'host'] as const
/** Where an earlier passage counts: anywhere, or in documents of the same host only. */
export type PassageScope = (typeof PASSAGE_SCOPES)[number]

export const PASSAGE_FORMS = ['folded', 'exact'] as const
/**
 * What of a passage is compared. `folded`: its words in lower case without accents and punctuation, with every digit a 0
 * (as CCNet, arXiv 1911.00359, section 3.1). `exact`: its bytes, without ASCII white space at the ends (as Dolma, arXiv 2402.00159).
 */
export type PassageForm = (typeof PASSAGE_FORMS)[number]

export interface PassageOptions {
  readonly unit: PassageUnit
  /** Bytes that the passage must have in the form in which it is compared; shorter ones are never cut. */
  readonly minBytes: number
  readonly scope: PassageScope
  readonly normalise: PassageForm
  /**
   * Share of a document's bytes that must be left, 0 to 1: with less the whole document is dropped. With 0 only documents
   * of which nothing is left are dropped, as CCNet does. What was first seen in a document dropped so counts as seen
   * nevertheless, as with Dolma's and datatrove's filters, which come after the cut.
   */
  readonly minKept: number
}

export const DEFAULT_PASSAGE_OPTIONS: PassageOptions = {
  unit: 'line',
  minBytes: 20,
  scope: 'all',
  normalise: 'folded',
  minKept: 0,
}

/**
 * The options with their defaults.
 *
 * @throws UsageError naming the value that is out of range.
 */
export function passageOptions(changes: Partial<PassageOptions> = {}): PassageOptions {
  const out = { ...DEFAULT_PASSAGE_OPTIONS, ...changes }
  requireOneOf('unit', out.unit, PASSAGE_UNITS)
  requireOneOf('scope', out.scope, PASSAGE_SCOPES)
  requireOneOf('normalise', out.normalise, PASSAGE_FORMS)
  if (!Number.isInteger(out.minBytes) || out.minBytes < 1 || out.minBytes > 0x7fffffff)
    throw new UsageError(
      `passages.minBytes is ${out.minBytes}`,
      'Give a whole number of bytes from 1.',
    )
  if (!(out.minKept >= 0 && out.minKept <= 1))
    throw new UsageError(`passages.minKept is ${out.minKept}`, 'Give a share from 0 to 1.')
  return out
}

function requireOneOf(name: string, value: string, known: readonly string[]): void {
  if (!known.includes(value))
    throw new UsageError(
      `passages.${name} is ${JSON.stringify(value)}`,
      `It can be ${known.join(' or ')}.`,
    )
}

/** What a passage file and the set of seen passages depend on. Those of different ones must never meet. */
export function passageFingerprint({ unit, minBytes, scope, normalise }: PassageOptions): string {
  return `passages=1 unit=${unit} minBytes=${minBytes} scope=${scope} normalise=${normalise}`
}

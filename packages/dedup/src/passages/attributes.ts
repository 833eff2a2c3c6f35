import {
  type Attributes,
  AttributesBuilder,
  type RuleDescription,
  toOriginalRanges,
  Verdict,
} from '@winnow/core'
import type { Passages } from './keys.js'
import type { PassageOptions, PassageUnit } from './options.js'
import type { PassageDecision } from './passage-index.js'

/** The names of what is said of a unit. */
export interface PassageNames {
  /** Reason of a row that was cut. */
  readonly cut: string
  /** Reason of a row of which too little was left. */
  readonly drop: string
  /** Metric: passages cut. */
  readonly count: string
  /** Metric: their bytes by those of all passages of the row, blank lines aside. */
  readonly fraction: string
}

export const PASSAGE_NAMES: Readonly<Record<PassageUnit, PassageNames>> = {
  line: {
    cut: 'duplicate_line',
    drop: 'mostly_duplicate_lines',
    count: 'duplicate_lines',
    fraction: 'duplicate_line_bytes_fraction',
  },
  paragraph: {
    cut: 'duplicate_paragraph',
    drop: 'mostly_duplicate_paragraphs',
    count: 'duplicate_paragraphs',
    fraction: 'duplicate_paragraph_bytes_fraction',
  },
}

/**
 * A shard's decision as attributes: the spans to cut, and rows to drop of which nothing or less than `minKept` is left.
 * Rows that were dropped before are as kept ones without metrics: `withPassages` gives them their verdict.
 *
 * @param cutsOf the merged ranges that earlier stages cut from a row, when passages were made of the text without them: spans
 * are always of the original text.
 */
export function passageAttributes(
  passages: Passages,
  { repeated, kept }: PassageDecision,
  options: PassageOptions,
  cutsOf?: (row: number) => readonly number[],
): Attributes {
  const names = PASSAGE_NAMES[options.unit]
  const builder = new AttributesBuilder(passages.rows, [names.count, names.fraction])
  const counts = builder.metric(names.count)
  const fractions = builder.metric(names.fraction)
  for (let row = 0; row < passages.rows; row++) {
    if (kept[row] !== 1) continue
    const total = passages.passageBytes[row] as number
    const { ranges, count, bytes } = repeatedOf(passages, repeated, row)
    counts[row] = count
    fractions[row] = total === 0 ? 0 : bytes / total
    if (count === 0) continue
    const detail = `${plural(count, options.unit)}, ${plural(bytes, 'byte')}, seen before`
    const left = total - bytes
    if (left === 0 || left < options.minKept * total)
      builder.drop(row, names.drop, `${detail}; ${plural(left, 'byte')} left`)
    else
      builder.cut(
        row,
        names.cut,
        cutsOf === undefined ? ranges : toOriginalRanges(ranges, cutsOf(row)),
        detail,
      )
  }
  return builder.finish()
}

/** The passages of a row that go: their ranges, joined where they touch, their number and bytes. */
function repeatedOf(
  { offsets, starts, ends }: Passages,
  repeated: Uint8Array,
  row: number,
): { ranges: number[]; count: number; bytes: number } {
  const ranges: number[] = []
  let count = 0
  let bytes = 0
  for (let passage = offsets[row] as number; passage < (offsets[row + 1] as number); passage++) {
    if (repeated[passage] !== 1) continue
    const start = starts[passage] as number
    const end = ends[passage] as number
    if (ranges.at(-1) === start) ranges[ranges.length - 1] = end
    else ranges.push(start, end)
    count++
    bytes += end - start
  }
  return { ranges, count, bytes }
}

function plural(count: number, name: string): string {
  return `${count} ${name}${count === 1 ? '' : 's'}`
}

/**
 * The attributes of the stage: those of whole documents, which cut nothing, and for the rows that these keep those of passages.
 * Both are of the same rows.
 */
export function withPassages(documents: Attributes, passages: Attributes): Attributes {
  const { rows } = documents
  const reasons = [...new Set([...documents.reasons, ...passages.reasons])]
  const codesOf = ({ reasons: own }: Attributes): Uint16Array =>
    Uint16Array.from(own, (reason) => reasons.indexOf(reason))
  const codes = [codesOf(documents), codesOf(passages)] as const
  const verdict = documents.verdict.slice()
  const reasonCode = new Uint16Array(rows)
  const detail = documents.detail.slice()
  const offsets = new Int32Array(rows + 1)
  const values = new Int32Array(documents.spans.values.length + passages.spans.values.length)
  let used = 0
  for (let row = 0; row < rows; row++) {
    const gone = verdict[row] === Verdict.drop || verdict[row] === Verdict.unseen
    const changed = !gone && passages.verdict[row] !== Verdict.keep
    if (changed) {
      verdict[row] = passages.verdict[row] as number
      detail[row] = passages.detail[row] as string
    }
    const from = changed ? passages : documents
    reasonCode[row] = codes[changed ? 1 : 0]?.[from.reasonCode[row] as number] as number
    if (verdict[row] === Verdict.cut) {
      const ranges = from.spans.values.subarray(
        from.spans.offsets[row],
        from.spans.offsets[row + 1],
      )
      values.set(ranges, used)
      used += ranges.length
    }
    offsets[row + 1] = used
  }
  return {
    rows,
    verdict,
    reasons,
    reasonCode,
    detail,
    spans: { offsets, values: values.slice(0, used) },
    metrics: { ...documents.metrics, ...passages.metrics },
    labels: { ...documents.labels, ...passages.labels },
  }
}

/** The rules of passages as `winnow rules` lists them. */
export function passageRules({
  unit,
  minBytes,
  scope,
  normalise,
  minKept,
}: PassageOptions): readonly RuleDescription[] {
  const names = PASSAGE_NAMES[unit]
  const where = scope === 'host' ? 'documents of the same host' : 'documents'
  const form = normalise === 'folded' ? ' in lower case without accents and punctuation' : ''
  const source = normalise === 'folded' ? 'CCNet, arXiv 1911.00359' : 'Dolma, arXiv 2402.00159'
  const common = { stage: 'dedup', set: 'passages' } as const
  return [
    {
      ...common,
      reason: names.cut,
      metric: names.count,
      action: 'cut',
      description: `a ${unit} of ${minBytes} bytes or more${form} was seen before in kept ${where}`,
      source,
    },
    {
      ...common,
      reason: names.drop,
      metric: names.fraction,
      comparison: minKept === 0 ? '==' : '>',
      threshold: minKept === 0 ? 1 : 1 - minKept,
      action: 'drop',
      description:
        minKept === 0
          ? `every ${unit} of the document was seen before`
          : `too little of the document is left without the ${unit}s that were seen before`,
      source,
    },
  ]
}

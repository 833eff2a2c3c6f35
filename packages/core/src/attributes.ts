/** What a stage decided for one row. `unseen`: an earlier stage had dropped the row, so this one did not look. */
export const Verdict = { keep: 0, drop: 1, cut: 2, unseen: 3 } as const
export type VerdictName = keyof typeof Verdict
export type VerdictCode = (typeof Verdict)[VerdictName]
export const VERDICT_NAMES: readonly VerdictName[] = ['keep', 'drop', 'cut', 'unseen']

/** The stages, in pipeline order. */
export const STAGES = ['extract', 'quality', 'dedup', 'decontaminate'] as const
export type Stage = (typeof STAGES)[number]

/** Byte ranges of a row's UTF-8 text: row `i` owns `values[offsets[i] .. offsets[i + 1])`, pairs of [start, end). */
export interface Spans {
  readonly offsets: Int32Array
  readonly values: Int32Array
}

/**
 * What one stage says of the rows of one document shard, in the shard's row order.
 *
 * `reasonCode[i]` indexes `reasons`; entry 0 is always '' (no reason). `detail` is free text for `explain`
 * (value and threshold, the earlier document's id, …), '' where there is nothing to say.
 * `metrics` holds one number per row and metric, NaN where not measured.
 * `labels` holds further text columns, one value per row.
 */
export interface Attributes {
  readonly rows: number
  readonly verdict: Uint8Array
  readonly reasons: readonly string[]
  readonly reasonCode: Uint16Array
  readonly detail: readonly string[]
  readonly spans: Spans
  readonly metrics: Readonly<Record<string, Float64Array>>
  readonly labels: Readonly<Record<string, readonly string[]>>
}

/** Collects a stage's decisions row by row. The first `drop` of a row stands; a drop wins over a cut. */
export class AttributesBuilder {
  private readonly verdict: Uint8Array
  private readonly reasons: string[] = ['']
  private readonly codes = new Map<string, number>([['', 0]])
  private readonly reasonCode: Uint16Array
  private readonly detail: string[]
  private readonly spans = new Map<number, number[]>()
  private readonly metrics: Record<string, Float64Array> = {}
  private readonly labels: Record<string, string[]> = {}

  constructor(
    readonly rows: number,
    metricNames: readonly string[] = [],
    labelNames: readonly string[] = [],
  ) {
    this.verdict = new Uint8Array(rows)
    this.reasonCode = new Uint16Array(rows)
    this.detail = new Array<string>(rows).fill('')
    for (const name of metricNames) this.metrics[name] = new Float64Array(rows).fill(Number.NaN)
    for (const name of labelNames) this.labels[name] = new Array<string>(rows).fill('')
  }

  drop(row: number, reason: string, detail = ''): void {
    if (this.verdict[row] === Verdict.drop) return
    this.set(row, Verdict.drop, reason, detail)
    this.spans.delete(row)
  }

  /** Removes byte ranges, pairs of [start, end), from the row's text; ranges of several cuts are merged. */
  cut(row: number, reason: string, ranges: readonly number[], detail = ''): void {
    if (this.verdict[row] === Verdict.drop || ranges.length === 0) return
    if (this.verdict[row] === Verdict.keep) this.set(row, Verdict.cut, reason, detail)
    this.spans.set(row, mergeRanges([...(this.spans.get(row) ?? []), ...ranges]))
  }

  unseen(row: number): void {
    this.verdict[row] = Verdict.unseen
  }

  /** True when the row was dropped. */
  dropped(row: number): boolean {
    return this.verdict[row] === Verdict.drop
  }

  /** The column of a metric, to be filled in place. */
  metric(name: string): Float64Array {
    const column = this.metrics[name]
    if (column === undefined) throw new RangeError(`no metric ${name}`)
    return column
  }

  label(row: number, name: string, value: string): void {
    const column = this.labels[name]
    if (column === undefined) throw new RangeError(`no label ${name}`)
    column[row] = value
  }

  finish(): Attributes {
    const offsets = new Int32Array(this.rows + 1)
    const values: number[] = []
    for (let row = 0; row < this.rows; row++) {
      const ranges = this.spans.get(row)
      if (ranges !== undefined) for (const value of ranges) values.push(value)
      offsets[row + 1] = values.length
    }
    return {
      rows: this.rows,
      verdict: this.verdict,
      reasons: this.reasons,
      reasonCode: this.reasonCode,
      detail: this.detail,
      spans: { offsets, values: Int32Array.from(values) },
      metrics: this.metrics,
      labels: this.labels,
    }
  }

  private set(row: number, verdict: VerdictCode, reason: string, detail: string): void {
    let code = this.codes.get(reason)
    if (code === undefined) {
      code = this.reasons.length
      this.reasons.push(reason)
      this.codes.set(reason, code)
    }
    this.verdict[row] = verdict
    this.reasonCode[row] = code
    this.detail[row] = detail
  }
}

/** Sorts pairs of [start, end) and joins those that touch or overlap. */
export function mergeRanges(ranges: readonly number[]): number[] {
  const pairs: [number, number][] = []
  for (let i = 0; i + 1 < ranges.length; i += 2) {
    const start = ranges[i] as number
    const end = ranges[i + 1] as number
    if (end > start) pairs.push([start, end])
  }
  pairs.sort((a, b) => a[0] - b[0] || a[1] - b[1])
  const out: number[] = []
  for (const [start, end] of pairs) {
    const last = out.length - 1
    if (last >= 0 && start <= (out[last] as number)) out[last] = Math.max(out[last] as number, end)
    else out.push(start, end)
  }
  return out
}

/** Spreads attributes of selected rows over a whole shard: row `selection[i]` gets row `i`; the others are `unseen`. */
export function scatterAttributes(
  part: Attributes,
  selection: Int32Array,
  rows: number,
): Attributes {
  const metricNames = Object.keys(part.metrics)
  const labelNames = Object.keys(part.labels)
  const verdict = new Uint8Array(rows).fill(Verdict.unseen)
  const reasonCode = new Uint16Array(rows)
  const detail = new Array<string>(rows).fill('')
  const offsets = new Int32Array(rows + 1)
  const metrics: Record<string, Float64Array> = {}
  const labels: Record<string, string[]> = {}
  for (const name of metricNames) metrics[name] = new Float64Array(rows).fill(Number.NaN)
  for (const name of labelNames) labels[name] = new Array<string>(rows).fill('')
  for (let i = 0; i < selection.length; i++) {
    const row = selection[i] as number
    verdict[row] = part.verdict[i] as number
    reasonCode[row] = part.reasonCode[i] as number
    detail[row] = part.detail[i] as string
    offsets[row + 1] = (part.spans.offsets[i + 1] as number) - (part.spans.offsets[i] as number)
    for (const name of metricNames)
      (metrics[name] as Float64Array)[row] = (part.metrics[name] as Float64Array)[i] as number
    for (const name of labelNames)
      (labels[name] as string[])[row] = (part.labels[name] as readonly string[])[i] as string
  }
  for (let row = 0; row < rows; row++)
    offsets[row + 1] = (offsets[row + 1] as number) + (offsets[row] as number)
  return {
    rows,
    verdict,
    reasons: part.reasons,
    reasonCode,
    detail,
    spans: { offsets, values: part.spans.values },
    metrics,
    labels,
  }
}

/** The reason of one row, '' when there is none. */
export function reasonOf(attributes: Attributes, row: number): string {
  return attributes.reasons[attributes.reasonCode[row] as number] ?? ''
}

/** Documents of one verdict and reason. */
export interface VerdictCount {
  readonly verdict: VerdictName
  /** '' for documents that are kept. */
  readonly reason: string
  readonly documents: number
}

/** What a stage decided, added up; rows that it did not see do not count. */
export function countVerdicts(attributes: Attributes): VerdictCount[] {
  const { reasons, reasonCode, verdict } = attributes
  const counts = new Float64Array(VERDICT_NAMES.length * reasons.length)
  for (let row = 0; row < attributes.rows; row++) {
    const at = (verdict[row] as number) * reasons.length + (reasonCode[row] as number)
    counts[at] = (counts[at] as number) + 1
  }
  return Array.from(counts, (documents, at) => ({
    verdict: VERDICT_NAMES[Math.floor(at / reasons.length)] as VerdictName,
    reason: reasons[at % reasons.length] as string,
    documents,
  })).filter((each) => each.documents > 0 && each.verdict !== 'unseen')
}

/** Rows that every given stage kept or cut, ascending. */
export function keptRows(rows: number, stages: readonly Attributes[]): Int32Array {
  const out = new Int32Array(rows)
  let count = 0
  for (let row = 0; row < rows; row++) {
    let kept = true
    for (const stage of stages) {
      const verdict = stage.verdict[row]
      if (verdict === Verdict.drop || verdict === Verdict.unseen) {
        kept = false
        break
      }
    }
    if (kept) out[count++] = row
  }
  return out.slice(0, count)
}

import { type DedupParameters, pairOdds } from '@winnow/dedup'
import { areaPlot, beside, MARK, SCALE_WIDTH } from '../terminal/area-plot.js'
import { formatBytes, formatSeconds } from '../terminal/numbers.js'
import type { CurveResult, Measurement } from './dedup-curve.js'

/** Everything fits a terminal of this many characters, with up to four curves. */
const WIDTH = 80
const LABEL_WIDTH = 31
const COLUMN_WIDTH = 12
const JACCARD_WIDTH = 7
const ODDS_WIDTH = 9
const GAP = 3
const MEGABYTE = 1e6

/** The curves as text: what they are, plots, a table, the costs. */
export function renderCurves(curves: readonly CurveResult[], measured: Measurement): string {
  const blocks = [parameterTable(curves), plots(curves), table(curves), costs(curves, measured)]
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

function parameterTable(curves: readonly CurveResult[]): string[] {
  const lines = [
    row(curves, '', ({ name }) => name),
    row(curves, 'bands x minimums', ({ parameters: { bands, rows } }) => `${bands} x ${rows}`),
    row(curves, 'shingle', ({ parameters }) => describeShingle(parameters)),
    row(curves, 'keys of a document', ({ keysPerDocument }) => String(keysPerDocument)),
    row(curves, 'verified at', ({ parameters: { verify } }) => String(verify)),
    row(curves, 'certain when they share bands', ({ parameters, certainBands }) =>
      parameters.verify === 'off' || certainBands === null ? '-' : String(certainBands),
    ),
    row(curves, 'half of the pairs proposed at', ({ half }) => half.candidate.toFixed(3)),
    row(curves, 'half of the pairs detected at', ({ half }) => half.detected.toFixed(3)),
    row(curves, '(1 / bands)^(1 / minimums)', ({ bandThreshold }) => bandThreshold.toFixed(3)),
  ]
  const changed = curves.some(({ name }) => name.endsWith('*'))
  return changed ? [...lines, '* the profile with the values given in place of its own'] : lines
}

function row(
  curves: readonly CurveResult[],
  label: string,
  cell: (curve: CurveResult) => string,
): string {
  const cells = curves.map((curve) => cell(curve).padStart(COLUMN_WIDTH))
  return label.padEnd(LABEL_WIDTH) + cells.join('')
}

function describeShingle({ ngram, shingle }: DedupParameters): string {
  const unit = shingle === 'word' ? 'word' : 'char'
  return `${ngram} ${unit}${ngram === 1 ? '' : 's'}`
}

/** One plot over the whole width, several two by two. */
function plots(curves: readonly CurveResult[]): string[] {
  const alone = curves.length === 1
  const width = (alone ? WIDTH : (WIDTH - GAP) / 2) - SCALE_WIDTH - (alone ? GAP : 0)
  const blocks = curves.map(({ name, parameters: { verify }, parameters }) => {
    const odds = pairOdds(parameters)
    const plot = areaPlot({
      filled: (jaccard) => odds(jaccard).detected,
      shaded: (jaccard) => odds(jaccard).candidate,
      width: Math.floor(width),
      height: alone ? 12 : 8,
      ...(verify === 'off' ? {} : { mark: verify }),
    })
    return alone ? plot : [`${' '.repeat(SCALE_WIDTH)}${name}`, ...plot]
  })
  const lines: string[] = ['Pairs of documents by their Jaccard index, in %']
  lines.push(`█ detected   ░ proposed, then found too unlike   ${MARK} verified at`, '')
  for (let at = 0; at < blocks.length; at += 2) {
    if (at > 0) lines.push('')
    lines.push(...beside(blocks.slice(at, at + 2), GAP))
  }
  return lines
}

function table(curves: readonly CurveResult[]): string[] {
  const pair = (left: string, right: string) =>
    left.padStart(ODDS_WIDTH) + right.padStart(ODDS_WIDTH)
  const line = (label: string, cells: readonly string[]) =>
    label.padEnd(JACCARD_WIDTH) + cells.join('')
  const rows = (curves[0]?.points ?? []).map(({ jaccard }, step) => {
    const cells = curves.map(({ points }) => {
      const { candidate = 0, detected = 0 } = points[step] ?? {}
      return pair(formatPercent(candidate), formatPercent(detected))
    })
    return line(jaccard.toFixed(2).padStart(JACCARD_WIDTH), cells)
  })
  return [
    line(
      '%',
      curves.map(({ name }) => pair('', name)),
    ),
    line(
      'Jaccard',
      curves.map(() => pair('proposed', 'detected')),
    ),
    ...rows,
  ]
}

/** A probability in %, with as many digits, up to four after the point, as say how far it is from 0 or 100. */
export function formatPercent(probability: number): string {
  if (probability <= 0) return '0'
  if (probability >= 1) return '100'
  const percent = 100 * probability
  const far = Math.min(percent, 100 - percent)
  if (far < 0.0001) return percent < 50 ? '~0' : '~100'
  const digits = Math.min(4, Math.max(1, 1 - Math.floor(Math.log10(far))))
  return percent.toFixed(digits)
}

function costs(curves: readonly CurveResult[], measured: Measurement): string[] {
  const seconds = (label: string, what: 'signSeconds' | 'lookUpSeconds') =>
    row(curves, label, ({ perMillionDocuments }) => formatSeconds(perMillionDocuments[what]))
  const bytes = (label: string, what: 'keyFileBytes' | 'indexBytes') =>
    row(curves, label, ({ perMillionDocuments }) => formatBytes(perMillionDocuments[what]))
  return [
    row(curves, 'Per million documents', ({ name }) => name),
    bytes('key files', 'keyFileBytes'),
    bytes('index, at most', 'indexBytes'),
    seconds('signing', 'signSeconds'),
    row(curves, '  in MB/s', (curve) => signingSpeed(curve, measured).toFixed(1)),
    seconds('looking up and inserting', 'lookUpSeconds'),
    '',
    `Times: one core of this machine, just measured for ${measured.seconds} s on made-up texts of`,
    `${measured.documentBytes / 1000} kB and a small index; looking up in one of many gigabytes is slower.`,
  ]
}

function signingSpeed(
  { perMillionDocuments }: CurveResult,
  { documentBytes }: Measurement,
): number {
  return (documentBytes * 1e6) / MEGABYTE / perMillionDocuments.signSeconds
}

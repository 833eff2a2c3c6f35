import { formatBytes, formatCount, formatLarge, formatShare } from './format.js'
import { STEP_LABELS, skippedRecords, tokenMargin } from './funnel.js'
import type { RunReport } from './report-schema.js'

const BAR_WIDTH = 20
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']
const LARGEST_DROPS = 6
/** Parameters below which the name of a size says nothing. */
const SMALLEST_MODEL = 1e6

/**
 * The funnel for a terminal: plain text without colours, at most 80 columns, lines ended by a line break. Says what
 * came in, what each stage left, the most frequent reasons, and what the tokens are enough for.
 */
export function renderFunnel(report: RunReport): string {
  return [funnelTable(report), dropTable(report), tokenLines(report)]
    .filter((part) => part !== '')
    .join('\n')
}

function funnelTable(report: RunReport): string {
  const rows = report.funnel.map(({ step, documents, bytes, tokens, share }) => [
    STEP_LABELS[step],
    formatCount(documents),
    share === null ? '' : formatShare(share),
    bytes === null ? '' : formatBytes(bytes),
    tokens === null ? '' : formatLarge(tokens),
    share === null ? '' : bar(share),
  ])
  const table = align([['', 'documents', 'of pages', 'text', 'tokens', ''], ...rows], 'lrrrrl')
  const skipped = skippedRecords(report)
    .slice(0, 4)
    .map(({ reason, records }) => `${formatCount(records)} ${reason}`)
  return skipped.length === 0 ? table : `${table}${wrap('Not pages: ', skipped)}`
}

function dropTable(report: RunReport): string {
  const drops = report.stages
    .flatMap(({ reasons }) => reasons)
    .filter(({ action }) => action === 'drop')
    .sort((a, b) => b.documents - a.documents || (a.reason < b.reason ? -1 : 1))
  const rows = drops
    .slice(0, LARGEST_DROPS)
    .map(({ reason, documents, bytes }) => [
      `  ${printable(reason)}`,
      formatCount(documents),
      formatBytes(bytes),
    ])
  const more = drops.length - rows.length
  if (rows.length === 0) return ''
  return `Dropped most often\n${align(rows, 'lrr')}${more > 0 ? `  and ${more} more reason${more === 1 ? '' : 's'}\n` : ''}`
}

function tokenLines(report: RunReport): string {
  const { tokens, budget } = report
  if (budget.optimal === null) return ''
  const margin = (tokenMargin(report) * 100).toFixed(1)
  const counted = `About ${formatLarge(tokens.clean)} clean tokens (${tokens.tokenizer}, ± ${margin} %): in one pass, `
  const { parameters } = budget.optimal
  return parameters < SMALLEST_MODEL
    ? `${counted}less than\na model of a million parameters wants (20 tokens a parameter).\n`
    : `${counted}enough for\na model of ${formatLarge(parameters)} parameters (compute-optimal, 20 tokens a parameter).\n`
}

function bar(share: number): string {
  const eighths = Math.round(Math.min(1, share) * BAR_WIDTH * 8)
  const blocks = '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '')
  return blocks === '' && share > 0 ? '▏' : blocks
}

/** Columns of equal width, two spaces apart: `l` flush left, `r` flush right. */
function align(rows: readonly (readonly string[])[], sides: string): string {
  const widths = [...sides].map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  )
  return rows
    .map((row) => {
      const cells = row.map((cell, column) =>
        sides[column] === 'l'
          ? cell.padEnd(widths[column] ?? 0)
          : cell.padStart(widths[column] ?? 0),
      )
      return `${cells.join('  ').trimEnd()}\n`
    })
    .join('')
}

function wrap(lead: string, items: readonly string[]): string {
  let out = ''
  let line = lead
  items.forEach((item, index) => {
    const piece = `${printable(item)}${index < items.length - 1 ? ', ' : ''}`
    if (line.length + piece.trimEnd().length > 80 && line !== lead) {
      out += `${line.trimEnd()}\n`
      line = ' '.repeat(lead.length)
    }
    line += piece
  })
  return `${out}${line}\n`
}

/** Names can come from the input; control characters must not reach the terminal. */
function printable(value: string): string {
  return value.replace(/\p{C}/gu, '?')
}

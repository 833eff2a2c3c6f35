import { canSizeModel, SMALLEST_SIZED_TOKENS } from './budget.js'
import { formatBytes, formatCount, formatLarge, formatShare } from './format.js'
import { formatMargin, STEP_LABELS, skippedRecords } from './funnel.js'
import type { RunReport } from './report-schema.js'

const BAR_WIDTH = 20
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']
const LARGEST_DROPS = 6
const LARGEST_SKIPPED = 4

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
  const skipped = skippedList(report)
  return skipped.length === 0 ? table : `${table}${wrap('Not pages: ', skipped)}`
}

/** The most frequent kinds of records that are no pages, and how many others there are. */
function skippedList(report: RunReport): string[] {
  const kinds = skippedRecords(report)
  // "and 1 more" would be no shorter than naming it.
  const shown = kinds.length <= LARGEST_SKIPPED + 1 ? kinds : kinds.slice(0, LARGEST_SKIPPED)
  const rest = kinds.slice(shown.length)
  const items = shown.map(({ reason, records }) => `${formatCount(records)} ${reason}`)
  if (rest.length === 0) return items
  const records = rest.reduce((sum, kind) => sum + kind.records, 0)
  return [...items, `and ${rest.length} more (${formatCount(records)} records)`]
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
  const margin = formatMargin(report)
  const counted = `About ${formatLarge(tokens.clean)} clean tokens (${tokens.tokenizer}${margin === '' ? '' : `, ${margin}`}): `
  return canSizeModel(tokens.clean)
    ? `${counted}in one pass, enough for\na model of ${formatLarge(budget.optimal.parameters)} parameters (compute-optimal, 20 tokens a parameter).\n`
    : `${counted}too few\nto size a model by. Scaling laws say something from ${SMALLEST_SIZED_TOKENS / 1e6} million tokens on.\n`
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

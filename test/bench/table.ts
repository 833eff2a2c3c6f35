import { cpus } from 'node:os'
import type { BenchPart, Measurement } from './part.js'

export interface PartResult {
  readonly part: BenchPart
  readonly measurements: readonly Measurement[]
  /** What the part had to say about this run. */
  readonly notes: readonly string[]
}

/** One part as Markdown: rates of the fastest run, seconds of the fastest and of the median one; findings; notes. */
export function partTable({ part, measurements, notes }: PartResult): string {
  const memory = measurements.some(({ peakMemory }) => peakMemory !== undefined)
  const head = ['program', 'documents', 'MB', 'best s', 'median s', 'docs/s', 'MB/s']
  if (memory) head.push('peak memory, MB')
  const rows = measurements.map((measurement) => {
    const { documents, bytes, seconds, peakMemory } = measurement
    const best = Math.min(...seconds)
    const row = [
      measurement.program,
      count(documents),
      rate(bytes / 1e6),
      best.toFixed(3),
      median(seconds).toFixed(3),
      count(documents / best),
      rate(bytes / 1e6 / best),
    ]
    if (memory) row.push(count((peakMemory ?? 0) / 1e6))
    return row
  })
  const below = [...(part.notes ?? []), ...notes].map((note) => `- ${note}`)
  return [
    `### ${part.name}`,
    '',
    `${part.title}.`,
    '',
    ...markdownTable(head, rows),
    '',
    ...findingsTable(measurements),
    ...(below.length > 0 ? [...below, ''] : []),
  ].join('\n')
}

function findingsTable(measurements: readonly Measurement[]): string[] {
  const columns = new Set(measurements.flatMap(({ findings }) => Object.keys(findings ?? {})))
  if (columns.size === 0) return []
  const rows = measurements.map(({ program, findings }) => [
    program,
    ...[...columns].map((column) => findings?.[column] ?? ''),
  ])
  return [...markdownTable(['program', ...columns], rows), '']
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '--:'))), ...rows.map(line)]
}

/** All parts as a page. */
export function benchmarkPage(results: readonly PartResult[], command: string): string {
  const processors = cpus()
  return [
    '# Benchmarks',
    '',
    `Written by \`${command}\` on ${processors.length} x ${processors[0]?.model.trim() ?? 'unknown processor'}, Node ${process.version}.`,
    'Rates are those of the fastest run. Compare programs within one table: they ran on the same input, one after the other; machines differ.',
    '',
    ...results.map(partTable),
  ].join('\n')
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en')
}

function rate(value: number): string {
  return value >= 100 ? count(value) : value.toPrecision(3)
}

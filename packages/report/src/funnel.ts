import type { FunnelStep, RunReport } from './report-schema.js'

/** What the steps of the funnel are called in front of people. */
export const STEP_LABELS: Readonly<Record<FunnelStep['step'], string>> = {
  records: 'Records read',
  pages: 'Pages',
  extracted: 'Main text found',
  quality: 'Good quality',
  unique: 'Unique',
  decontaminated: 'Free of test sets',
  clean: 'Clean',
}

export const STAGE_LABELS: Readonly<Record<string, string>> = {
  extract: 'Extraction',
  quality: 'Quality',
  dedup: 'Deduplication',
  decontaminate: 'Decontamination',
}

/** The records that were no pages, most frequent reason first. */
export function skippedRecords(report: RunReport): { reason: string; records: number }[] {
  return Object.entries(report.records)
    .filter(([reason, records]) => reason !== 'pages' && records > 0)
    .map(([reason, records]) => ({ reason, records }))
    .sort((a, b) => b.records - a.records || (a.reason < b.reason ? -1 : 1))
}

/** `± 1.2 %`, half the width of the tokens' confidence interval; empty where there is none, or nothing to doubt. */
export function formatMargin({ tokens: { clean, low, high } }: RunReport): string {
  if (low === null || high === null || clean === 0 || low === high) return ''
  return `± ${(((high - low) / 2 / clean) * 100).toFixed(1)} %`
}

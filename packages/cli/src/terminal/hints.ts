import type { RunReport } from '@winnow/report'
import { formatCount, formatShare } from './numbers.js'

/** Reasons of skipped records that mean damage, not another kind of record. */
const DAMAGE = [
  'bad_json',
  'broken_compression',
  'broken_encoding',
  'broken_http',
  'broken_record',
  'broken_rows',
  'compression_ratio',
  'no_text_field',
  'truncated',
]

/** What a user should be told of a run that went well by its own lights, but perhaps not by theirs. */
export function hintsFor(report: RunReport): string[] {
  const hints: string[] = []
  const pages = report.records.pages ?? 0
  const damaged = DAMAGE.reduce((sum, reason) => sum + (report.records[reason] ?? 0), 0)
  if (damaged > 0)
    hints.push(
      `${formatCount(damaged)} record(s) were damaged or cut off and left out; winnow explain tells which, report.json counts them by reason`,
    )
  const clean = report.funnel.find(({ step }) => step === 'clean')?.documents ?? 0
  const dedup = report.stages.find(({ stage }) => stage === 'dedup')
  const nothingNew = dedup !== undefined && dedup.seen.documents > 0 && dedup.kept.documents === 0
  if (nothingNew)
    hints.push(
      'nothing new: every document is a copy of one that an earlier run into this index kept',
    )
  else if (clean === 0) hints.push('no document came out: the reasons above say why')
  const foreign = reasonCount(report, 'language.not_selected')
  if (foreign > pages / 2)
    hints.push(
      `${formatCount(foreign)} of ${formatCount(pages)} pages (${formatShare(foreign, pages)}) are in languages that are not kept; --languages en,de,fr keeps more`,
    )
  return hints
}

function reasonCount(report: RunReport, name: string): number {
  for (const { reasons } of report.stages)
    for (const { reason, documents } of reasons) if (reason === name) return documents
  return 0
}

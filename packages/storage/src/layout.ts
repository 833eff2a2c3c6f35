import type { Stage } from '@winnow/core'

/** Where things lie under the output folder or bucket prefix. Names depend on the shard id alone. */
export const layout = {
  run: 'run.json',
  state: 'state.json',
  reportJson: 'report.json',
  reportHtml: 'report.html',
  index: 'index/',
  clusters: 'clusters/',
  /** What the report says of the clusters. */
  largestClusters: 'clusters.json',
  documents: (shard: string) => `documents/${shard}.parquet`,
  attributes: (stage: Stage, shard: string) => `attributes/${stage}/${shard}.parquet`,
  skipped: (shard: string) => `skipped/${shard}.parquet`,
  clean: (shard: string, format: 'parquet' | 'jsonl') => `clean/${shard}.${format}`,
  summary: (shard: string) => `summaries/${shard}.json`,
  deadLetter: (shard: string) => `dead-letters/${shard}.json`,
} as const

/**
 * Where things lie in a duplicate index. It may lie in the output folder or outlive it, so a shard is named by its run
 * as well: two runs can read the same input.
 */
export const indexLayout = {
  /** What kind of index it is, and the parameters it was made with. */
  manifest: 'index.json',
  orderLog: 'order.jsonl',
  /** What the documents of a run follow from, besides its inputs. */
  run: (run: string) => `runs/${run}.json`,
  /** Keys and sketches of a shard's rows, for the index. */
  keyFile: (run: string, shard: string) => `keys/${run}/${shard}.keys`,
  /** What is told of those rows to people: ids, URLs, dates, lengths. */
  rows: (run: string, shard: string) => `rows/${run}/${shard}.parquet`,
  /** The pairs found, and which of them decided. */
  matches: (run: string, shard: string) => `matches/${run}/${shard}.parquet`,
  /** Keys of the lines or paragraphs of those rows, where those are deduplicated too. */
  passages: (run: string, shard: string) => `passages/${run}/${shard}.wnpf`,
  snapshots: 'snapshots/',
  /** In a cluster: the entries of the order log, so that tools need no broker; a folder of `orderEntry`. */
  orderEntries: 'order/',
  orderEntry: (position: number) => `order/${digits(position)}.json`,
  /** In a cluster: what the index workers found for a log entry. */
  answers: 'answers/',
  answersTo: (position: number) => `answers/${digits(position)}/`,
  answer: (position: number, firstSlot: number, endSlot: number) =>
    `answers/${digits(position)}/${firstSlot}-${endSlot}.wnma`,
  /** In a cluster: snapshots of slots by their owners, and of the decisions. */
  slotSnapshots: 'snapshots/slots/',
  slotSnapshot: (firstSlot: number, endSlot: number, position: number) =>
    `snapshots/slots/${String(firstSlot).padStart(3, '0')}-${String(endSlot).padStart(3, '0')}/${digits(position)}.wnix`,
  decisionSnapshots: 'snapshots/decisions/',
  /** Of a resolver, up to which entry of the order log, and from which of the answers on to go on. */
  decisionSnapshot: (
    { ordinal, replicas }: { ordinal: number; replicas: number },
    { entries, answers }: { entries: number; answers: number },
  ) => `snapshots/decisions/${ordinal}-of-${replicas}/${digits(entries)}-${digits(answers)}.wndd`,
} as const

/** So that names sort as their numbers do. */
function digits(position: number): string {
  return String(position).padStart(12, '0')
}

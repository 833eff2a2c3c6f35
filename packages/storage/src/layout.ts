import type { Stage } from '@winnow/core'

/** Where things lie under the output folder or bucket prefix. Names depend on the shard id alone. */
export const layout = {
  run: 'run.json',
  state: 'state.json',
  reportJson: 'report.json',
  reportHtml: 'report.html',
  orderLog: 'index/order.jsonl',
  documents: (shard: string) => `documents/${shard}.parquet`,
  attributes: (stage: Stage, shard: string) => `attributes/${stage}/${shard}.parquet`,
  skipped: (shard: string) => `skipped/${shard}.parquet`,
  clean: (shard: string, format: 'parquet' | 'jsonl') => `clean/${shard}.${format}`,
  summary: (shard: string) => `summaries/${shard}.json`,
  keyFile: (shard: string) => `index/keys/${shard}.keys`,
  deadLetter: (shard: string) => `dead-letters/${shard}.json`,
} as const

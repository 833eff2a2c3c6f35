import { basename } from 'node:path'
import { renderFunnel } from '@winnow/report'
import { type LocalStore, layout } from '@winnow/storage'
import { openFolder } from '../embedded/output-folder.js'
import { writeReport } from '../embedded/report-files.js'
import { readRunFile } from '../embedded/run-file.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { Console, type OutputMode } from '../terminal/console.js'

/** `winnow report`: report.json and report.html again, from the summaries that the run left. */
export async function report(args: { out: string; output: OutputMode }): Promise<ExitCode> {
  const { store, state } = await openFolder(args.out)
  const run = await readRunFile(store)
  const made = await writeReport(store, {
    config: run?.config ?? state.settings,
    inputs: state.inputs.map(({ uri }) => uri),
    wallSeconds: run?.wallSeconds ?? 0,
    peakMemoryBytes: run?.peakMemoryBytes ?? 0,
  })
  const console = new Console(args.output)
  const lost = await shardsWithoutSummary(store)
  if (lost > 0)
    console.warn(
      `${lost} clean shard(s) have no summary and are not counted: run the same command again first`,
    )
  if (run === undefined)
    console.note('no run has come to its end here yet: this is what is done so far')
  console.result({
    text: `${renderFunnel(made)}\nReport        ${store.path(layout.reportHtml)}\n`,
    json: made,
  })
  return EXIT.done
}

async function shardsWithoutSummary(store: LocalStore): Promise<number> {
  let lost = 0
  for await (const { key } of store.list('clean/')) {
    const shard = basename(key).replace(/\.(parquet|jsonl)$/, '')
    if ((await store.head(layout.summary(shard))) === undefined) lost++
  }
  return lost
}

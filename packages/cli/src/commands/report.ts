import { basename } from 'node:path'
import { renderFunnel } from '@winnow/report'
import { layout, type ObjectStore, placeOf } from '@winnow/storage'
import { shardsFed } from '../cluster/fed.js'
import { howToFinish, type OutputPlace, openOutput, settingsOf } from '../embedded/output.js'
import { writeReport } from '../embedded/report-files.js'
import { readRunFile } from '../embedded/run-file.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { Console, type OutputMode } from '../terminal/console.js'
import { formatCount } from '../terminal/numbers.js'

/** `winnow report`: report.json and report.html again, from the summaries that the run left. */
export async function report(args: OutputPlace & { output: OutputMode }): Promise<ExitCode> {
  const output = await openOutput(args)
  const { store, state, cluster } = output
  const run = await readRunFile(store)
  const made = await writeReport(store, {
    config: (await settingsOf(output)) ?? state.settings,
    inputs: state.inputs.map(({ uri }) => uri),
    wallSeconds: run?.wallSeconds ?? 0,
    peakMemoryBytes: run?.peakMemoryBytes ?? 0,
  })
  const console = new Console(args.output)
  const lost = await shardsWithoutSummary(store)
  if (lost > 0)
    console.warn(
      `${lost} clean shard(s) have no summary and are not counted: ${howToFinish(output)}`,
    )
  if (cluster) console.note(await progress(store))
  else if (run === undefined)
    console.note('no run has come to its end here yet: this is what is done so far')
  console.result({
    text: `${renderFunnel(made)}\nReport        ${placeOf(store, layout.reportHtml)}\n`,
    json: made,
  })
  return EXIT.done
}

async function shardsWithoutSummary(store: ObjectStore): Promise<number> {
  const clean = await shardsUnder(store, 'clean/')
  const summed = new Set(await shardsUnder(store, 'summaries/'))
  return clean.filter((shard) => !summed.has(shard)).length
}

async function shardsUnder(store: ObjectStore, prefix: string): Promise<string[]> {
  const shards: string[] = []
  for await (const { key } of store.list(prefix))
    shards.push(basename(key).replace(/\.(parquet|jsonl|json)$/, ''))
  return shards
}

/** A run of a cluster can be fed more at any time, so there is no end that could be told. */
async function progress(store: ObjectStore): Promise<string> {
  const fed = await shardsFed(store)
  const done = await shardsUnder(store, 'summaries/')
  return `${formatCount(done.length)} of ${formatCount(fed.size)} shards that were fed are done`
}

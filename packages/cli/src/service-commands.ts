import type { Command } from 'commander'
import { addOutput, type Done, outputMode } from './flags.js'
import { addSettings, type SettingFlags, settingsOf } from './run-flags.js'

interface FeedFlags extends SettingFlags {
  readonly cluster?: string
  readonly run: string
  readonly follow?: boolean
  readonly again?: boolean
}

/** The commands that run the services and give them work. */
export function addServiceCommands(program: Command, done: Done): void {
  const feed = program
    .command('feed')
    .description('put crawl shards into Kafka, for the services')
    .argument(
      '<input...>',
      's3:// URIs, files that every extractor sees, globs, a .paths list, or - for paths on stdin',
    )
    .requiredOption('--run <name>', 'name of the run; its settings are those of the first time')
  addOutput(addSettings(feed))
    .option(
      '--cluster <file>',
      'settings of the cluster, see docs/operations/configuration.md; WINNOW_* variables win',
    )
    .option('--follow', 'go on with what is added to the lists of paths, until interrupted')
    .option('--again', 'feed inputs again that were fed before; nothing is doubled')
    .addHelpText(
      'after',
      `
Examples:
  winnow feed s3://commoncrawl/crawl-data/CC-MAIN-2026-40/warc.paths.gz --run cc-2026-40
  winnow feed crawl/*.warc.gz --run test --stages extract,quality,dedup`,
    )
    .action(async (inputs: string[], flags: FeedFlags) => {
      const { runFeed } = await import('./cluster/run-feed.js')
      const { follow = false, again = false } = flags
      const settings = settingsOf(flags)
      const output = outputMode(flags)
      done(
        await runFeed({
          ...{ inputs, run: flags.run, file: flags.cluster, settings, output, follow, again },
          settingsFile: flags.config,
        }),
      )
    })

  const serve = program
    .command('serve')
    .description('run one service until it is told to stop: what the containers do')
    .argument(
      '<role>',
      'extractor, quality-filter, dedup-sign, dedup-index, dedup-resolve, decontaminator or metrics',
    )
  serve
    .option(
      '--config <file>',
      'settings of the cluster, see docs/operations/configuration.md; WINNOW_* variables win',
    )
    .action(async (role: string, flags: { config?: string }) => {
      const { serve: run } = await import('./cluster/serve.js')
      done(await run({ role, file: flags.config }))
    })
}

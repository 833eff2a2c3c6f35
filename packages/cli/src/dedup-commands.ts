import { type Command, Option } from 'commander'
import {
  addCluster,
  addOutput,
  type Done,
  dropUnset,
  notEmpty,
  numeric,
  type OutputFlags,
  outputMode,
  wholeNumber,
} from './flags.js'

/** The commands about duplicates, besides what `run` and `verify` do. */
export function addDedupCommands(program: Command, done: Done): void {
  addDedup(program, done)
  addIndex(program, done)
  addClusters(program, done)
}

function addDedup(program: Command, done: Done): void {
  const group = program.command('dedup').description('tools for near-duplicate parameters')
  const command = group
    .command('curve')
    .description('how likely near duplicates are detected over their similarity, and the costs')
    .option('--profile <name...>', 'one or more profiles to compare (default: default)')
    .option('--bands <n>', "LSH bands, in place of the profile's", numeric)
    .option('--rows <n>', 'minimums of a band', numeric)
    .option('--ngram <n>', 'words or characters of a shingle', numeric)
    .option('--shingle <unit>', 'what a shingle is made of: word or character')
    .option('--verify <jaccard>', 'least estimated Jaccard of a near-duplicate, or off', (value) =>
      value === 'off' ? value : numeric(value),
    )
    .option('--svg <file>', 'write a chart as well')
  addOutput(command)
    .addHelpText(
      'after',
      `
Examples:
  winnow dedup curve
  winnow dedup curve --profile default strict lee --svg curve.svg
  winnow dedup curve --bands 20 --rows 6 --verify 0.75 --json`,
    )
    .action(async (flags: CurveFlags) => {
      const { profile, svg, bands, rows, ngram, shingle, verify } = flags
      const output = outputMode(flags)
      const changes = dropUnset({ bands, rows, ngram, shingle, verify })
      const { dedupCurve } = await import('./commands/dedup-curve.js')
      done(await dedupCurve({ profiles: profile ?? ['default'], changes, svg, output }))
    })
}

interface CurveFlags extends OutputFlags {
  readonly profile?: string[]
  readonly bands?: number
  readonly rows?: number
  readonly ngram?: number
  readonly shingle?: string
  readonly verify?: number | 'off'
  readonly svg?: string
}

function addIndex(program: Command, done: Done): void {
  const group = program
    .command('index')
    .description('duplicate indexes that outlive a run (winnow run --index)')
  addOutput(
    addCluster(
      group
        .command('info')
        .description('runs, documents, snapshots and size')
        .argument('<dir>', 'folder, or s3:// prefix of a cluster’s index'),
    ),
  ).action(async (folder: string, flags: OutputFlags & { cluster?: string }) => {
    const { info } = await import('./commands/index-info.js')
    done(await info({ folder, cluster: flags.cluster, output: outputMode(flags) }))
  })
  addOutput(
    group
      .command('compact')
      .description('save the index at the end of its log, and remove what nothing needs any more')
      .argument('<dir>'),
  ).action(async (folder: string, flags: OutputFlags) => {
    const { compact } = await import('./commands/index-compact.js')
    done(await compact({ folder, output: outputMode(flags) }))
  })
  addOutput(
    group
      .command('merge')
      .description('several indexes as one, as if their runs had been made one after the other')
      .argument('<dir...>')
      .requiredOption('--out <dir>', 'new or empty folder for the merged index', notEmpty),
  ).action(async (folders: string[], flags: OutputFlags & { out: string }) => {
    const { merge } = await import('./commands/index-merge.js')
    done(await merge({ folders, out: flags.out, output: outputMode(flags) }))
  })
  addOutput(
    group
      .command('export')
      .description('every document and what became of it, one Parquet file a shard')
      .argument('<dir>')
      .requiredOption('--out <dir>', 'new or empty folder for the files', notEmpty),
  )
    .addHelpText(
      'after',
      '\nExample:\n  winnow index export crawls-index --out exported\n  duckdb -c "select run, count(*), sum(kept) from \'exported/*.parquet\' group by 1"',
    )
    .action(async (folder: string, flags: OutputFlags & { out: string }) => {
      const { exportIndex } = await import('./commands/index-export.js')
      done(await exportIndex({ folder, out: flags.out, output: outputMode(flags) }))
    })
}

function addClusters(program: Command, done: Done): void {
  addOutput(
    program
      .command('clusters')
      .description('group the copies, list the largest groups, and choose which copy stays')
      .requiredOption('--out <dir>', 'output folder of the run'),
  )
    .addOption(
      new Option('--kind <kind>', 'components: linked by any chain; stars: all like their centre')
        .choices(['components', 'stars'])
        .default('components'),
    )
    .option('--top <n>', 'groups listed', wholeNumber, 10)
    .addOption(
      new Option(
        '--keep <policy>',
        'make the clean shards again with this copy of each group',
      ).choices(['first', 'longest', 'best', 'newest']),
    )
    .option('--metric <stage/name>', 'for --keep best: the metric whose largest value is best')
    .option('--smallest', 'for --keep best: the smallest value is best')
    .addHelpText(
      'after',
      `
The verdicts come from the pairs that the run stored: no text is compared again.

Examples:
  winnow clusters --out clean
  winnow clusters --out clean --kind stars --keep longest
  winnow clusters --out clean --keep best --metric quality/word_count`,
    )
    .action(
      async (
        flags: OutputFlags & {
          out: string
          kind: 'components' | 'stars'
          top: number
          keep?: 'first' | 'longest' | 'best' | 'newest'
          metric?: string
          smallest?: boolean
        },
      ) => {
        const { clusters } = await import('./commands/clusters.js')
        const { out, kind, top, keep, metric, smallest } = flags
        done(
          await clusters({
            out,
            kind,
            top,
            ...(keep === undefined ? {} : { keep }),
            ...(metric === undefined ? {} : { metric }),
            ...(smallest === undefined ? {} : { smallerIsBetter: smallest }),
            output: outputMode(flags),
          }),
        )
      },
    )
}

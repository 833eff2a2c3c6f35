import { UsageError, WinnowError } from '@winnow/core'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import pc from 'picocolors'
import type { Settings } from './config-file.js'
import { EXIT, type ExitCode } from './exit-codes.js'
import type { OutputMode } from './terminal/console.js'
import { printable } from './terminal/printable.js'
import { VERSION } from './version.js'

/** Runs the command line; returns the exit code. */
export async function main(argv: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = EXIT.done
  const program = buildProgram((result) => {
    code = result
  })
  try {
    await program.parseAsync([...argv])
    return code
  } catch (error) {
    return reportError(error)
  }
}

function reportError(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.wrongUse
  if (error instanceof WinnowError) {
    process.stderr.write(`${pc.red('error:')} ${printable(error.message)}\n`)
    if (error.hint !== '') process.stderr.write(`${pc.dim(printable(error.hint))}\n`)
    return error instanceof UsageError ? EXIT.wrongUse : EXIT.failed
  }
  process.stderr.write(
    `${pc.red('error:')} ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  )
  return EXIT.failed
}

type Done = (code: ExitCode) => void

interface OutputFlags {
  readonly json?: boolean
  readonly quiet?: boolean
}

function buildProgram(done: Done): Command {
  const program = new Command('winnow')
    .description(
      'Turns web crawls into clean, deduplicated, decontaminated text for language-model training.',
    )
    .version(VERSION)
    .exitOverride()
    .showHelpAfterError('(add --help for the options)')
    .configureHelp({ sortSubcommands: false })
  addRun(program, done)
  addExplain(program, done)
  addReport(program, done)
  addVerify(program, done)
  addRules(program, done)
  addDedup(program, done)
  addIndex(program, done)
  addClusters(program, done)
  addBudget(program, done)
  addDoctor(program, done)
  return program
}

function addRun(program: Command, done: Done): void {
  const command = program
    .command('run')
    .description('crawl shards in, clean Parquet shards and a report out')
    .argument(
      '<input...>',
      'WARC, WET, JSONL, Parquet or Arrow files, globs, a .paths list, or - for paths on stdin',
    )
    .requiredOption(
      '--out <dir>',
      'output folder; the same command again goes on where it stopped',
      notEmpty,
    )
  addSettings(command)
  addOutput(command)
    .option(
      '--overwrite',
      'make again what depends on settings that changed since the folder was begun',
    )
    .addHelpText(
      'after',
      `
Examples:
  winnow run crawl/*.warc.gz --out clean
  winnow run warc.paths.gz --out clean --workers 8 --benchmarks benchmarks/
  winnow run texts.jsonl --text-field content --out clean --format jsonl
  winnow run crawl.warc.gz --out clean --stages extract,quality --languages en,de

Exit codes: 0 done, 1 failed, 2 wrong use, 3 done but some shards failed for good.`,
    )
    .action(async (inputs: string[], flags: RunFlags) => {
      const output = outputMode(flags)
      const { loadConfig } = await import('./config-file.js')
      const config = await loadConfig(flags.config, settingsOf(flags))
      // The threads load their code while this one still loads its own.
      const { startWorkers } = await import('./embedded/workers.js')
      const pool = startWorkers(config)
      try {
        const { run } = await import('./commands/run.js')
        const overwrite = flags.overwrite === true
        done(await run({ inputs, out: flags.out, config, pool, overwrite, output }))
      } finally {
        await pool.close()
      }
    })
}

interface SettingFlags extends OutputFlags {
  readonly config?: string
  readonly stages?: string
  readonly workers?: number
  readonly format?: string
  readonly textField?: string
  readonly inputFormat?: string
  readonly splitSize?: string
  readonly languages?: string
  readonly quality?: string
  readonly blockList?: string[]
  readonly dedup?: string
  readonly verifyAt?: number | 'off'
  readonly index?: string
  readonly indexKind?: 'exact' | 'bloom'
  readonly passages?: 'line' | 'paragraph'
  readonly benchmarks?: string
  readonly decontaminate?: string
}

interface RunFlags extends SettingFlags {
  readonly out: string
  readonly overwrite?: boolean
}

/** Options that stand for settings of winnow.yaml. */
function addSettings(command: Command): Command {
  return command
    .option('--config <file>', 'settings, see docs/configuration.md; options given here win')
    .option('--stages <list>', 'stages to run: extract,quality,dedup,decontaminate')
    .option('--workers <n>', 'worker threads (default: one per core)', wholeNumber)
    .addOption(
      new Option('--format <format>', 'format of the clean shards').choices(['parquet', 'jsonl']),
    )
    .option(
      '--text-field <name>',
      'field or column of the text in JSONL, Parquet and Arrow (default: text)',
    )
    .addOption(
      new Option(
        '--input-format <format>',
        'format of the inputs (default: told from their content)',
      ).choices(['warc', 'wet', 'jsonl', 'parquet', 'arrow']),
    )
    .option('--split-size <size>', 'size of an input split (default: 64MiB)')
    .option('--languages <list>', 'languages to keep, ISO 639-1 (default: en)')
    .option('--quality <list>', 'rule sets in order, see winnow rules')
    .option('--block-list <file...>', 'files of blocked domains, URLs and words')
    .addOption(
      new Option('--dedup <profile>', 'deduplication profile').choices([
        'default',
        'fineweb',
        'lee',
        'strict',
      ]),
    )
    .option(
      '--verify-at <jaccard>',
      'least estimated Jaccard of a near-duplicate, or off',
      shareOrOff,
    )
    .option(
      '--index <dir>',
      'duplicate index that outlives the run: also drops copies of what earlier runs kept',
    )
    .addOption(
      new Option(
        '--index-kind <kind>',
        'exact names the copy; bloom only knows what was seen, in a quarter of the memory',
      ).choices(['exact', 'bloom']),
    )
    .addOption(
      new Option(
        '--passages <unit>',
        'also cut lines or paragraphs that an earlier kept document has',
      ).choices(['line', 'paragraph']),
    )
    .option(
      '--benchmarks <dir>',
      'folder of benchmarks (.jsonl, .jsonl.gz) to keep out of the corpus',
    )
    .addOption(
      new Option('--decontaminate <mode>', 'how to compare').choices([
        'ngram',
        'coverage',
        'jaccard',
      ]),
    )
}

function settingsOf(flags: SettingFlags): Settings {
  return dropUnset({
    stages: flags.stages?.split(',').map((name) => name.trim()),
    workers: flags.workers,
    format: flags.format,
    input: {
      textField: flags.textField,
      format: flags.inputFormat,
      splitBytes: flags.splitSize === undefined ? undefined : sizeOf(flags.splitSize),
    },
    quality: {
      languages: list(flags.languages),
      profile: list(flags.quality),
      blockLists: flags.blockList,
    },
    dedup: {
      profile: flags.dedup,
      verify: flags.verifyAt,
      index: flags.index,
      kind: flags.indexKind,
      passages: flags.passages === undefined ? undefined : { unit: flags.passages },
    },
    decontaminate: { benchmarks: flags.benchmarks, mode: flags.decontaminate },
  })
}

function list(value: string | undefined): string[] | undefined {
  return value?.split(',').map((item) => item.trim())
}

/** Bare numbers are bytes; anything else is checked, with its unit, where the settings are validated. */
function sizeOf(value: string): string | number {
  return /^\d+$/.test(value) ? Number(value) : value
}

function dropUnset(tree: Settings): Settings {
  const out: Settings = {}
  for (const [key, value] of Object.entries(tree)) {
    if (value === undefined) continue
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      const inner = dropUnset(value as Settings)
      if (Object.keys(inner).length > 0) out[key] = inner
    } else out[key] = value
  }
  return out
}

function addExplain(program: Command, done: Done): void {
  addOutput(
    program
      .command('explain')
      .description('why a document was dropped, cut or kept; its duplicate, its metrics')
      .argument('<document>', 'id or URL')
      .requiredOption('--out <dir>', 'output folder of the run'),
  )
    .addHelpText('after', '\nExample:\n  winnow explain https://example.org/page --out clean')
    .action(async (query: string, flags: OutputFlags & { out: string }) => {
      const { explain } = await import('./commands/explain.js')
      done(await explain({ query, out: flags.out, output: outputMode(flags) }))
    })
}

function addReport(program: Command, done: Done): void {
  addOutput(
    program
      .command('report')
      .description('report.html and report.json again')
      .requiredOption('--out <dir>', 'output folder of the run'),
  )
    .addHelpText('after', '\nExample:\n  winnow report --out clean')
    .action(async (flags: OutputFlags & { out: string }) => {
      const { report } = await import('./commands/report.js')
      done(await report({ out: flags.out, output: outputMode(flags) }))
    })
}

function addVerify(program: Command, done: Done): void {
  addOutput(
    program
      .command('verify')
      .description('recompute deduplication from the order log naively, and compare')
      .requiredOption('--out <dir>', 'output folder of the run'),
  )
    .addHelpText('after', '\nExample:\n  winnow verify --out clean')
    .action(async (flags: OutputFlags & { out: string }) => {
      const { verify } = await import('./commands/verify.js')
      done(await verify({ out: flags.out, output: outputMode(flags) }))
    })
}

function addIndex(program: Command, done: Done): void {
  const group = program
    .command('index')
    .description('duplicate indexes that outlive a run (winnow run --index)')
  addOutput(
    group.command('info').description('runs, documents, snapshots and size').argument('<dir>'),
  ).action(async (folder: string, flags: OutputFlags) => {
    const { info } = await import('./commands/index-info.js')
    done(await info({ folder, output: outputMode(flags) }))
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

function addRules(program: Command, done: Done): void {
  addOutput(
    program
      .command('rules')
      .description('every reason a verdict can carry, with threshold and source'),
  )
    .addHelpText('after', '\nExample:\n  winnow rules | less -R')
    .action(async (flags: OutputFlags) => {
      const { rules } = await import('./commands/rules.js')
      done(await rules({ output: outputMode(flags) }))
    })
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

function addBudget(program: Command, done: Done): void {
  addOutput(
    program
      .command('budget')
      .description('what model this much data is enough for')
      .option('--out <dir>', 'output folder of a run')
      .option('--tokens <n>', 'or a number of tokens, such as 300e9', positiveNumber),
  )
    .addHelpText(
      'after',
      '\nExamples:\n  winnow budget --out clean\n  winnow budget --tokens 300e9',
    )
    .action(async (flags: OutputFlags & { out?: string; tokens?: number }) => {
      const { budgetCommand } = await import('./commands/budget.js')
      done(await budgetCommand({ out: flags.out, tokens: flags.tokens, output: outputMode(flags) }))
    })
}

function addDoctor(program: Command, done: Done): void {
  const command = program
    .command('doctor')
    .description('check this machine, the configuration and the output folder; say what to do')
    .option('--out <dir>', 'output folder to check')
  addOutput(addSettings(command))
    .addHelpText('after', '\nExample:\n  winnow doctor --config winnow.yaml --out clean')
    .action(async (flags: SettingFlags & { out?: string }) => {
      const { doctor } = await import('./commands/doctor.js')
      done(
        await doctor({
          out: flags.out,
          configFile: flags.config,
          settings: settingsOf(flags),
          output: outputMode(flags),
        }),
      )
    })
}

function addOutput(command: Command): Command {
  return command
    .option('--json', 'one JSON object a line on stdout, for machines')
    .option('--quiet', 'only problems')
}

function outputMode({ json, quiet }: OutputFlags): OutputMode {
  if (json === true && quiet === true)
    throw new UsageError('--json and --quiet exclude each other', 'give one of them')
  return json === true ? 'json' : quiet === true ? 'quiet' : 'text'
}

function notEmpty(value: string): string {
  if (value.trim() === '') throw new InvalidArgumentError('It must name a folder.')
  return value
}

function wholeNumber(value: string): number {
  if (!/^[1-9]\d*$/.test(value))
    throw new InvalidArgumentError('It must be a whole number from 1 on.')
  return Number(value)
}

/** Any number: whether it will do is said by those who know what it is for. */
function numeric(value: string): number {
  const number = Number(value)
  if (value.trim() === '' || Number.isNaN(number))
    throw new InvalidArgumentError('It must be a number.')
  return number
}

function positiveNumber(value: string): number {
  const number = Number(value)
  if (!(number > 0) || !Number.isFinite(number))
    throw new InvalidArgumentError('It must be a number over 0, such as 300e9.')
  return number
}

function shareOrOff(value: string): number | 'off' {
  if (value === 'off') return 'off'
  const share = Number(value)
  if (value.trim() === '' || !(share > 0 && share <= 1))
    throw new InvalidArgumentError('It must be off, or a number over 0 and up to 1.')
  return share
}

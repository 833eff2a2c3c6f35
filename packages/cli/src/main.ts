import { hashReady, UsageError, WinnowError } from '@winnow/core'
import { Command, CommanderError } from 'commander'
import pc from 'picocolors'
import { addClusterCommands } from './cluster-commands.js'
import { addDedupCommands } from './dedup-commands.js'
import { EXIT, type ExitCode } from './exit-codes.js'
import {
  addCluster,
  addOutput,
  type Done,
  notEmpty,
  type OutputFlags,
  outputMode,
  positiveNumber,
} from './flags.js'
import { addSettings, type SettingFlags, settingsOf } from './run-flags.js'
import { addServiceCommands } from './service-commands.js'
import { printable } from './terminal/printable.js'
import { VERSION } from './version.js'

/** Runs the command line; returns the exit code. */
export async function main(argv: readonly string[]): Promise<ExitCode> {
  await hashReady
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
  addDedupCommands(program, done)
  addBudget(program, done)
  addClusterCommands(program, done)
  addDoctor(program, done)
  addServiceCommands(program, done)
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

interface RunFlags extends SettingFlags {
  readonly out: string
  readonly overwrite?: boolean
}

function addExplain(program: Command, done: Done): void {
  addOutput(
    addCluster(
      program
        .command('explain')
        .description('why a document was dropped, cut or kept; its duplicate, its metrics')
        .argument('<document>', 'id or URL')
        .requiredOption('--out <dir>', 'output folder of the run, or its s3:// prefix'),
    ),
  )
    .addHelpText('after', '\nExample:\n  winnow explain https://example.org/page --out clean')
    .action(async (query: string, flags: OutputFlags & { out: string; cluster?: string }) => {
      const { explain } = await import('./commands/explain.js')
      done(
        await explain({ query, out: flags.out, cluster: flags.cluster, output: outputMode(flags) }),
      )
    })
}

function addReport(program: Command, done: Done): void {
  addOutput(
    addCluster(
      program
        .command('report')
        .description('report.html and report.json again')
        .requiredOption('--out <dir>', 'output folder of the run, or its s3:// prefix'),
    ),
  )
    .addHelpText('after', '\nExample:\n  winnow report --out clean')
    .action(async (flags: OutputFlags & { out: string; cluster?: string }) => {
      const { report } = await import('./commands/report.js')
      done(await report({ out: flags.out, cluster: flags.cluster, output: outputMode(flags) }))
    })
}

function addVerify(program: Command, done: Done): void {
  addOutput(
    addCluster(
      program
        .command('verify')
        .description('recompute deduplication from the order log naively, and compare')
        .requiredOption('--out <dir>', 'output folder of the run, or its s3:// prefix'),
    ),
  )
    .addHelpText(
      'after',
      '\nExamples:\n  winnow verify --out clean\n  winnow verify --out s3://bucket/winnow/runs/cc-2026-40 --cluster cluster.yaml',
    )
    .action(async (flags: OutputFlags & { out: string; cluster?: string }) => {
      const { verify } = await import('./commands/verify.js')
      done(await verify({ out: flags.out, cluster: flags.cluster, output: outputMode(flags) }))
    })
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

function addBudget(program: Command, done: Done): void {
  addOutput(
    addCluster(
      program
        .command('budget')
        .description('what model this much data is enough for')
        .option('--out <dir>', 'output folder of a run, or its s3:// prefix')
        .option('--tokens <n>', 'or a number of tokens, such as 300e9', positiveNumber),
    ),
  )
    .addHelpText(
      'after',
      '\nExamples:\n  winnow budget --out clean\n  winnow budget --tokens 300e9',
    )
    .action(async (flags: OutputFlags & { out?: string; tokens?: number; cluster?: string }) => {
      const { budgetCommand } = await import('./commands/budget.js')
      done(
        await budgetCommand({
          out: flags.out,
          tokens: flags.tokens,
          cluster: flags.cluster,
          output: outputMode(flags),
        }),
      )
    })
}

function addDoctor(program: Command, done: Done): void {
  const command = program
    .command('doctor')
    .description(
      'check this machine, the configuration, the output folder and the cluster; say what to do',
    )
    .option('--out <dir>', 'output folder to check')
    .option('--create-topics', 'create the topics of the cluster that are missing')
  addOutput(addSettings(command))
    .addHelpText(
      'after',
      '\nExamples:\n  winnow doctor --config winnow.yaml --out clean\n  winnow doctor --config cluster.yaml --create-topics',
    )
    .action(async (flags: SettingFlags & { out?: string; createTopics?: boolean }) => {
      const { doctor } = await import('./commands/doctor.js')
      done(
        await doctor({
          out: flags.out,
          configFile: flags.config,
          settings: settingsOf(flags),
          createTopics: flags.createTopics === true,
          output: outputMode(flags),
        }),
      )
    })
}

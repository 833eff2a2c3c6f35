import { type Command, Option } from 'commander'
import type { Settings } from './config-file.js'
import { dropUnset, list, type OutputFlags, shareOrOff, sizeOf, wholeNumber } from './flags.js'

export interface SettingFlags extends OutputFlags {
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

/** Options that stand for settings of winnow.yaml. */
export function addSettings(command: Command): Command {
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

/** The settings that the options stand for. */
export function settingsOf(flags: SettingFlags): Settings {
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

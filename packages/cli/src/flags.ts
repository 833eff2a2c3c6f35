import { UsageError } from '@winnow/core'
import { type Command, InvalidArgumentError } from 'commander'
import type { Settings } from './config-file.js'
import type { ExitCode } from './exit-codes.js'
import type { OutputMode } from './terminal/console.js'

/** Takes the exit code of a command. */
export type Done = (code: ExitCode) => void

export interface OutputFlags {
  readonly json?: boolean
  readonly quiet?: boolean
}

export function addOutput(command: Command): Command {
  return command
    .option('--json', 'one JSON object a line on stdout, for machines')
    .option('--quiet', 'only problems')
}

/** How the S3 is reached that `--out` names. */
export function addCluster(command: Command): Command {
  return command.option(
    '--cluster <file>',
    'settings of the cluster, for s3://; WINNOW_S3_* variables win',
  )
}

export function outputMode({ json, quiet }: OutputFlags): OutputMode {
  if (json === true && quiet === true)
    throw new UsageError('--json and --quiet exclude each other', 'give one of them')
  return json === true ? 'json' : quiet === true ? 'quiet' : 'text'
}

export function notEmpty(value: string): string {
  if (value.trim() === '') throw new InvalidArgumentError('It must name a folder.')
  return value
}

export function wholeNumber(value: string): number {
  if (!/^[1-9]\d*$/.test(value))
    throw new InvalidArgumentError('It must be a whole number from 1 on.')
  return Number(value)
}

/** Any number: whether it will do is said by those who know what it is for. */
export function numeric(value: string): number {
  const number = Number(value)
  if (value.trim() === '' || Number.isNaN(number))
    throw new InvalidArgumentError('It must be a number.')
  return number
}

export function positiveNumber(value: string): number {
  const number = Number(value)
  if (!(number > 0) || !Number.isFinite(number))
    throw new InvalidArgumentError('It must be a number over 0, such as 300e9.')
  return number
}

export function shareOrOff(value: string): number | 'off' {
  if (value === 'off') return 'off'
  const share = Number(value)
  if (value.trim() === '' || !(share > 0 && share <= 1))
    throw new InvalidArgumentError('It must be off, or a number over 0 and up to 1.')
  return share
}

export function list(value: string | undefined): string[] | undefined {
  return value?.split(',').map((item) => item.trim())
}

/** Bare numbers are bytes; anything else is checked, with its unit, where the settings are validated. */
export function sizeOf(value: string): string | number {
  return /^\d+$/.test(value) ? Number(value) : value
}

/** Settings without those that are not set. */
export function dropUnset(tree: Settings): Settings {
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

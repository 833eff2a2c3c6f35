import { readFile } from 'node:fs/promises'
import { UsageError } from '@winnow/core'
import type { Document, LineCounter, Node } from 'yaml'
import type { z } from 'zod'

/** Settings as a tree, as they stand in a YAML file. */
export type Settings = { [key: string]: unknown }

/** Reads a YAML file of settings. Throws UsageError that names the file and the line. */
export async function readSettingsFile(path: string): Promise<SettingsFile> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    throw new UsageError(
      `cannot read the configuration ${path}: ${(error as Error).message}`,
      'check the path given to --config',
      error,
    )
  }
  const { LineCounter, parseDocument } = await import('yaml')
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const problem = document.errors[0]
  if (problem !== undefined) {
    const line = lines.linePos(problem.pos[0]).line
    throw new UsageError(`${path}:${line}: ${problem.message.split('\n')[0]}`, 'mend the YAML')
  }
  let tree: unknown
  try {
    tree = document.toJS() ?? {}
  } catch (error) {
    throw new UsageError(`${path}: ${(error as Error).message}`, 'write the values out')
  }
  if (typeof tree !== 'object' || tree === null || Array.isArray(tree))
    throw new UsageError(`${path}:1: the configuration must be a mapping of settings`)
  return { path, tree: tree as Settings, document, lines }
}

/** A file of settings as it was read: its tree, and where in it each setting stands. */
export interface SettingsFile {
  readonly path: string
  readonly tree: Settings
  readonly document: Document
  readonly lines: LineCounter
}

/**
 * Validates a tree of settings. `source` names where a setting came from when it was not the file (an option, an
 * environment variable). Throws UsageError, one line a fault: `file:line: setting: what it must be`.
 */
export function validateSettings<T>(
  schema: z.ZodType<T>,
  tree: Settings,
  options: {
    readonly file?: SettingsFile | undefined
    readonly hint: string
    source?(setting: string): string | undefined
  },
): T {
  const result = schema.safeParse(tree)
  if (result.success) return result.data
  const messages = result.error.issues.flatMap(describeIssue).map(({ path, text }) => {
    const setting = path.join('.')
    const { file } = options
    const where = options.source?.(setting) ?? (file === undefined ? undefined : lineOf(file, path))
    return where === undefined ? `${setting}: ${text}` : `${where}: ${setting}: ${text}`
  })
  throw new UsageError(messages.join('\n'), options.hint)
}

interface Described {
  readonly path: (string | number)[]
  readonly text: string
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  array: 'a list',
  object: 'a mapping of settings',
  string: 'text',
  number: 'a number',
  boolean: 'true or false',
}

function describeIssue(issue: z.core.$ZodIssue): Described[] {
  const path = issue.path as (string | number)[]
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: [...path, key], text: 'there is no such setting' }))
  if (issue.code === 'invalid_value')
    return [{ path, text: `must be one of ${issue.values.join(', ')}` }]
  if (issue.code === 'invalid_union' && issue.errors.length === 0)
    return [
      {
        path,
        text: `must be one of ${('options' in issue ? (issue.options ?? []) : []).join(', ')}`,
      },
    ]
  if (issue.code === 'invalid_union')
    return [
      {
        path,
        text: `must be ${issue.errors
          .map((part) => part.map((one) => describeIssue(one)[0]?.text ?? one.message).join(', '))
          .map((text) => text.replace(/^must be (one of )?/, ''))
          .join(' or ')}`,
      },
    ]
  // A message of the schema's own says more than the type.
  if (issue.code === 'invalid_type' && issue.message.startsWith('Invalid input'))
    return [{ path, text: `must be ${TYPE_NAMES[issue.expected] ?? issue.expected}` }]
  if (issue.code === 'too_small') return [{ path, text: `must be at least ${issue.minimum}` }]
  if (issue.code === 'too_big') return [{ path, text: `must be at most ${issue.maximum}` }]
  return [{ path, text: issue.message }]
}

/** `file:line` of a setting, or undefined when it did not come from the file. */
function lineOf(file: SettingsFile, path: readonly (string | number)[]): string | undefined {
  for (let depth = path.length; depth > 0; depth--) {
    const keys = path.slice(0, depth)
    const parent =
      depth === 1 ? file.document.contents : file.document.getIn(keys.slice(0, -1), true)
    const range = keyRange(parent, keys.at(-1)) ?? nodeRange(file.document.getIn(keys, true))
    if (range !== undefined) return `${file.path}:${file.lines.linePos(range).line}`
  }
  return undefined
}

function keyRange(parent: unknown, key: string | number | undefined): number | undefined {
  const items = (parent as { items?: { key?: { value?: unknown } }[] } | null)?.items ?? []
  return nodeRange(items.find((item) => item.key?.value === key)?.key)
}

function nodeRange(node: unknown): number | undefined {
  return (node as Partial<Node> | undefined)?.range?.[0]
}

/** `base` with what `over` sets; mappings are merged, all else is replaced. */
export function mergeSettings(base: Settings, over: Settings): Settings {
  const out: Settings = { ...base }
  for (const [key, value] of Object.entries(over)) {
    const under = out[key]
    out[key] = isTree(value) && isTree(under) ? mergeSettings(under, value) : value
  }
  return out
}

function isTree(value: unknown): value is Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

import { readFile, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { InputError, UsageError } from '@winnow/core'
import { isPathsList, parsePathsList } from '@winnow/crawl'

/**
 * The crawl files that the arguments stand for, in order, each once: files, globs (sorted), lists of paths
 * (`warc.paths.gz`, relative to the list's folder), and `-` for paths on standard input.
 *
 * Throws InputError naming every argument that stands for nothing.
 */
export async function expandInputs(
  args: readonly string[],
  options: InputOptions = {},
): Promise<string[]> {
  if (args.length === 0)
    throw new UsageError(
      'no input given',
      'name crawl files or globs: winnow run crawl/*.warc.gz --out DIR',
    )
  const files: string[] = []
  const problems: string[] = []
  for (const argument of args) {
    try {
      files.push(...(await expandOne(argument, options)))
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      problems.push(error.message)
    }
  }
  if (problems.length > 0)
    throw new InputError(problems.join('\n'), 'check the inputs; nothing was done yet')
  return [...new Set(files)]
}

export interface InputOptions {
  /** Files in S3 are taken as well: `s3://bucket/key`, as arguments and in lists. */
  readonly remote?: boolean
}

async function expandOne(argument: string, options: InputOptions): Promise<string[]> {
  if (argument === '-') return readPathsFromStdin(options)
  if (argument.startsWith('s3://') && options.remote === true) return [argument]
  if (/^(s3|https?):\/\//.test(argument))
    throw new InputError(
      `${argument}: ${options.remote === true ? 'only s3:// and local files can be read' : 'only local files can be read by winnow run'}`,
    )
  const path = argument.startsWith('file:') ? fileURLToPath(argument) : argument
  if (isPathsList(path)) return readPathsList(path, options)
  const info = await stat(path).catch(() => undefined)
  if (info !== undefined) {
    if (info.isDirectory())
      throw new InputError(
        `${path} is a folder: give the files in it, such as ${join(path, '*.warc.gz')}`,
      )
    return [resolve(path)]
  }
  const { glob, isDynamicPattern } = await import('tinyglobby')
  if (!isDynamicPattern(path)) throw new InputError(`${path} does not exist`)
  const found = await glob(path.replaceAll('\\', '/'), { absolute: true, onlyFiles: true })
  if (found.length === 0) throw new InputError(`no file matches ${path}`)
  return found.sort()
}

async function readPathsList(path: string, options: InputOptions): Promise<string[]> {
  let bytes: Uint8Array
  try {
    bytes = await readFile(path)
  } catch (error) {
    throw new InputError(`cannot read the list ${path}: ${(error as Error).message}`, '', error)
  }
  return resolvePaths(parsePathsList(bytes), dirname(path), path, options)
}

async function readPathsFromStdin(options: InputOptions): Promise<string[]> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
  return resolvePaths(parsePathsList(Buffer.concat(chunks)), '.', 'standard input', options)
}

async function resolvePaths(
  paths: readonly string[],
  base: string,
  list: string,
  options: InputOptions,
): Promise<string[]> {
  const missing: string[] = []
  const files: string[] = []
  for (const path of paths) {
    if (path.startsWith('s3://') && options.remote === true) {
      files.push(path)
      continue
    }
    const local = path.startsWith('file:') ? fileURLToPath(path) : path
    const file = resolve(isAbsolute(local) ? local : join(base, local))
    if ((await stat(file).catch(() => undefined))?.isFile()) files.push(file)
    else missing.push(path)
  }
  if (missing.length > 0)
    throw new InputError(
      `${list} names ${missing.length} file(s) that do not exist, first: ${missing.slice(0, 3).join(', ')}`,
    )
  return files
}

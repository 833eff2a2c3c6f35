import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { hash64, UsageError } from '@winnow/core'
import type { RunConfig } from '@winnow/runtime'

/** Hashes of the files that settings name, so that a changed block list or benchmark counts as a changed setting. */
export async function digestSettingsFiles(
  config: RunConfig,
): Promise<{ blockLists: string; benchmarks: string }> {
  const { benchmarks } = config.decontaminate
  const folder = benchmarks === undefined ? [] : await filesOf(benchmarks)
  return {
    blockLists: await digest(config.quality.blockLists, 'quality.blockLists'),
    benchmarks: await digest(folder, 'decontaminate.benchmarks'),
  }
}

async function filesOf(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort().map((name) => join(folder, name))
  } catch (error) {
    throw new UsageError(
      `decontaminate.benchmarks: cannot read ${folder}: ${(error as Error).message}`,
      'give a folder of .jsonl or .jsonl.gz files, one per benchmark',
      error,
    )
  }
}

async function digest(paths: readonly string[], setting: string): Promise<string> {
  const parts: string[] = []
  for (const path of paths) {
    try {
      parts.push(`${basename(path)}:${hash64(await readFile(path)).toString(16)}`)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EISDIR') continue
      throw new UsageError(
        `${setting}: cannot read ${path}: ${(error as Error).message}`,
        '',
        error,
      )
    }
  }
  return parts.join(' ')
}

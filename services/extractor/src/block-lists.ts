import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { InputError } from '@winnow/core'
import type { BlockList } from '@winnow/quality'

/** Files of a UT1 category, and of a folder of word lists, that say something. */
const KINDS: Readonly<Record<string, NonNullable<BlockList['kind']>>> = {
  domains: 'sites',
  urls: 'sites',
  words: 'words',
  soft_words: 'softWords',
  subwords: 'subwords',
}

/**
 * Reads block lists: a file (plain, hosts format, .gz) is a list of sites, or of words when it is named `words`,
 * `soft_words` or `subwords`; a folder is a UT1 category with such files in it. Throws InputError naming a bad path.
 */
export async function loadBlockLists(paths: readonly string[]): Promise<BlockList[]> {
  const lists = await Promise.all(paths.map(loadOne))
  return lists.flat()
}

async function loadOne(path: string): Promise<BlockList[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [await loadFile(path, path)]
    const names = (await readdir(path)).filter((name) => kindOf(name) !== undefined)
    return await Promise.all(
      names.sort().map((name) => loadFile(join(path, name), join(basename(path), name))),
    )
  } catch (error) {
    throw new InputError(
      `cannot read the block list ${path}: ${(error as Error).message}`,
      'quality.blockLists names files, or folders with the files of a UT1 category',
      error,
    )
  }
}

async function loadFile(path: string, name: string): Promise<BlockList> {
  const stored = await readFile(path)
  const bytes = path.endsWith('.gz') ? await promisify(gunzip)(stored) : stored
  return { name, text: bytes.toString('utf8'), kind: kindOf(basename(path)) ?? 'sites' }
}

function kindOf(name: string): BlockList['kind'] {
  return KINDS[name.replace(/(\.(txt|list))?(\.gz)?$/, '').toLowerCase()]
}

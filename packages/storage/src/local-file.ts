import type { Stats } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { InputError } from '@winnow/core'
import { localError } from './local-errors.js'
import { readRange } from './local-store.js'
import type { RandomAccess } from './object-store.js'

/** Opens a crawl file given as a path or a `file:` URI. Throws InputError when it is missing or no file. */
export async function openLocalFile(pathOrUri: string): Promise<RandomAccess> {
  const path = resolve(pathOrUri.startsWith('file:') ? fileURLToPath(pathOrUri) : pathOrUri)
  let file: FileHandle
  let info: Stats
  try {
    // Asked before it is opened: opening a pipe would wait for somebody to write to it.
    info = await stat(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new InputError(`${path} does not exist`, 'check the path of the input', error)
    throw localError('open', path, error)
  }
  if (!info.isFile())
    throw new InputError(
      `${path} is ${info.isDirectory() ? 'a folder' : 'no regular file'}`,
      'give the files in it, for example with a glob: FOLDER/*.warc.gz',
    )
  try {
    file = await open(path, 'r')
  } catch (error) {
    throw localError('open', path, error)
  }
  return new LocalFile(file, path, info.size)
}

class LocalFile implements RandomAccess {
  readonly uri: string

  constructor(
    private readonly file: FileHandle,
    private readonly path: string,
    readonly size: number,
  ) {
    this.uri = pathToFileURL(path).href
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const wanted = Math.max(0, Math.min(length, this.size - offset))
    try {
      return await readRange(this.file, offset, wanted)
    } catch (error) {
      throw localError('read', this.path, error)
    }
  }

  close(): Promise<void> {
    return this.file.close()
  }
}

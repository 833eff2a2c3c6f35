import { randomBytes } from 'node:crypto'
import { type FileHandle, link, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { StorageError, UsageError } from '@winnow/core'
import { ensureFolder } from './ensure-folder.js'
import { localError } from './local-errors.js'
import type { ObjectInfo, ObjectStore } from './object-store.js'

/** Names of unfinished writes end so; a crash may leave them, `removeUnfinished` clears them away. */
const UNFINISHED = '.unfinished'

/**
 * Objects as files under a folder. A write goes to a temporary name in the same folder, is flushed to the disk
 * and then renamed, so a reader sees the whole object or none, whatever is killed when.
 */
export class LocalStore implements ObjectStore {
  readonly root: string
  readonly uri: string

  constructor(folder: string) {
    this.root = resolve(folder)
    this.uri = pathToFileURL(this.root).href
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    await this.write(key, bytes, rename)
  }

  async putIfAbsent(key: string, bytes: Uint8Array): Promise<boolean> {
    // A link, unlike a rename, fails when the name is taken. Asked first, so that a name taken long ago costs no write.
    if ((await this.head(key)) !== undefined) return false
    return this.write(key, bytes, async (temporary, path) => {
      await link(temporary, path)
      await rm(temporary, { force: true })
    })
  }

  sub(prefix: string): LocalStore {
    return new LocalStore(this.path(prefix))
  }

  async get(key: string): Promise<Uint8Array> {
    const path = this.path(key)
    return withFile(path, async (file) => {
      const { size } = await file.stat()
      return readRange(file, 0, size)
    })
  }

  async read(key: string, offset: number, length: number): Promise<Uint8Array> {
    return withFile(this.path(key), (file) => readRange(file, offset, length))
  }

  async head(key: string): Promise<ObjectInfo | undefined> {
    try {
      const info = await stat(this.path(key))
      return info.isFile() ? { key, size: info.size, modified: info.mtimeMs } : undefined
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
      throw localError('look at', this.path(key), error)
    }
  }

  async *list(prefix: string): AsyncIterable<ObjectInfo> {
    const folder = prefix.endsWith('/') || prefix === '' ? prefix : `${dirname(prefix)}/`
    for await (const path of walk(join(this.root, folder))) {
      const key = relative(this.root, path).split(sep).join('/')
      if (!key.startsWith(prefix) || key.endsWith(UNFINISHED)) continue
      const info = await this.head(key)
      if (info !== undefined) yield info
    }
  }

  async delete(key: string): Promise<void> {
    try {
      await rm(this.path(key), { force: true })
    } catch (error) {
      throw localError('delete', this.path(key), error)
    }
  }

  /** Deletes what interrupted writes left behind. Only for the owner of the folder, before it begins. */
  async removeUnfinished(): Promise<number> {
    let removed = 0
    for await (const path of walk(this.root)) {
      if (!path.endsWith(UNFINISHED)) continue
      await rm(path, { force: true })
      removed++
    }
    return removed
  }

  /** Writes under a temporary name and gives it its own by `settle`: false when that name is taken. */
  private async write(
    key: string,
    bytes: Uint8Array,
    settle: (temporary: string, path: string) => Promise<void>,
  ): Promise<boolean> {
    const path = this.path(key)
    const temporary = `${path}.${randomBytes(6).toString('hex')}${UNFINISHED}`
    try {
      await ensureFolder(dirname(path))
      const file = await open(temporary, 'wx')
      try {
        await file.writeFile(bytes)
        await file.sync()
      } finally {
        await file.close()
      }
      await settle(temporary, path)
      await syncFolder(dirname(path))
      return true
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {})
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
      throw error instanceof StorageError ? error : localError('write', path, error)
    }
  }

  /** Absolute path of an object. */
  path(key: string): string {
    const path = resolve(this.root, key)
    if (path !== this.root && !path.startsWith(this.root + sep))
      throw new UsageError(`the key ${key} leads out of ${this.root}`)
    return path
  }
}

/** Bytes that one read can ask for: the count is a signed 32-bit number. */
const MOST_AT_ONCE = 1 << 30

/** Reads exactly [offset, offset + length), or up to the end of the file. */
export async function readRange(
  file: FileHandle,
  offset: number,
  length: number,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length)
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await file.read(
      bytes,
      filled,
      Math.min(length - filled, MOST_AT_ONCE),
      offset + filled,
    )
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return filled === length ? bytes : bytes.slice(0, filled)
}

async function withFile<T>(path: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  let file: FileHandle | undefined
  try {
    file = await open(path, 'r')
    return await use(file)
  } catch (error) {
    throw localError('read', path, error)
  } finally {
    await file?.close()
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function* walk(folder: string): AsyncIterable<string> {
  let entries: import('node:fs').Dirent[]
  try {
    entries = await readdir(folder, { withFileTypes: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw localError('list', folder, error)
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const entry of entries) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* walk(path)
    else if (entry.isFile()) yield path
  }
}

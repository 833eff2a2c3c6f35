import { mkdir, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { localError } from './local-errors.js'

/**
 * Makes a folder and those above it. Throws StorageError when a file stands in the way or nothing can be made there.
 * (Node's own recursive mkdir never returns on file systems such as /proc that claim a missing parent.)
 */
export async function ensureFolder(folder: string): Promise<void> {
  const path = resolve(folder)
  const info = await stat(path).catch(() => undefined)
  if (info?.isDirectory()) return
  if (info !== undefined)
    throw localError(
      'make the folder',
      path,
      Object.assign(new Error('a file of that name is there'), { code: 'ENOTDIR' }),
    )
  if (dirname(path) !== path) await ensureFolder(dirname(path))
  try {
    await mkdir(path)
  } catch (error) {
    const made = await stat(path).catch(() => undefined)
    if (made?.isDirectory() !== true) throw localError('make the folder', path, error)
  }
}

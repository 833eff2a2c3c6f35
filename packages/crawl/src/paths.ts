import { gunzipSync } from 'node:zlib'
import { InputError } from '@winnow/core'
import { asBuffer } from './bytes.js'

const MAX_LIST_BYTES = 256 << 20

/**
 * The entries of a list of crawl files such as Common Crawl's `warc.paths.gz`: one path or URI a line, plain or
 * gzipped; blank lines and lines that begin with # are left out.
 *
 * @param base folder or URI that relative entries are joined to, '' to leave them as they are
 * @throws InputError when the gzip data is broken or the list is larger than 256 MiB
 */
export function parsePathsList(bytes: Uint8Array, base = ''): string[] {
  const text = asBuffer(gunzipList(bytes)).toString('utf8')
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => joinBase(base, line))
}

/** Whether a name is that of a list of crawl files. */
export function isPathsList(name: string): boolean {
  return /\.paths(\.gz)?$/i.test(name)
}

function gunzipList(bytes: Uint8Array): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_LIST_BYTES })
  } catch (error) {
    throw new InputError(
      `the list of crawl files cannot be decompressed: ${(error as Error).message}`,
      'Fetch the .paths.gz file again.',
      error,
    )
  }
}

function joinBase(base: string, path: string): string {
  if (base === '' || path.startsWith('/') || /^[a-z][a-z0-9+.-]*:\/\//i.test(path)) return path
  return base.endsWith('/') ? base + path : `${base}/${path}`
}

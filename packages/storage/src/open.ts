import { fileURLToPath } from 'node:url'
import { UsageError } from '@winnow/core'
import { openLocalFile } from './local-file.js'
import { LocalStore } from './local-store.js'
import type { ObjectStore, RandomAccess } from './object-store.js'
import { parseS3Uri, type S3Settings } from './s3-settings.js'

export interface OpenOptions {
  readonly s3?: S3Settings | undefined
}

export interface OpenInputOptions extends OpenOptions {
  /** Most bytes fetched ahead of small reads, for S3. Default 4 MiB. */
  readonly readAheadBytes?: number | undefined
}

/** The scheme of a URI in small letters, undefined for a path (which may have a colon in it). */
function schemeOf(uri: string): string | undefined {
  return /^([a-z][a-z0-9+.-]+):\/\/|^(file):/iu.exec(uri)?.slice(1).find(Boolean)?.toLowerCase()
}

/**
 * The store at `s3://BUCKET[/PREFIX]`, a `file:` URI or a folder's path. Sends nothing to S3 yet. The S3 client is
 * loaded only when an `s3:` URI is opened: it takes half a second (from its many files) and 13 MB.
 */
export async function openStore(uri: string, options: OpenOptions = {}): Promise<ObjectStore> {
  const scheme = schemeOf(uri)
  if (scheme === 's3') return (await s3()).at(uri, options.s3)
  if (scheme === 'file') return new LocalStore(fileURLToPath(uri))
  if (scheme === undefined) return new LocalStore(uri)
  throw unknownScheme(uri)
}

/**
 * Opens a crawl file at `s3://BUCKET/KEY`, a `file:` URI or a path. Throws InputError when there is none, and from
 * `read` when an S3 object is replaced or deleted meanwhile.
 */
export async function openInput(
  uri: string,
  options: OpenInputOptions = {},
): Promise<RandomAccess> {
  const scheme = schemeOf(uri)
  if (scheme === 's3') {
    const { bucket, key } = parseS3Uri(uri)
    const store = (await s3()).at(`s3://${bucket}`, options.s3)
    return store.open(key, options.readAheadBytes)
  }
  if (scheme === 'file' || scheme === undefined) return openLocalFile(uri)
  throw unknownScheme(uri)
}

async function s3() {
  // Its notice about coming versions of the SDK would stand among the logs of every process.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
  return (await import('./s3-store.js')).S3Store
}

function unknownScheme(uri: string): UsageError {
  return new UsageError(`${uri}: this scheme is not supported`, 'give s3://, file:// or a path')
}

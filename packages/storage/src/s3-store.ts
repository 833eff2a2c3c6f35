import { randomUUID } from 'node:crypto'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { InputError, UsageError } from '@winnow/core'
import type { ObjectInfo, ObjectStore, RandomAccess } from './object-store.js'
import { ReadAhead } from './read-ahead.js'
import { readBody, readRangeBody } from './s3-body.js'
import { S3Connection } from './s3-connection.js'
import { statusOf } from './s3-errors.js'
import { base64Crc32, uploadInParts } from './s3-multipart.js'
import { parseS3Uri, S3_DEFAULTS, type S3Settings } from './s3-settings.js'

/** Metadata that names the call which wrote an object, to tell it from others after an answer was lost. */
const WRITER = 'winnow-writer'
/** S3 takes keys up to this length, UTF-8 bytes. */
const LONGEST_KEY = 1024

/**
 * Objects in an S3 bucket below a prefix. Every write is one PutObject or one multipart upload with checksums that the
 * server verifies, so a reader sees the whole object or none. What can succeed later is tried again within the budget
 * of the settings. No call but `list` lists.
 */
export class S3Store implements ObjectStore {
  readonly uri: string

  private constructor(
    private readonly connection: S3Connection,
    private readonly bucket: string,
    /** Empty, or ends with `/`. */
    private readonly prefix: string,
    /** Shared by all stores of the bucket: whether it is known to exist. */
    private readonly known: { bucket: boolean },
  ) {
    this.uri = `s3://${bucket}/${prefix}`
  }

  /** A store at `s3://BUCKET[/PREFIX]`. Sends nothing yet. */
  static at(uri: string, settings: S3Settings = {}): S3Store {
    const { bucket, key } = parseS3Uri(uri)
    return new S3Store(new S3Connection(settings), bucket, asPrefix(key), { bucket: false })
  }

  /** Throws StorageError when the bucket cannot be reached, does not exist or may not be read. */
  async check(): Promise<void> {
    await this.probe('winnow-check')
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    await this.upload(key, bytes, false)
  }

  putIfAbsent(key: string, bytes: Uint8Array): Promise<boolean> {
    return this.upload(key, bytes, true)
  }

  async get(key: string): Promise<Uint8Array> {
    const { Bucket, Key, uri } = this.place(key)
    return this.connection.call('GetObject', 'read', uri, async (client) =>
      readBody(await client.send(new GetObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }))),
    )
  }

  read(key: string, offset: number, length: number): Promise<Uint8Array> {
    return this.readRange(key, offset, length)
  }

  async head(key: string): Promise<ObjectInfo | undefined> {
    const found = await this.headObject(key)
    if (found === undefined) return undefined
    return { key, size: found.ContentLength ?? 0, modified: found.LastModified?.getTime() ?? 0 }
  }

  async *list(prefix: string): AsyncIterable<ObjectInfo> {
    const whole = this.prefix + prefix
    let token: string | undefined
    do {
      const page = await this.connection.call(
        'ListObjectsV2',
        'list',
        this.uri + prefix,
        (client) =>
          client.send(
            new ListObjectsV2Command({
              Bucket: this.bucket,
              Prefix: whole,
              ...(token === undefined ? {} : { ContinuationToken: token }),
            }),
          ),
      )
      for (const { Key, Size, LastModified } of page.Contents ?? []) {
        // Folders that some tools make: objects of no size whose key ends with a slash.
        if (Key === undefined || Key.endsWith('/')) continue
        const key = Key.slice(this.prefix.length)
        yield { key, size: Size ?? 0, modified: LastModified?.getTime() ?? 0 }
      }
      token = page.IsTruncated === true ? page.NextContinuationToken : undefined
    } while (token !== undefined)
  }

  async delete(key: string): Promise<void> {
    const { Bucket, Key, uri } = this.place(key)
    await this.connection.call('DeleteObject', 'delete', uri, async (client) => {
      try {
        await client.send(new DeleteObjectCommand({ Bucket, Key }))
      } catch (error) {
        // Some servers answer so where AWS says that it is done.
        if ((error as Error).name !== 'NoSuchKey') throw error
      }
    })
  }

  sub(prefix: string): S3Store {
    return new S3Store(this.connection, this.bucket, this.prefix + asPrefix(prefix), this.known)
  }

  /** An object to read at any place, as it is now: reads fail with InputError once it is another. */
  async open(key: string, readAheadBytes?: number): Promise<RandomAccess> {
    const { uri } = this.place(key)
    const found = await this.headObject(key)
    if (found === undefined)
      throw new InputError(`${uri} does not exist`, 'check the URI of the input')
    const size = found.ContentLength ?? 0
    const read = async (offset: number, length: number) => {
      try {
        return await this.readRange(key, offset, length, found.ETag)
      } catch (error) {
        const status = statusOf(error)
        if (status === 412)
          throw new InputError(`${uri} was replaced while it was read`, 'run it again', error)
        if (status === 404)
          throw new InputError(`${uri} was deleted while it was read`, 'put it back', error)
        throw error
      }
    }
    return new ReadAhead(uri, size, read, readAheadBytes)
  }

  private async readRange(
    key: string,
    offset: number,
    length: number,
    etag?: string,
  ): Promise<Uint8Array> {
    const { Bucket, Key, uri } = this.place(key)
    if (length <= 0) return new Uint8Array(0)
    return this.connection.call('GetObject', 'read', uri, async (client) => {
      try {
        const answer = await client.send(
          new GetObjectCommand({
            Bucket,
            Key,
            Range: `bytes=${offset}-${offset + length - 1}`,
            ...(etag === undefined ? {} : { IfMatch: etag }),
          }),
        )
        return await readRangeBody(answer, offset, length)
      } catch (error) {
        // The range begins behind the end.
        if (statusOf(error) === 416) return new Uint8Array(0)
        throw error
      }
    })
  }

  private async headObject(key: string): Promise<HeadObjectCommandOutput | undefined> {
    const { Bucket, Key, uri } = this.place(key)
    let found: HeadObjectCommandOutput | undefined
    try {
      found = await this.connection.call('HeadObject', 'look at', uri, async (client) => {
        try {
          return await client.send(new HeadObjectCommand({ Bucket, Key }))
        } catch (error) {
          if (statusOf(error) === 404) return undefined
          throw error
        }
      })
    } catch (error) {
      if (isRefusal(error)) await this.probe(key)
      throw error
    }
    if (found !== undefined) this.known.bucket = true
    // A missing bucket answers as a missing object does: the first time, they are told apart.
    else if (!this.known.bucket) await this.probe(key)
    return found
  }

  /** Throws what S3 says against reading the key. An answer to HEAD has no body to say it: one to GET has. */
  private async probe(key: string): Promise<void> {
    const { Bucket, Key, uri } = this.place(key)
    await this.connection.call('GetObject', 'read', uri, async (client) => {
      try {
        await readBody(await client.send(new GetObjectCommand({ Bucket, Key, Range: 'bytes=0-0' })))
      } catch (error) {
        if ((error as Error).name !== 'NoSuchKey' && statusOf(error) !== 416) throw error
      }
    })
    this.known.bucket = true
  }

  private async upload(key: string, bytes: Uint8Array, ifAbsent: boolean): Promise<boolean> {
    const { Bucket, Key, uri } = this.place(key)
    const writer = randomUUID()
    const metadata = { [WRITER]: writer }
    const isOurs = async () => (await this.headObject(key))?.Metadata?.[WRITER] === writer
    if (bytes.length > (this.connection.settings.partBytes ?? S3_DEFAULTS.partBytes))
      return uploadInParts(this.connection, {
        bucket: Bucket,
        key: Key,
        uri,
        bytes,
        metadata,
        ifAbsent,
        isOurs,
      })
    let uncertain = false
    return this.connection.call('PutObject', 'write', uri, async (client) => {
      try {
        await client.send(
          new PutObjectCommand({
            Bucket,
            Key,
            Body: bytes,
            ChecksumCRC32: base64Crc32(bytes),
            ...(ifAbsent ? { IfNoneMatch: '*', Metadata: metadata } : {}),
          }),
        )
        return true
      } catch (error) {
        // The object may be this call's own: an earlier try whose answer was lost.
        if (ifAbsent && statusOf(error) === 412) return uncertain && (await isOurs())
        uncertain = true
        throw error
      }
    })
  }

  private place(key: string): { Bucket: string; Key: string; uri: string } {
    const Key = this.prefix + checked(key)
    if (Buffer.byteLength(Key) > LONGEST_KEY)
      throw new UsageError(`the key ${Key} is longer than S3's ${LONGEST_KEY} bytes`)
    return { Bucket: this.bucket, Key, uri: this.uri + key }
  }
}

function isRefusal(error: unknown): boolean {
  const status = statusOf(error)
  return status === 400 || status === 403 || status === 301
}

/** A prefix as S3 has it: no slash in front, one at the end. */
function asPrefix(prefix: string): string {
  const bare = prefix.replace(/\/+$/u, '')
  return bare === '' ? '' : `${checked(bare)}/`
}

/** Keys that mean another object to some servers, or lead out of the prefix, are refused. */
function checked(key: string): string {
  if (key.split('/').some((part) => part === '' || part === '.' || part === '..'))
    throw new UsageError(
      `"${key}" is no key`,
      'write it as NAME/NAME, without empty names and dots',
    )
  return key
}

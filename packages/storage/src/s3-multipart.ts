import { crc32 } from 'node:zlib'
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import type { S3Connection } from './s3-connection.js'
import { statusOf } from './s3-errors.js'
import { S3_DEFAULTS } from './s3-settings.js'

/** S3 takes this many parts at most. */
const MOST_PARTS = 10_000
/** Parts of one object under way at once. */
const PARTS_AT_ONCE = 4
/** How long it is tried to delete the parts of an upload that failed, milliseconds. */
const CLEAR_UP_MS = 5_000

export interface MultipartUpload {
  readonly bucket: string
  /** Whole key, prefix included. */
  readonly key: string
  readonly uri: string
  readonly bytes: Uint8Array
  readonly metadata: Record<string, string>
  readonly ifAbsent: boolean
  /** Whether the object that is there now is this upload's: asked when an answer to the last request was lost. */
  isOurs(): Promise<boolean>
}

/**
 * Uploads an object in parts. It appears when the last request is done, whole, or never; when the upload fails, its
 * parts are deleted as far as the server can be reached (a lifecycle rule clears up the rest). False when `ifAbsent`
 * is set and an object is there.
 */
export async function uploadInParts(
  connection: S3Connection,
  upload: MultipartUpload,
): Promise<boolean> {
  const { bucket, key, uri, bytes } = upload
  const id = await connection.call('CreateMultipartUpload', 'write', uri, async (client) => {
    const created = await client.send(
      new CreateMultipartUploadCommand({
        Bucket: bucket,
        Key: key,
        Metadata: upload.metadata,
        ChecksumAlgorithm: 'CRC32',
        // One checksum of the whole object, which readers can check, instead of one of the parts' checksums.
        ChecksumType: 'FULL_OBJECT',
      }),
    )
    if (created.UploadId === undefined) throw new Error('the server gave the upload no id')
    return created.UploadId
  })
  try {
    const parts = await uploadParts(connection, upload, id)
    const done = await complete(connection, upload, id, parts)
    if (!done) await abort(connection, upload, id)
    return done
  } catch (error) {
    await abort(connection, upload, id)
    throw error
  }

  function complete(
    connection: S3Connection,
    upload: MultipartUpload,
    id: string,
    parts: CompletedPart[],
  ): Promise<boolean> {
    let uncertain = false
    return connection.call('CompleteMultipartUpload', 'write', uri, async (client) => {
      try {
        await client.send(
          new CompleteMultipartUploadCommand({
            Bucket: bucket,
            Key: key,
            UploadId: id,
            MultipartUpload: { Parts: parts },
            ChecksumType: 'FULL_OBJECT',
            ChecksumCRC32: base64Crc32(bytes),
            MpuObjectSize: bytes.length,
            ...(upload.ifAbsent ? { IfNoneMatch: '*' } : {}),
          }),
        )
        return true
      } catch (error) {
        const status = statusOf(error)
        // An earlier try may have done it although its answer was lost.
        if (uncertain && (status === 404 || status === 412) && (await upload.isOurs())) return true
        if (upload.ifAbsent && status === 412) return false
        uncertain = true
        throw error
      }
    })
  }
}

/** Uploads the parts, a few at once. Ends only when no part is under way any more: S3 keeps one that comes late. */
async function uploadParts(
  connection: S3Connection,
  { bucket, key, uri, bytes }: MultipartUpload,
  id: string,
): Promise<CompletedPart[]> {
  const partBytes = Math.max(
    connection.settings.partBytes ?? S3_DEFAULTS.partBytes,
    Math.ceil(bytes.length / MOST_PARTS),
  )
  const count = Math.ceil(bytes.length / partBytes)
  const done: CompletedPart[] = new Array(count)
  const failed = new AbortController()
  let next = 0
  const work = async () => {
    while (next < count && !failed.signal.aborted) {
      const index = next++
      const body = bytes.subarray(index * partBytes, (index + 1) * partBytes)
      const checksum = base64Crc32(body)
      const etag = await connection.call('UploadPart', 'write', uri, async (client) => {
        const sent = await client.send(
          new UploadPartCommand({
            Bucket: bucket,
            Key: key,
            UploadId: id,
            PartNumber: index + 1,
            Body: body,
            ChecksumCRC32: checksum,
          }),
          { abortSignal: failed.signal },
        )
        return sent.ETag
      })
      done[index] = {
        PartNumber: index + 1,
        ChecksumCRC32: checksum,
        ...(etag === undefined ? {} : { ETag: etag }),
      }
    }
  }
  const ends = await Promise.allSettled(
    Array.from({ length: Math.min(PARTS_AT_ONCE, count) }, () =>
      work().catch((error: unknown) => {
        const first = !failed.signal.aborted
        failed.abort()
        // The others end because of the first: only what it says is worth telling.
        if (first) throw error
      }),
    ),
  )
  for (const end of ends) if (end.status === 'rejected') throw end.reason
  return done
}

async function abort(connection: S3Connection, upload: MultipartUpload, id: string): Promise<void> {
  const { bucket, key, uri } = upload
  await connection
    .call(
      'AbortMultipartUpload',
      'clear up',
      uri,
      (client) =>
        client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: id })),
      Math.min(CLEAR_UP_MS, connection.settings.retryForMs ?? CLEAR_UP_MS),
    )
    // The failure that led here is what is told; what stays is invisible, and the lifecycle rule removes it.
    .catch(() => {})
}

/** CRC-32 as S3 writes it: 4 bytes, big-endian, in base64. */
export function base64Crc32(bytes: Uint8Array): string {
  const out = Buffer.alloc(4)
  out.writeUInt32BE(crc32(bytes))
  return out.toString('base64')
}

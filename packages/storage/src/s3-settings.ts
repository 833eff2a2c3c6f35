import { UsageError } from '@winnow/core'

/** How S3 is reached. Credentials are left out as a rule: the SDK finds them (environment, profile, pod, instance). */
export interface S3Settings {
  /** URL of a server that is not AWS. Unset: AWS, or what AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL say. */
  readonly endpoint?: string | undefined
  /** Unset: AWS_REGION or the profile; `us-east-1` where an endpoint is given. */
  readonly region?: string | undefined
  /** `endpoint/bucket/key` instead of `bucket.endpoint/key`. Unset: true where an endpoint is given. */
  readonly forcePathStyle?: boolean | undefined
  readonly credentials?:
    | {
        readonly accessKeyId: string
        readonly secretAccessKey: string
        readonly sessionToken?: string
      }
    | undefined
  /** Attempts at one request, the first included. Default 60, so that as a rule `retryForMs` decides. */
  readonly attempts?: number | undefined
  /** No attempt begins later than this after the call began, milliseconds. Default 180,000. */
  readonly retryForMs?: number | undefined
  /** Longest wait for a connection, milliseconds. Default 5,000. */
  readonly connectTimeoutMs?: number | undefined
  /** Longest silence on a connection while a request or an answer is under way, milliseconds. Default 30,000. */
  readonly idleTimeoutMs?: number | undefined
  /** Connections kept, per process or thread. Default 32. */
  readonly maxSockets?: number | undefined
  /** Objects larger than this are uploaded in parts of this size, bytes. Default 16 MiB; S3 takes no less than 5 MiB. */
  readonly partBytes?: number | undefined
  /** Told of every request that is sent, retries included, by its S3 name (`GetObject`). */
  readonly onRequest?: ((operation: string) => void) | undefined
}

export const S3_DEFAULTS = {
  attempts: 60,
  retryForMs: 180_000,
  connectTimeoutMs: 5_000,
  idleTimeoutMs: 30_000,
  maxSockets: 32,
  partBytes: 16 << 20,
} as const

/** Bucket and key, or key prefix, of an `s3://` URI. The key is taken as written: nothing in it is decoded. */
export function parseS3Uri(uri: string): { bucket: string; key: string } {
  const match = /^s3:\/\/([^/]+)(?:\/(.*))?$/su.exec(uri)
  if (match?.[1] === undefined)
    throw new UsageError(`${uri} is no S3 URI`, 'write it as s3://BUCKET/KEY')
  return { bucket: match[1], key: match[2] ?? '' }
}

import { StorageError } from '@winnow/core'
import type { GaveUp, Verdict } from './retry.js'

/** What an error of the SDK, of Node.js or of this package tells. All of it may be missing. */
interface Facts {
  /** Name of the error: S3's code, where the server answered. */
  readonly name: string
  /** Operating system's or Node.js' code. */
  readonly code: string
  readonly status: number | undefined
  readonly message: string
}

/** The body of an answer ended before its announced length, or its checksum was wrong. */
export class BrokenBody extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'BrokenBody'
  }
}

interface SdkError {
  readonly name?: unknown
  readonly code?: unknown
  readonly message?: unknown
  readonly cause?: unknown
  readonly $metadata?: { readonly httpStatusCode?: number; readonly clockSkewCorrected?: boolean }
  readonly $response?: { readonly headers?: Record<string, string | undefined> }
}

/** HTTP status of the answer behind an error, wherever in the chain of causes it is. */
export function statusOf(error: unknown): number | undefined {
  for (let at = error as SdkError | undefined; at instanceof Error; at = at.cause as SdkError) {
    const status = (at as SdkError).$metadata?.httpStatusCode
    if (status !== undefined) return status
  }
  return undefined
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

function factsOf(error: unknown): Facts {
  const { name, code, message } = (error ?? {}) as SdkError
  return {
    name: text(name),
    code: text(code),
    status: statusOf(error),
    message: text(message),
  }
}

/** S3's codes with a status below 500 that a later try may not meet. */
const TRANSIENT_NAMES = new Set([
  'SlowDown',
  'RequestTimeout',
  'OperationAborted',
  'ConditionalRequestConflict',
  // The request's bytes were damaged or cut on their way: what is sent again is whole.
  'BadDigest',
  'IncompleteBody',
  'XAmzContentChecksumMismatch',
  'TimeoutError',
  'BrokenBody',
])

const TRANSIENT_CODES = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'ERR_STREAM_PREMATURE_CLOSE',
])

const BASE_MS = 100
/** A server that says it is overloaded is left alone for longer. */
const OVERLOAD_BASE_MS = 500

/**
 * Whether a failure is tried again, and how soon. `proved`: the server has answered rightly before, so an unknown host
 * or an answer that is no S3 is a disturbance and not a wrong endpoint.
 */
export function judge(error: unknown, proved: boolean): Verdict {
  const facts = factsOf(error)
  const sdk = error as SdkError
  const after = Number(sdk.$response?.headers?.['retry-after'])
  const atLeastMs = Number.isFinite(after) && after > 0 ? after * 1000 : 0
  if (facts.status === 429 || facts.status === 503 || facts.name === 'SlowDown')
    return { baseMs: OVERLOAD_BASE_MS, atLeastMs }
  const transient =
    TRANSIENT_NAMES.has(facts.name) ||
    TRANSIENT_CODES.has(facts.code) ||
    facts.code.startsWith('HPE_') ||
    sdk.$metadata?.clockSkewCorrected === true ||
    (facts.status !== undefined && facts.status >= 500 && facts.status !== 501) ||
    facts.status === 408 ||
    (proved && (facts.code === 'ENOTFOUND' || isUnreadable(facts)))
  return transient ? { baseMs: BASE_MS, atLeastMs } : undefined
}

/** The answer was not the XML that S3 sends. */
function isUnreadable({ status, name, message }: Facts): boolean {
  const answered = status === undefined || status < 300
  return (
    answered && (name === 'SyntaxError' || /deserializ|parse|expected|unclosed/iu.test(message))
  )
}

const DENIED =
  'the credentials are known but may not do this: compare their policy with docs/operations/s3.md (s3:ListBucket on the bucket is needed too: without it S3 calls a missing object forbidden)'
const CREDENTIALS =
  'check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, the profile or the role of the pod, and that they belong to this endpoint'
const ENDPOINT =
  'check the endpoint (WINNOW_S3_ENDPOINT), its port and http or https, and that the server runs'
const REGION = 'set the region of the bucket (WINNOW_S3_REGION or AWS_REGION)'
const TLS =
  'use http:// for a server without TLS; for a certificate of your own set NODE_EXTRA_CA_CERTS to the file of its authority'

const HINTS: Record<string, string> = {
  AccessDenied: DENIED,
  AllAccessDisabled: DENIED,
  NoSuchBucket:
    'make the bucket, or check its name, the endpoint and the region; Winnow makes none itself',
  InvalidBucketName:
    'check the name of the bucket: 3 to 63 small letters, digits, dots and hyphens',
  NoSuchKey: 'the object was deleted or never written: check the URI and lifecycle rules',
  InvalidAccessKeyId: CREDENTIALS,
  SignatureDoesNotMatch: CREDENTIALS,
  InvalidToken: CREDENTIALS,
  // What versitygw calls an unknown access key.
  XAdminUserNotFound: CREDENTIALS,
  CredentialsProviderError: `no credentials were found: ${CREDENTIALS}`,
  ExpiredToken: 'the credentials have expired: renew them',
  PermanentRedirect: REGION,
  IllegalLocationConstraintException: REGION,
  AuthorizationHeaderMalformed: REGION,
  RequestTimeTooSkewed: 'the clock of this machine is wrong: set it (NTP)',
  QuotaExceeded: 'the storage is full or its quota used up: make room',
  NotImplemented:
    'the server lacks something Winnow needs (conditional puts, multipart uploads, checksums): docs/operations/s3.md',
  SlowDown: 'S3 is overloaded: use fewer workers, or give it time and run again',
  ENOTFOUND: `no such host: ${ENDPOINT}`,
  EAI_AGAIN: 'the name service does not answer: check the network',
  ECONNREFUSED: `nothing listens there: ${ENDPOINT}`,
  ETIMEDOUT: ENDPOINT,
  TimeoutError: ENDPOINT,
  EPROTO: TLS,
  BrokenBody: 'answers break off or are damaged on their way: check the network and any proxy',
}

function hintFor(facts: Facts): string {
  const known = HINTS[facts.name] ?? HINTS[facts.code]
  if (known !== undefined) return known
  if (/region is missing/iu.test(facts.message)) return REGION
  if (/invalid url/iu.test(facts.message)) return 'write the endpoint as https://HOST[:PORT]'
  if (/certificate|self.signed|wrong version number/iu.test(facts.message)) return TLS
  if (facts.status === 403) return DENIED
  if (facts.status === 301) return REGION
  if (facts.status !== undefined && facts.status >= 500)
    return 'S3 has trouble: look at its state, then run again'
  return isUnreadable(facts) || facts.status === 404 || facts.status === 400 ? ENDPOINT : ''
}

/** Wraps what was thrown in an error that says what was done, where, how often, and what to do. */
export function s3Error(action: string, uri: string, failure: GaveUp): StorageError {
  const facts = factsOf(failure.cause)
  const tried =
    failure.attempts === 1
      ? ''
      : ` (${failure.attempts} attempts in ${(failure.milliseconds / 1000).toFixed(1)} s)`
  return new StorageError(`cannot ${action} ${uri}: ${reasonOf(facts)}${tried}`, {
    cause: failure.cause,
    hint: hintFor(facts),
    retryable: failure.transient,
    absent: facts.name === 'NoSuchKey',
  })
}

function reasonOf({ name, code, status, message }: Facts): string {
  const known = /^(Error|AggregateError|UnknownError|Unknown|\d+)?$/u.test(name) ? code : name
  const parts = [status === undefined ? '' : `HTTP ${status}`, known].filter((part) => part !== '')
  const said = message === '' || message === 'UnknownError' || message === known ? '' : message
  if (parts.length === 0) return said === '' ? 'unknown error' : said
  return said === '' ? parts.join(' ') : `${said} (${parts.join(' ')})`
}

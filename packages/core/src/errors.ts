/**
 * Base of every error Winnow throws on purpose.
 *
 * `message` says what happened and where, `hint` what the reader can do about it.
 * `retryable` tells the runtime whether a later try can succeed (a busy file, a lost server)
 * or never will (a file that is no crawl).
 */
export class WinnowError extends Error {
  readonly code: `WINNOW_${string}`
  readonly hint: string
  readonly retryable: boolean

  constructor(
    code: `WINNOW_${string}`,
    message: string,
    options: { hint?: string; cause?: unknown; retryable?: boolean } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.code = code
    this.hint = options.hint ?? ''
    this.retryable = options.retryable ?? false
  }
}

/** Wrong arguments or configuration: the run never starts. Exit code 2. */
export class UsageError extends WinnowError {
  constructor(message: string, hint = '', cause?: unknown) {
    super('WINNOW_USAGE', message, { hint, cause })
  }
}

/** An input that cannot be read as what it claims to be (missing, a directory, another format or schema). */
export class InputError extends WinnowError {
  constructor(message: string, hint = '', cause?: unknown) {
    super('WINNOW_INPUT', message, { hint, cause })
  }
}

/** Storage refused a read or write: disk full, permission, lost server. */
export class StorageError extends WinnowError {
  /** The object or file is not there: the fault of whoever named it, and none of the store's. */
  readonly absent: boolean

  constructor(
    message: string,
    options: { hint?: string; cause?: unknown; retryable?: boolean; absent?: boolean },
  ) {
    super('WINNOW_STORAGE', message, options)
    this.absent = options.absent ?? false
  }
}

/** A message or stored object that does not have the shape it must have. */
export class CorruptError extends WinnowError {
  constructor(message: string, hint = '', cause?: unknown) {
    super('WINNOW_CORRUPT', message, { hint, cause })
  }
}

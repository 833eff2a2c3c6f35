import { StorageError, WinnowError } from '@winnow/core'

/** An error in a form that crosses threads and topics. */
export interface Failure {
  readonly code: string
  readonly message: string
  readonly hint: string
  readonly retryable: boolean
  /** The fault lies with the machine (disk full, no permission), not with the shard: the run must stop. */
  readonly fatal: boolean
  readonly stack: string
}

export function toFailure(error: unknown): Failure {
  if (error instanceof WinnowError)
    return {
      code: error.code,
      message: error.message,
      hint: error.hint,
      retryable: error.retryable,
      fatal: error instanceof StorageError && !error.retryable && !error.absent,
      stack: error.stack ?? '',
    }
  const cause = error instanceof Error ? error : new Error(String(error))
  return {
    code: (cause as NodeJS.ErrnoException).code ?? 'WINNOW_UNEXPECTED',
    message: cause.message,
    hint: '',
    retryable: true,
    fatal: false,
    stack: cause.stack ?? '',
  }
}

/** A failure as an error again, on the other side. */
export class StageError extends WinnowError {
  readonly failure: Failure

  constructor(failure: Failure) {
    super('WINNOW_STAGE', failure.message, { hint: failure.hint, retryable: failure.retryable })
    this.failure = failure
  }
}

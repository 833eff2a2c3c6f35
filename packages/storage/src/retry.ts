/** How long a call is tried again. */
export interface RetryPolicy {
  /** Attempts at most, the first included. */
  readonly attempts: number
  /** No attempt begins later than this after the first began, milliseconds. */
  readonly retryForMs: number
}

/** What is thought of a failed attempt: undefined is final; else the upper end of the first wait, milliseconds. */
export type Verdict = { readonly baseMs: number; readonly atLeastMs?: number } | undefined

const LONGEST_WAIT_MS = 10_000

/** A call that failed for good, and what it took. */
export class GaveUp extends Error {
  constructor(
    override readonly cause: unknown,
    readonly attempts: number,
    readonly milliseconds: number,
    /** Whether the last failure was one that a later try may not meet. */
    readonly transient: boolean,
  ) {
    super('gave up')
  }
}

/**
 * Calls until it succeeds, fails for good or the budget is spent: then GaveUp is thrown. Waits are drawn evenly from
 * 0 to a limit that doubles ("full jitter", AWS Architecture Blog, "Exponential Backoff And Jitter", 2015), so that
 * callers that failed together do not come back together.
 */
export async function withRetries<T>(
  policy: RetryPolicy,
  judge: (error: unknown) => Verdict,
  attempt: () => Promise<T>,
): Promise<T> {
  const begin = performance.now()
  for (let tried = 1; ; tried++) {
    try {
      return await attempt()
    } catch (error) {
      const verdict = judge(error)
      const spent = performance.now() - begin
      if (verdict === undefined) throw new GaveUp(error, tried, spent, false)
      const limit = Math.min(LONGEST_WAIT_MS, verdict.baseMs * 2 ** Math.min(tried - 1, 20))
      const wait = Math.max(
        Math.random() * limit,
        Math.min(verdict.atLeastMs ?? 0, LONGEST_WAIT_MS),
      )
      if (tried >= policy.attempts || spent + wait > policy.retryForMs)
        throw new GaveUp(error, tried, spent, true)
      await new Promise((resolve) => setTimeout(resolve, wait))
    }
  }
}

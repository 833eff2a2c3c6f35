import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { StorageError, UsageError } from '@winnow/core'

/** Gives a fresh OAUTHBEARER token. */
export type TokenProvider = () => Promise<string>

/** Tokens from a program that prints one on its standard output. Throws UsageError when none is given. */
export function commandToken(command: readonly string[] | undefined): TokenProvider {
  const [program, ...args] = command ?? []
  if (program === undefined)
    throw new UsageError(
      'kafka.sasl: oauthbearer needs tokenCommand',
      'a program that prints a token',
    )
  return async () => {
    try {
      const { stdout } = await promisify(execFile)(program, args, { timeout: 30_000 })
      return stdout.trim()
    } catch (error) {
      // The program's output may hold a token: only how it ended is told.
      const { code } = error as NodeJS.ErrnoException
      throw new StorageError(`kafka.sasl: ${program} gave no token (${code ?? 'failed'})`, {
        hint: 'run kafka.sasl.tokenCommand by hand',
        retryable: true,
      })
    }
  }
}

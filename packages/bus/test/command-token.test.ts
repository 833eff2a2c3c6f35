import { StorageError, UsageError } from '@winnow/core'
import { describe, expect, it } from 'vitest'
import { commandToken } from '../src/command-token.js'

describe('the token of a program', () => {
  it('is what it prints, without the end of the line', async () => {
    const token = commandToken(['/bin/sh', '-c', 'echo "$0"', 'token-of-now'])
    expect(await token()).toBe('token-of-now')
  })

  it('is asked for anew each time', async () => {
    const token = commandToken(['/bin/sh', '-c', 'echo $$'])
    expect(await token()).not.toBe(await token())
  })

  it('is not told when the program fails', async () => {
    const error = await commandToken([
      '/bin/sh',
      '-c',
      'echo secret; echo secret >&2; exit 3',
    ])().then(
      () => undefined,
      (reason: StorageError) => reason,
    )
    expect(error).toBeInstanceOf(StorageError)
    expect(error).toMatchObject({
      message: 'kafka.sasl: /bin/sh gave no token (3)',
      retryable: true,
    })
    expect(`${error?.stack} ${error?.hint} ${error?.cause}`).not.toContain('secret')
  })

  it('needs a program', () => {
    expect(() => commandToken(undefined)).toThrow(UsageError)
  })
})

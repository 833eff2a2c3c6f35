import { StorageError } from '@winnow/core'

const HINTS: Record<string, string> = {
  ENOSPC:
    'the disk is full: make room (or choose another --out), then run the same command again to go on',
  EDQUOT: 'the disk quota is used up: make room, then run the same command again to go on',
  EACCES: 'check the permissions of the file and its folder',
  EPERM: 'check the permissions of the file and its folder',
  EROFS: 'the file system is read-only: choose another --out',
  EISDIR: 'a folder stands where a file is expected',
  ENOTDIR: 'a file stands where a folder is expected',
  ENOENT: 'check the path',
  EMFILE: 'too many open files: raise the limit (ulimit -n)',
  EIO: 'the disk reports an error: check it',
}

/** Wraps an operating system error in one that says what was done, where, and what to do. */
export function localError(action: string, path: string, cause: unknown): StorageError {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? ''
  const reason =
    code === 'ENOSPC'
      ? 'no space left on the device'
      : cause instanceof Error
        ? cause.message
        : String(cause)
  return new StorageError(`cannot ${action} ${path}: ${reason}`, {
    cause,
    hint: HINTS[code] ?? '',
    retryable: code === 'EAGAIN' || code === 'EBUSY',
    absent: code === 'ENOENT' && action === 'read',
  })
}

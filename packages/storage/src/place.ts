import { posix, resolve } from 'node:path'
import { UsageError } from '@winnow/core'
import { LocalStore } from './local-store.js'
import type { ObjectStore } from './object-store.js'

/** Where a store, or an object in it, is, as people write it: a path for a folder, the URI for S3. */
export function placeOf(store: ObjectStore, key = ''): string {
  if (store instanceof LocalStore) return key === '' ? store.root : store.path(key)
  const root = store.uri.replace(/\/$/, '')
  return key === '' ? root : `${root}/${key}`
}

/** What stands at a relative path (`../../index`) from a store's root: a folder's path, or an `s3:` URI. */
export function relativePlace(store: ObjectStore, path: string): string {
  if (store instanceof LocalStore) return resolve(store.root, path)
  const [scheme = '', , bucket = '', ...key] = placeOf(store).split('/')
  const target = posix.normalize(path).replace(/\/$/, '').split('/')
  for (const step of target) {
    if (step !== '..') key.push(step)
    else if (key.pop() === undefined)
      throw new UsageError(
        `${placeOf(store)} has nothing ${path} of it`,
        'give the prefix of a run, PREFIX/runs/NAME',
      )
  }
  return [scheme, '', bucket, ...key].join('/')
}

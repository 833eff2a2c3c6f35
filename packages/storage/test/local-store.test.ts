import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StorageError, UsageError } from '@winnow/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LocalStore } from '../src/index.js'

let folder: string
let store: LocalStore
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'winnow-store-'))
  store = new LocalStore(folder)
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('local store', () => {
  it('gives back what was put, whole and by range', async () => {
    await store.put('a/b.bin', Buffer.from('0123456789'))
    expect(Buffer.from(await store.get('a/b.bin')).toString()).toBe('0123456789')
    expect(Buffer.from(await store.read('a/b.bin', 3, 4)).toString()).toBe('3456')
    expect(Buffer.from(await store.read('a/b.bin', 8, 40)).toString()).toBe('89')
    expect(await store.head('a/b.bin')).toMatchObject({ key: 'a/b.bin', size: 10 })
    expect(await store.head('a/none')).toBeUndefined()
  })

  it('an object appears whole or not at all: a failed put leaves nothing behind', async () => {
    await writeFile(join(folder, 'file'), 'x')
    await expect(store.put('file/below', Buffer.from('y'))).rejects.toThrow(StorageError)
    expect(await readdir(folder)).toEqual(['file'])
  })

  it('lists no unfinished writes, and clears them away', async () => {
    await store.put('a/1', Buffer.from('x'))
    await writeFile(join(folder, 'a', '2.00ff.unfinished'), 'half')
    const keys = async () => {
      const out: string[] = []
      for await (const { key } of store.list('a/')) out.push(key)
      return out
    }
    expect(await keys()).toEqual(['a/1'])
    expect(await store.removeUnfinished()).toBe(1)
    expect(await readdir(join(folder, 'a'))).toEqual(['1'])
  })

  it('of 20 callers at once, one puts the object; nothing unfinished is left', async () => {
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, i) => store.putIfAbsent('a/one', Buffer.from(`${i}`))),
    )
    expect(made.filter(Boolean)).toHaveLength(1)
    expect(Buffer.from(await store.get('a/one')).toString()).toBe(`${made.indexOf(true)}`)
    expect(await store.putIfAbsent('a/one', Buffer.from('late'))).toBe(false)
    expect(await readdir(join(folder, 'a'))).toEqual(['one'])
  })

  it('a store below a prefix sees the same objects by their shorter keys, and no others', async () => {
    await store.sub('runs/a').put('x', Buffer.from('1'))
    expect(Buffer.from(await store.get('runs/a/x')).toString()).toBe('1')
    expect(await store.sub('runs/').sub('a/').head('x')).toMatchObject({ key: 'x' })
    expect(() => store.sub('../outside')).toThrow(UsageError)
  })

  it('says what is missing, and keeps to its folder', async () => {
    await expect(store.get('none')).rejects.toThrow(/cannot read .*none/)
    await expect(store.get('../outside')).rejects.toThrow(UsageError)
  })
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { LocalStore, openStore, placeOf, readMany, relativePlace } from '../src/index.js'

const folder = mkdtempSync(join(tmpdir(), 'winnow-place-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('placeOf and relativePlace', () => {
  it('give paths for folders', () => {
    const store = new LocalStore(join(folder, 'runs/one'))
    expect(placeOf(store)).toBe(join(folder, 'runs/one'))
    expect(placeOf(store, 'report.html')).toBe(join(folder, 'runs/one/report.html'))
    expect(relativePlace(store, '../../index/')).toBe(join(folder, 'index'))
  })

  it('give URIs for S3, and never leave the bucket', async () => {
    for (const uri of ['s3://corpus/english/runs/one', 's3://corpus/english/runs/one/']) {
      const store = await openStore(uri)
      expect(placeOf(store)).toBe('s3://corpus/english/runs/one')
      expect(placeOf(store, 'report.html')).toBe('s3://corpus/english/runs/one/report.html')
      expect(relativePlace(store, '../../index/')).toBe('s3://corpus/english/index')
    }
    const shallow = await openStore('s3://corpus/runs/one')
    expect(relativePlace(shallow, '../../index/')).toBe('s3://corpus/index')
    expect(() => relativePlace(shallow, '../../../index')).toThrow(/has nothing/)
  })
})

describe('readMany', () => {
  it('gives objects in the order of the keys, and says which cannot be read', async () => {
    const store = new LocalStore(folder)
    const keys = Array.from({ length: 50 }, (_, i) => `many/${i}`)
    for (const key of keys) await store.put(key, Buffer.from(key))
    const read: string[] = []
    for await (const { key, bytes } of readMany(store, keys)) {
      expect(Buffer.from(bytes).toString()).toBe(key)
      read.push(key)
    }
    expect(read).toEqual(keys)
    await store.delete('many/7')
    const all = async () => {
      for await (const _ of readMany(store, keys));
    }
    await expect(all()).rejects.toThrow(/many\/7/)
  })
})

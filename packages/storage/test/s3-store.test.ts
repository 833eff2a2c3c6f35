import { randomBytes } from 'node:crypto'
import dns from 'node:dns'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3'
import { InputError, StorageError, UsageError } from '@winnow/core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Fault, FaultyProxy, failShare } from '../../../test/stack/faulty-proxy.js'
import { missingStack, type S3Server, s3ClientConfig, startS3 } from '../../../test/stack/index.js'
import { openInput, openStore, type S3Settings } from '../src/index.js'
import { S3Store } from '../src/s3.js'

const missing = await missingStack('s3')
const BUCKET = 'winnow'
/** Smallest part that S3 takes. */
const PART = 5 << 20

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString()

async function keysOf(
  store: { list(prefix: string): AsyncIterable<{ key: string }> },
  prefix = '',
) {
  const keys: string[] = []
  for await (const { key } of store.list(prefix)) keys.push(key)
  return keys
}

describe.skipIf(missing !== undefined)('S3 store', () => {
  let s3: S3Server
  let credentials: { accessKeyId: string; secretAccessKey: string }
  let proxy: FaultyProxy
  let requests: string[]
  let prefixes = 0
  beforeAll(async () => {
    s3 = await startS3()
    credentials = { accessKeyId: s3.accessKey, secretAccessKey: s3.secretKey }
  })
  afterAll(() => s3?.stop())
  beforeEach(async () => {
    proxy = await FaultyProxy.start(s3.endpoint)
    requests = []
  })
  afterEach(async () => {
    vi.unstubAllEnvs()
    await proxy.close()
  })

  const settings = (more: S3Settings = {}): S3Settings => ({
    endpoint: proxy.endpoint,
    credentials,
    partBytes: PART,
    onRequest: (operation) => requests.push(operation),
    ...more,
  })
  /** A store of its own for every test. */
  const fresh = (more: S3Settings = {}) =>
    S3Store.at(`s3://${BUCKET}/t${prefixes++}`, settings(more))

  const unfinishedUploads = async (store: S3Store) => {
    const client = new S3Client(s3ClientConfig(s3))
    const { Uploads } = await client.send(new ListMultipartUploadsCommand({ Bucket: BUCKET }))
    client.destroy()
    return (Uploads ?? []).flatMap(({ Key }) =>
      store.uri.endsWith(`/${Key?.split('/')[0]}/`) ? [Key] : [],
    )
  }

  it('gives back what was put, whole and by range, with one request each and no listing', async () => {
    const store = fresh()
    await store.put('a/b.bin', Buffer.from('0123456789'))
    expect(text(await store.get('a/b.bin'))).toBe('0123456789')
    expect(text(await store.read('a/b.bin', 3, 4))).toBe('3456')
    expect(text(await store.read('a/b.bin', 8, 40))).toBe('89')
    expect(text(await store.read('a/b.bin', 10, 4))).toBe('')
    expect(await store.head('a/b.bin')).toMatchObject({ key: 'a/b.bin', size: 10 })
    expect(requests).toEqual([
      'PutObject',
      'GetObject',
      'GetObject',
      'GetObject',
      'GetObject',
      'HeadObject',
    ])
    expect(await store.head('a/none')).toBeUndefined()
    await store.put('a/b.bin', Buffer.from(''))
    expect(await store.get('a/b.bin')).toHaveLength(0)
    expect(await store.read('a/b.bin', 0, 5)).toHaveLength(0)
    await store.delete('a/b.bin')
    await store.delete('a/b.bin')
    expect(await store.head('a/b.bin')).toBeUndefined()
    await expect(store.get('a/b.bin')).rejects.toThrow(/cannot read s3:.*a\/b\.bin.*NoSuchKey/)
  })

  it('lists page after page, below its prefix only', async () => {
    const store = fresh()
    const names = Array.from({ length: 1100 }, (_, i) => `many/${String(i).padStart(4, '0')}`)
    const left = [...names]
    await Promise.all(
      Array.from({ length: 16 }, async () => {
        for (let name = left.pop(); name !== undefined; name = left.pop())
          await store.put(name, Buffer.from('x'))
      }),
    )
    await store.put('other/x', Buffer.from('x'))
    requests = []
    expect(await keysOf(store, 'many/')).toEqual(names)
    expect(requests).toEqual(['ListObjectsV2', 'ListObjectsV2'])
    expect(await keysOf(store.sub('other/'))).toEqual(['x'])
    expect(await keysOf(store.sub('many'), '000')).toHaveLength(10)
  })

  it('uploads a large object in parts, whose checksum the server and readers verify', async () => {
    const store = fresh()
    const bytes = randomBytes(2 * PART + 12345)
    await store.put('large', bytes)
    expect(requests).toEqual([
      'CreateMultipartUpload',
      ...Array(3).fill('UploadPart'),
      'CompleteMultipartUpload',
    ])
    expect(Buffer.compare(await store.get('large'), bytes)).toBe(0)
    expect(text(await store.read('large', PART - 2, 4))).toBe(
      text(bytes.subarray(PART - 2, PART + 2)),
    )
  })

  it.each([1, PART + 1])('of 20 callers at once, one puts an object of %i bytes', async (size) => {
    const store = fresh()
    const versions = Array.from({ length: 20 }, (_, i) => Buffer.alloc(size, i))
    const made = await Promise.all(versions.map((bytes) => store.putIfAbsent('one', bytes)))
    expect(made.filter(Boolean)).toHaveLength(1)
    expect(Buffer.compare(await store.get('one'), versions[made.indexOf(true)]!)).toBe(0)
    expect(await store.putIfAbsent('one', Buffer.from('late'))).toBe(false)
    expect(await unfinishedUploads(store)).toEqual([])
  })

  it.each([1, PART + 1])(
    'putIfAbsent knows its own object of %i bytes again when the answer was lost',
    async (size) => {
      const store = fresh()
      let lost = 0
      proxy.choose = ({ method, url }) =>
        (method === 'PUT' && !url.includes('partNumber')) || /POST.*uploadId/.test(method + url)
          ? lost++ === 0
            ? 'lost-answer'
            : undefined
          : undefined
      expect(await store.putIfAbsent('mine', Buffer.alloc(size, 7))).toBe(true)
      expect(lost).toBe(2)
      expect(await store.putIfAbsent('mine', Buffer.alloc(size, 8))).toBe(false)
      expect((await store.get('mine'))[0]).toBe(7)
    },
  )

  it('comes out right with a third of the requests failing, and nothing half-written is seen', async () => {
    const faults: Fault[] = ['error', 'slow-down', 'reset', 'lost-answer', 'truncate']
    const store = fresh({ partBytes: PART })
    const looker = S3Store.at(store.uri, settings({ endpoint: s3.endpoint }))
    proxy.choose = failShare(1 / 3, faults)
    const objects = Array.from({ length: 50 }, (_, i) => ({
      key: `o/${i}`,
      bytes: randomBytes(i % 10 === 0 ? PART + 1000 * i : 1 + 1500 * i),
    }))
    const wrong: string[] = []
    const work = async ({ key, bytes }: (typeof objects)[number]) => {
      const put = store.put(key, bytes)
      const seen = await looker.head(key)
      if (seen !== undefined && seen.size !== bytes.length) wrong.push(`${key} half-written`)
      await put
      const at = Math.floor(bytes.length / 3)
      const range = bytes.subarray(at, at + 1000)
      if (Buffer.compare(await store.get(key), bytes) !== 0) wrong.push(`get ${key}`)
      if (Buffer.compare(await store.read(key, at, 1000), range) !== 0) wrong.push(`range ${key}`)
      if ((await store.head(key))?.size !== bytes.length) wrong.push(`head ${key}`)
      if (await store.putIfAbsent(key, Buffer.from('no'))) wrong.push(`putIfAbsent ${key}`)
      if (!(await store.putIfAbsent(`${key}.new`, bytes))) wrong.push(`putIfAbsent ${key}.new`)
      if (Buffer.compare(await looker.get(`${key}.new`), bytes) !== 0) wrong.push(`${key}.new`)
    }
    const left = [...objects]
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item)
      }),
    )
    expect(wrong).toEqual([])
    expect(await keysOf(store, 'o/')).toHaveLength(100)
    for (const fault of faults) expect(proxy.counts.faults.get(fault)).toBeGreaterThan(5)
  })

  it('waits for a server that is gone for a while', async () => {
    const store = fresh()
    await store.put('before', Buffer.from('x'))
    proxy.goAway()
    const read = store.get('before')
    const written = store.put('during', Buffer.from('y'))
    setTimeout(() => proxy.comeBack(), 1500)
    expect(text(await read)).toBe('x')
    await written
    expect(text(await store.get('during'))).toBe('y')
  })

  it('says so when the server is gone for good, once the budget is spent', async () => {
    const store = fresh({ retryForMs: 1000 })
    await proxy.close()
    const error = await store.put('x', Buffer.from('x')).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(StorageError)
    expect(error).toMatchObject({ retryable: true })
    expect((error as StorageError).message).toMatch(
      /cannot write s3:\/\/winnow\/t\d+\/x: .*ECONNREFUSED.*\(\d+ attempts in \d\.\d s\)/,
    )
    expect((error as StorageError).hint).toMatch(/endpoint/)
  })

  it('ends after the attempts that are allowed', async () => {
    const store = fresh({ attempts: 3 })
    proxy.choose = () => 'error'
    await expect(store.get('x')).rejects.toMatchObject({
      message: expect.stringMatching(/on purpose \(HTTP 500 InternalError\) \(3 attempts in/),
      retryable: true,
    })
    expect(requests).toEqual(['GetObject', 'GetObject', 'GetObject'])
  })

  it('a server that falls silent in the middle of an answer is given up and asked again', async () => {
    const store = fresh({ idleTimeoutMs: 300 })
    const bytes = randomBytes(100_000)
    await store.put('x', bytes)
    proxy.choose = ({ number }) => (number < 3 ? 'stall' : undefined)
    expect(Buffer.compare(await store.get('x'), bytes)).toBe(0)
    expect(requests.filter((operation) => operation === 'GetObject')).toHaveLength(3)
  })

  it('an upload that fails half way leaves no object and no parts', async () => {
    const store = fresh({ attempts: 2 })
    proxy.choose = ({ url }) => (url.includes('partNumber=3') ? 'error' : undefined)
    await expect(store.put('half', randomBytes(4 * PART))).rejects.toThrow(StorageError)
    proxy.choose = () => undefined
    expect(await store.head('half')).toBeUndefined()
    expect(await keysOf(store)).toEqual([])
    expect(await unfinishedUploads(store)).toEqual([])
  })

  it('an upload whose sender dies half way is never seen', async () => {
    const store = fresh({ retryForMs: 300 })
    const looker = S3Store.at(store.uri, settings({ endpoint: s3.endpoint }))
    proxy.choose = ({ url }) => {
      if (!url.includes('partNumber=3')) return undefined
      proxy.goAway()
      return 'reset'
    }
    await expect(store.put('half', randomBytes(4 * PART))).rejects.toThrow(StorageError)
    expect(await unfinishedUploads(store)).toHaveLength(1)
    expect(await looker.head('half')).toBeUndefined()
    expect(await keysOf(looker)).toEqual([])
    expect(await looker.putIfAbsent('half', Buffer.from('whole'))).toBe(true)
  })

  it('damage on the way is noticed, not handed on', async () => {
    const store = fresh({ attempts: 2 })
    await store.put('x', Buffer.from('the right bytes'))
    const path = join(s3.dataDir!, BUCKET, new URL(store.uri).pathname, 'x')
    expect(await readFile(path, 'utf8')).toBe('the right bytes')
    await writeFile(path, 'the wrong bytes')
    await expect(store.get('x')).rejects.toThrow(/[Cc]hecksum/)
  })

  describe('tells what is wrong and does not try again', () => {
    const failure = async (store: S3Store, act: (store: S3Store) => Promise<unknown>) => {
      const error = await act(store).then(
        () => new Error('nothing failed'),
        (error: unknown) => error,
      )
      expect(error).toBeInstanceOf(StorageError)
      expect(error).toMatchObject({ retryable: false })
      return `${(error as StorageError).message} | ${(error as StorageError).hint}`
    }
    const acts = {
      put: (store: S3Store) => store.put('x', Buffer.from('x')),
      get: (store: S3Store) => store.get('x'),
      head: (store: S3Store) => store.head('x'),
      list: (store: S3Store) => keysOf(store),
      check: (store: S3Store) => store.check(),
    }
    it.each(Object.entries(acts))('%s: a missing bucket', async (_, act) => {
      const told = await failure(S3Store.at('s3://no-such-bucket/p', settings()), act)
      expect(told).toContain('s3://no-such-bucket')
      expect(told).toMatch(/NoSuchBucket.*make the bucket/)
    })
    it.each(Object.entries(acts))('%s: an unknown access key', async (_, act) => {
      const credentials = { accessKeyId: 'nobody', secretAccessKey: 'hush-hush' }
      const told = await failure(fresh({ credentials }), act)
      // versitygw has a name of its own for it.
      expect(told).toMatch(/(InvalidAccessKeyId|XAdminUserNotFound).*AWS_ACCESS_KEY_ID/)
      expect(told).not.toContain('hush-hush')
    })
    it.each(Object.entries(acts))('%s: a wrong secret', async (_, act) => {
      const credentials = { accessKeyId: s3.accessKey, secretAccessKey: 'hush-hush' }
      const told = await failure(fresh({ credentials }), act)
      expect(told).toMatch(/SignatureDoesNotMatch.*AWS_SECRET_ACCESS_KEY/)
      expect(told).not.toContain('hush-hush')
    })
    it('no credentials, and no region', async () => {
      for (const name of [
        'AWS_ACCESS_KEY_ID',
        'AWS_SECRET_ACCESS_KEY',
        'AWS_REGION',
        'AWS_PROFILE',
      ])
        vi.stubEnv(name, undefined)
      for (const name of ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE'])
        vi.stubEnv(name, '/dev/null')
      vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
      const { endpoint } = proxy
      expect(await failure(S3Store.at('s3://winnow/x', { endpoint }), acts.get)).toMatch(
        /CredentialsProviderError.*AWS_ACCESS_KEY_ID/,
      )
      expect(await failure(S3Store.at('s3://winnow/x'), acts.get)).toMatch(/AWS_REGION/)
    })
    it('a host that does not exist', async () => {
      const told = await failure(fresh({ endpoint: 'http://no-such-host.invalid:9000' }), acts.get)
      expect(told).toMatch(/ENOTFOUND no-such-host\.invalid.*check the endpoint/)
    })
    it('an endpoint that is no S3', async () => {
      const web = createServer((_, answer) => answer.end('<html><p>welcome</html>')).listen(0)
      const endpoint = `http://127.0.0.1:${(web.address() as AddressInfo).port}`
      try {
        expect(await failure(fresh({ endpoint }), acts.list)).toMatch(/check the endpoint/)
      } finally {
        web.close()
      }
    })
    it('https to a server without TLS', async () => {
      const endpoint = s3.endpoint.replace('http:', 'https:')
      expect(await failure(fresh({ endpoint }), acts.get)).toMatch(/use http:\/\//)
    })
  })

  it('keys that leave the prefix or mean several objects are refused', async () => {
    const store = fresh()
    for (const key of ['../x', 'a//b', '', '/a', 'a/', './a', 'x'.repeat(1100)])
      await expect(async () => store.put(key, Buffer.from(''))).rejects.toThrow(UsageError)
    expect(requests).toEqual([])
  })

  it('addresses the bucket by host name where it is asked to', async () => {
    const other = await startS3({ flags: ['--virtual-domain', 'localhost'] })
    const real = dns.lookup
    // Not every system resolves the names below localhost.
    const lookup = vi
      .spyOn(dns, 'lookup')
      .mockImplementation(((
        host: string,
        ...rest: Parameters<typeof real> extends [string, ...infer Rest] ? Rest : never
      ) => real(host.endsWith('.localhost') ? '127.0.0.1' : host, ...rest)) as typeof real)
    try {
      const endpoint = other.endpoint.replace('127.0.0.1', 'localhost')
      const store = fresh({
        endpoint,
        forcePathStyle: false,
        credentials: { accessKeyId: other.accessKey, secretAccessKey: other.secretKey },
      })
      await store.put('x', Buffer.from('y'))
      expect(text(await store.get('x'))).toBe('y')
      expect(lookup.mock.calls.map(([host]) => host)).toContain(`${BUCKET}.localhost`)
    } finally {
      lookup.mockRestore()
      await other.stop()
    }
  })

  describe('inputs', () => {
    it('small reads of 20 MB one behind the other cost few requests, and give the right bytes', async () => {
      const store = fresh()
      const bytes = randomBytes(20_000_000)
      await store.put('crawl.warc', bytes)
      requests = []
      const input = await openInput(`${store.uri}crawl.warc`, { s3: settings() })
      expect(input.size).toBe(bytes.length)
      for (let at = 0; at < bytes.length; at += 30_000) {
        const part = await input.read(at, 30_000)
        if (Buffer.compare(part, bytes.subarray(at, at + 30_000)) !== 0) expect.fail(`at ${at}`)
      }
      expect(await input.read(bytes.length, 10)).toHaveLength(0)
      await input.close()
      // 256 KiB, 512 KiB, 1 MiB, 2 MiB, then 4 MiB each.
      expect(requests).toEqual(['HeadObject', ...Array(8).fill('GetObject')])
    })

    it('reads here and there, and many at once, give the right bytes', async () => {
      const store = fresh()
      const bytes = randomBytes(2_000_000)
      await store.put('x', bytes)
      const input = await openInput(`${store.uri}x`, { s3: settings(), readAheadBytes: 300_000 })
      const places = Array.from({ length: 200 }, (_, i) => ({
        at: (i * 7_919_000 * (i % 3)) % bytes.length,
        length: 1 + ((i * 104_729) % 400_000),
      }))
      const parts = await Promise.all(places.map(({ at, length }) => input.read(at, length)))
      for (const [i, { at, length }] of places.entries())
        if (Buffer.compare(parts[i]!, bytes.subarray(at, at + length)) !== 0)
          expect.fail(`at ${at}`)
    })

    it('an input that is replaced, deleted or missing is an error', async () => {
      const store = fresh()
      await store.put('x', randomBytes(1_000_000))
      const open = () => openInput(`${store.uri}x`, { s3: settings() })
      const input = await open()
      await input.read(0, 10)
      await store.put('x', randomBytes(1_000_000))
      await expect(input.read(900_000, 10)).rejects.toThrow(/s3:.*x was replaced while it was read/)
      const again = await open()
      await store.delete('x')
      await expect(again.read(900_000, 10)).rejects.toThrow(/was deleted while it was read/)
      await expect(open()).rejects.toThrow(InputError)
      await expect(openInput('s3://no-such-bucket/x', { s3: settings() })).rejects.toThrow(
        /no-such-bucket/,
      )
    })
  })

  it('takes credentials and endpoint from the environment as the SDK does', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', s3.accessKey)
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', s3.secretKey)
    vi.stubEnv('AWS_ENDPOINT_URL_S3', s3.endpoint)
    await expect(S3Store.at(`s3://${BUCKET}`).check()).resolves.toBeUndefined()
  })

  it('opens stores by their URI', async () => {
    const store = await openStore(`s3://${BUCKET}/opened/`, { s3: settings() })
    expect(store.uri).toBe(`s3://${BUCKET}/opened/`)
    await store.sub('runs/a').put('x/y', Buffer.from('z'))
    expect(text(await store.get('runs/a/x/y'))).toBe('z')
    expect(await readdir(join(s3.dataDir!, BUCKET, 'opened', 'runs'))).toEqual(['a'])
    await expect(openStore('gs://bucket')).rejects.toThrow(/not supported/)
    await expect(openStore('s3:///x')).rejects.toThrow(/no S3 URI/)
  })
})

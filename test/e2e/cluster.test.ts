import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TOPICS } from '@winnow/core'
import { type ObjectStore, openStore } from '@winnow/storage'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { crawlFiles } from '../cluster/crawl-files.js'
import { TestCluster } from '../cluster/test-cluster.js'
import { winnow } from '../fixtures/winnow.js'
import { missingStack, sharedKafka, sharedS3 } from '../stack/index.js'

const FILES = 40
const RUN = 'crawl'

const missing = await missingStack('kafka', 's3')

describe.skipIf(missing !== undefined)('the services on a real Kafka and a real S3', () => {
  let cluster: TestCluster
  let folder: string
  let files: string[]
  let store: ObjectStore
  let index: ObjectStore

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'winnow-cluster-test-'))
    files = crawlFiles(join(folder, 'crawl'), FILES)
    const s3 = await sharedS3()
    cluster = new TestCluster({ kafka: await sharedKafka(), s3 })
    const credentials = { accessKeyId: s3.accessKey, secretAccessKey: s3.secretKey }
    const options = {
      s3: { endpoint: s3.endpoint, region: s3.region, forcePathStyle: true, credentials },
    }
    const root = await openStore(s3.uri, options)
    store = root.sub(`runs/${RUN}/`)
    index = root.sub('index/')
    const { KafkaBus } = await import('@winnow/bus/kafka')
    const bus = await KafkaBus.connect(cluster.place.kafka)
    await bus.admin().createTopics(Object.values(TOPICS).map((topic) => ({ topic, partitions: /dedup-(order|matches)/.test(topic) ? 1 : 4, replication: 1, retentionMs: -1 })))
    await bus.close()
  }, 600_000)

  afterAll(async () => {
    await cluster?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('keep the documents that one machine keeps, byte for byte', async () => {
    await cluster.startAll()
    const fed = await cluster.run(['feed', ...files, '--run', RUN])
    expect(fed.code, fed.stderr).toBe(0)
    await cluster.until('all clean shards', async () => (await count(store, 'clean/')) === FILES)

    // The embedded run gets the files in the order that the cluster's log gave them.
    const out = join(folder, 'embedded')
    const alone = await winnow(['run', ...(await inLogOrder(index, store, files)), '--out', out])
    expect(alone.code, alone.stderr).toBe(0)
    for (const kind of [
      'documents',
      'attributes/extract',
      'attributes/quality',
      'attributes/dedup',
      'clean',
      'skipped',
    ])
      expect(await digests(store, `${kind}/`), kind).toEqual(localDigests(out, kind))
  }, 300_000)

  it('feeding again doubles nothing', async () => {
    const again = await cluster.run(['feed', ...files, '--run', RUN, '--json'])
    expect(JSON.parse(again.stdout)).toMatchObject({ shards: 0, fedBefore: FILES })
    const forced = await cluster.run(['feed', ...files, '--run', RUN, '--again', '--json'])
    expect(JSON.parse(forced.stdout)).toMatchObject({ shards: FILES })
  })
})

async function count(store: ObjectStore, prefix: string): Promise<number> {
  let found = 0
  for await (const _ of store.list(prefix)) found++
  return found
}

/** The files in the order in which their shards stand in the order log. */
async function inLogOrder(
  index: ObjectStore,
  store: ObjectStore,
  files: readonly string[],
): Promise<string[]> {
  const fileOf = new Map<string, string>()
  for await (const { key } of store.list('fed/')) {
    const { uri, shards } = JSON.parse(Buffer.from(await store.get(key)).toString('utf8')) as {
      uri: string
      shards: string[]
    }
    const file = files.find((path) => uri.endsWith(path))
    for (const shard of shards) if (file !== undefined) fileOf.set(shard, file)
  }
  const ordered: string[] = []
  const keys: string[] = []
  for await (const { key } of index.list('order/')) keys.push(key)
  for (const key of keys.sort()) {
    const { shard } = JSON.parse(Buffer.from(await index.get(key)).toString('utf8')) as {
      shard: string
    }
    ordered.push(fileOf.get(shard) ?? `nobody fed ${shard}`)
  }
  expect(new Set(ordered)).toEqual(new Set(files))
  return ordered
}

async function digests(store: ObjectStore, prefix: string): Promise<Record<string, string>> {
  const out: Record<string, string> = {}
  const keys: string[] = []
  for await (const { key } of store.list(prefix)) keys.push(key)
  for (const key of keys.sort())
    out[key.slice(prefix.length)] = Buffer.from(await store.get(key)).toString('base64')
  return out
}

function localDigests(out: string, kind: string): Record<string, string> {
  const folder = join(out, kind)
  return Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((name) => [name, readFileSync(join(folder, name)).toString('base64')]),
  )
}

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FileLog } from '@winnow/bus'
import { documentBatch, type ShardMessage } from '@winnow/core'
import { dedupParameters, type OrderLogEntry, signatureFingerprint } from '@winnow/dedup'
import { encodeDocuments, indexLayout, LocalStore, layout } from '@winnow/storage'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cutAtRandom, randomNumbers, testCorpus } from '../../../packages/dedup/test/documents.js'
import { encodeClusterEntry, IndexRole, ResolveRole, slotsOfWorker } from '../src/cluster/index.js'
import { DedupResolver, DedupSigner, LogResolver } from '../src/index.js'

const RUN = 'run'
const parameters = dedupParameters('default', { bands: 6, rows: 3, chainLimit: 3 })
const settings = { parameters }

let folder: string
const warnings: string[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'winnow-cluster-roles-'))
  warnings.length = 0
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

interface Corpus {
  readonly store: LocalStore
  readonly index: LocalStore
  readonly entries: readonly OrderLogEntry[]
  readonly messages: readonly ShardMessage[]
}

/** Document shards and their key files, as the roles before leave them. */
async function corpusIn(name: string, documents: number, seed: number): Promise<Corpus> {
  const store = new LocalStore(join(folder, name, 'run'))
  const index = new LocalStore(join(folder, name, 'index'))
  const signer = new DedupSigner(store, index, settings)
  const entries: OrderLogEntry[] = []
  const messages: ShardMessage[] = []
  for (const [number, rows] of cutAtRandom(testCorpus(documents, seed), seed).entries()) {
    const shard = number.toString(16).padStart(16, '0')
    const batch = documentBatch(rows)
    await store.put(layout.documents(shard), encodeDocuments(batch, {}))
    const { message } = await signer.process(
      {
        schema: 1,
        run: RUN,
        shard,
        sequence: number,
        source: { uri: 'file:///x', offset: 0, length: 1, format: 'jsonl' },
        documents: layout.documents(shard),
        attributes: {},
        timings: {},
      },
      { documents: batch, attributes: {} },
    )
    const keyFile = indexLayout.keyFile(RUN, shard)
    const fingerprint = signatureFingerprint(parameters)
    entries.push({ schema: 1, run: RUN, shard, keyFile, rows: rows.length, fingerprint })
    messages.push(message)
  }
  return { store, index, entries, messages }
}

/** What the embedded run makes of a log. */
async function embedded({ store, index, entries, messages }: Corpus): Promise<void> {
  const log = await FileLog.open(index.path(indexLayout.orderLog))
  const resolver = await LogResolver.open(
    { store, index, ...settings, run: RUN, snapshotKeys: Number.POSITIVE_INFINITY },
    [],
  )
  for (const entry of entries) {
    await log.append(JSON.stringify(entry))
    await resolver.apply(entry)
  }
  await log.close()
  const { LogFileView } = await import('../src/log-view.js')
  const attributes = new DedupResolver(store, index, new LogFileView(index), settings)
  for (const message of messages) await attributes.process(message, undefined)
}

/** The files that must be the same, by name. */
function results({ store, index }: Corpus): Record<string, string> {
  const out: Record<string, string> = {}
  for (const path of [store.path('attributes/dedup'), index.path(`matches/${RUN}`)])
    for (const name of readdirSync(path).sort())
      out[`${path.split('/').at(-2)}/${name}`] = readFileSync(join(path, name)).toString('base64')
  return out
}

const retry = async <T>(_: string, work: () => Promise<T>): Promise<T> => work()
const warn = (message: string) => void warnings.push(message)

class Cluster {
  readonly forwarded: ShardMessage[] = []

  constructor(
    readonly corpus: Corpus,
    readonly log: FileLog,
    readonly answers: FileLog,
  ) {}

  static async open(corpus: Corpus): Promise<Cluster> {
    const log = await FileLog.open(join(folder, 'order'))
    return new Cluster(corpus, log, await FileLog.open(join(folder, 'answers')))
  }

  async append(number: number): Promise<void> {
    const entry = this.corpus.entries[number] as OrderLogEntry
    const message = this.corpus.messages[number] as ShardMessage
    await this.log.append(encodeClusterEntry({ entry, message }))
  }

  indexWorker(ordinal: number, workers: number, snapshotKeys: number): Promise<IndexRole> {
    const { log, answers, corpus } = this
    const { index } = corpus
    const slots = slotsOfWorker(ordinal, workers)
    const signAgain = async () => {
      throw new Error('nothing was lost')
    }
    return IndexRole.open({
      ...{ index, log, answers, parameters, ...slots, snapshotKeys, warn, signAgain, retry },
    })
  }

  resolver(ordinal: number, replicas: number, snapshotShards: number): Promise<ResolveRole> {
    const { log, answers, corpus } = this
    return ResolveRole.open({
      index: corpus.index,
      storeOf: () => corpus.store,
      ...{ log, answers, parameters, ordinal, replicas, snapshotShards, warn, retry },
      forward: async (message) => void this.forwarded.push(message),
      unreadable: async ({ topic, value }) => void warn(`${topic}: ${value}`),
    })
  }
}

/** Runs a role until told to stop. */
function running(role: IndexRole | ResolveRole): () => Promise<void> {
  const stop = new AbortController()
  const done = role.run(stop.signal)
  return async () => {
    stop.abort()
    await done
  }
}

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 10) {
    if (waited > 30_000) throw new Error(`waited in vain; warnings: ${warnings.join('; ')}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

describe('index workers and resolvers decide as one process does', () => {
  it('with one worker of each, and entries that come twice or are none', async () => {
    const alone = await corpusIn('alone', 400, 3)
    await embedded(alone)
    const cluster = await Cluster.open(await corpusIn('cluster', 400, 3))
    const stops = [
      running(await cluster.indexWorker(0, 1, Number.POSITIVE_INFINITY)),
      running(await cluster.resolver(0, 1, Number.POSITIVE_INFINITY)),
    ]
    await cluster.log.append('{"schema": 1, "run"')
    for (const number of cluster.corpus.entries.keys()) {
      await cluster.append(number)
      if (number % 3 === 0) await cluster.append(number)
    }
    const shards = new Set(cluster.corpus.entries.map(({ shard }) => shard))
    await until(() => new Set(cluster.forwarded.map(({ shard }) => shard)).size === shards.size)
    for (const stop of stops) await stop()
    expect(results(cluster.corpus)).toEqual(results(alone))
    expect(cluster.forwarded[0]?.attributes.dedup).toBeDefined()
    expect(warnings.some((warning) => /no JSON/.test(warning))).toBe(true)
  })

  it('with a resolver that was away while its fellow went on, and another number of them after that', async () => {
    const alone = await corpusIn('alone', 500, 7)
    await embedded(alone)
    const cluster = await Cluster.open(await corpusIn('cluster', 500, 7))
    const all = cluster.corpus.entries.length
    const half = Math.floor(all / 2)
    const forwarded = () => new Set(cluster.forwarded.map(({ shard }) => shard)).size
    const index = running(await cluster.indexWorker(0, 1, 600))
    const first = await cluster.resolver(0, 2, 2)
    const stopFirst = running(first)
    for (let number = 0; number < half; number++) await cluster.append(number)
    await until(() => first.state.position === half)
    await stopFirst()
    // The first has saved where it is; the shares of the second are not written.
    expect(forwarded()).toBeLessThan(half)
    const second = await cluster.resolver(1, 2, 2)
    const stopSecond = running(second)
    await until(() => second.state.position === half)
    await stopSecond()
    expect(forwarded()).toBe(half)
    // The first goes on alone for a while, then one resolver takes over from the two.
    const again = await cluster.resolver(0, 2, 2)
    const stopAgain = running(again)
    for (let number = half; number < all; number++) await cluster.append(number)
    await until(() => again.state.position === all)
    await stopAgain()
    expect(forwarded()).toBeLessThan(all)
    const stopOnly = running(await cluster.resolver(0, 1, 2))
    await until(() => forwarded() === all)
    await stopOnly()
    await index()
    expect(results(cluster.corpus)).toEqual(results(alone))
  })

  it('with workers rescaled from 1 to 3 to 2, stopped and started, two of one ordinal, a spoilt snapshot', async () => {
    const alone = await corpusIn('alone', 900, 5)
    await embedded(alone)
    const cluster = await Cluster.open(await corpusIn('cluster', 900, 5))
    const all = cluster.corpus.entries.length
    const random = randomNumbers(5)
    let fed = 0
    const resolvers = async () => [
      running(await cluster.resolver(0, 2, 3)),
      running(await cluster.resolver(1, 2, 3)),
    ]
    for (const workers of [1, 3, 3, 2, 2]) {
      const stops = await resolvers()
      for (let ordinal = 0; ordinal < workers; ordinal++)
        stops.push(running(await cluster.indexWorker(ordinal, workers, 600)))
      // Another process that believes it owns the first slots.
      stops.push(running(await cluster.indexWorker(0, workers, 500)))
      const target = workers === 2 ? all : Math.min(all, fed + 1 + Math.floor(random() * (all / 3)))
      for (; fed < target; fed++) await cluster.append(fed)
      if (fed === all)
        await until(() => new Set(cluster.forwarded.map(({ shard }) => shard)).size === all)
      else await until(() => cluster.forwarded.length > fed / 2)
      for (const stop of stops) await stop()
      spoilNewestSnapshot(cluster.corpus.index)
    }
    expect(results(cluster.corpus)).toEqual(results(alone))
    expect(warnings.some((warning) => /cannot be used/.test(warning))).toBe(true)
  }, 120_000)
})

function spoilNewestSnapshot(index: LocalStore): void {
  for (const kind of ['slots', 'decisions']) {
    const path = index.path(`snapshots/${kind}`)
    if (!existsSync(path)) continue
    const files = readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile())
      .map((file) => join(file.parentPath, file.name))
    const newest = files.sort((a, b) => (a.slice(-17) < b.slice(-17) ? 1 : -1))[0]
    if (newest !== undefined) writeFileSync(newest, readFileSync(newest).subarray(0, 40))
  }
}

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KafkaBus } from '@winnow/bus/kafka'
import { strings, TOPICS } from '@winnow/core'
import {
  decodeAttributes,
  type ObjectStore,
  openParquetObject,
  openStore,
  readUtf8Column,
} from '@winnow/storage'
import { expect } from 'vitest'
import { winnow } from '../fixtures/winnow.js'
import { crawlFiles } from './crawl-files.js'
import { type ClusterPlace, TestCluster } from './test-cluster.js'

const RUN = 'crawl'
/** What a run writes that must not depend on how it was run. */
const COMPARED = [
  'documents',
  'attributes/extract',
  'attributes/quality',
  'attributes/dedup',
  'clean',
  'skipped',
] as const

export interface ScenarioOptions {
  readonly place: ClusterPlace & { readonly s3: { readonly region: string } }
  /** Where the test itself reads S3, when the services are given a proxy. */
  readonly direct?: { readonly endpoint: string }
  readonly files: number
  /** Environment of the services. */
  readonly settings?: Readonly<Record<string, string>>
}

/** A crawl, a cluster for it, and the comparison with one machine at the end. */
export class Scenario {
  readonly folder = mkdtempSync(join(tmpdir(), 'winnow-scenario-'))
  readonly cluster: TestCluster
  readonly files: string[]
  readonly run = RUN

  private constructor(
    private readonly options: ScenarioOptions,
    readonly store: ObjectStore,
    readonly index: ObjectStore,
  ) {
    this.cluster = new TestCluster(options.place, options.settings)
    this.files = crawlFiles(join(this.folder, 'crawl'), options.files)
  }

  static async open(options: ScenarioOptions): Promise<Scenario> {
    const { s3 } = options.place
    const credentials = { accessKeyId: s3.accessKey, secretAccessKey: s3.secretKey }
    const endpoint = options.direct?.endpoint ?? s3.endpoint
    const root = await openStore(s3.uri, {
      s3: { endpoint, region: s3.region, forcePathStyle: true, credentials },
    })
    const scenario = new Scenario(options, root.sub(`runs/${RUN}/`), root.sub('index/'))
    const made = await scenario.cluster.run(['doctor', '--create-topics'])
    expect(made.code, made.stdout + made.stderr).toBe(0)
    return scenario
  }

  async withBus<T>(use: (bus: KafkaBus) => Promise<T>): Promise<T> {
    const bus = await KafkaBus.connect(this.options.place.kafka)
    try {
      return await use(bus)
    } finally {
      await bus.close()
    }
  }

  async feed(files: readonly string[] = this.files): Promise<void> {
    const fed = await this.cluster.run(['feed', ...files, '--run', RUN])
    expect(fed.code, fed.stderr).toBe(0)
  }

  clean(): Promise<number> {
    return this.count('clean/')
  }

  /** Objects of the run below a prefix. */
  async count(prefix: string): Promise<number> {
    return (await this.keys(prefix)).length
  }

  /** Their keys, sorted. */
  async keys(prefix: string): Promise<string[]> {
    const keys: string[] = []
    for await (const { key } of this.store.list(prefix)) keys.push(key)
    return keys.sort()
  }

  /** Waits for every clean shard. */
  async finished(seconds = 300): Promise<void> {
    await this.cluster.until(
      'all clean shards',
      async () => (await this.clean()) === this.files.length,
      seconds,
    )
  }

  /** Dead letters that are still open. */
  async dead(): Promise<unknown[]> {
    const listed = await this.cluster.run(['dead-letters', 'list', '--json'])
    expect(listed.code, listed.stderr).toBe(0)
    return JSON.parse(listed.stdout) as unknown[]
  }

  /** Messages that no member of a group has worked off yet. */
  inFlight(): Promise<number> {
    return this.withBus(async (bus) => {
      let lag = 0
      for (const [role, topic] of [
        ['extractor', TOPICS.crawlShards],
        ['quality-filter', TOPICS.extracted],
        ['dedup-sign', TOPICS.filtered],
        ['decontaminator', TOPICS.deduplicated],
      ] as const)
        for (const part of await bus.admin().lag(`winnow.${role}`, topic)) lag += part.lag
      return lag
    })
  }

  /** Compares all that was written with what one machine writes, given the files in the order of the cluster's log. */
  async expectSameAsOneMachine(): Promise<void> {
    const out = join(this.folder, 'embedded')
    const alone = await winnow(['run', ...(await this.filesInLogOrder()), '--out', out])
    expect(alone.code, alone.stderr).toBe(0)
    for (const kind of COMPARED)
      expect(await contents(this.store, `${kind}/`), kind).toEqual(localContents(out, kind))
    await this.cluster.until('nothing in flight', async () => (await this.inFlight()) === 0, 120)
  }

  /** Where the run lies, as `--out` takes it. */
  get out(): string {
    return `${this.options.place.s3.uri.replace(/\/$/, '')}/runs/${RUN}`
  }

  /** What the run on one machine wrote into report.json, after `expectSameAsOneMachine`. */
  reportOfOneMachine(): Record<string, unknown> {
    return JSON.parse(readFileSync(join(this.folder, 'embedded', 'report.json'), 'utf8'))
  }

  /** Runs a command that reads what the services wrote. Returns the last object that it printed with `--json`. */
  async ask(...args: readonly string[]): Promise<Record<string, unknown>> {
    const asked = await this.cluster.run([...args, '--json'])
    expect(asked.code, `${args.join(' ')}\n${asked.stderr}`).toBe(0)
    return JSON.parse(asked.stdout.trim().split('\n').at(-1) ?? '')
  }

  /** The first document that was dropped as a copy, with the one it copies. */
  async someCopy(): Promise<{ id: string; original: string }> {
    for await (const { key } of this.store.list('attributes/dedup/')) {
      const { labels } = await decodeAttributes(key, await this.store.get(key))
      const row = labels.duplicate_of?.findIndex((id) => id !== '') ?? -1
      if (row < 0) continue
      const documents = key.replace('attributes/dedup/', 'documents/')
      const ids = await readUtf8Column(await openParquetObject(this.store, documents), 'id')
      return { id: strings(ids)[row] ?? '', original: labels.duplicate_of?.[row] ?? '' }
    }
    throw new Error('no document was dropped as a copy')
  }

  private async filesInLogOrder(): Promise<string[]> {
    const fileOf = new Map<string, string>()
    for await (const { key } of this.store.list('fed/')) {
      const { uri, shards } = JSON.parse(await text(this.store, key)) as {
        uri: string
        shards: string[]
      }
      const file = this.files.find((path) => uri.endsWith(path))
      for (const shard of shards) if (file !== undefined) fileOf.set(shard, file)
    }
    const keys: string[] = []
    for await (const { key } of this.index.list('order/')) keys.push(key)
    const ordered: string[] = []
    for (const key of keys.sort()) {
      const { shard } = JSON.parse(await text(this.index, key)) as { shard: string }
      ordered.push(fileOf.get(shard) ?? `nobody fed ${shard}`)
    }
    expect(new Set(ordered)).toEqual(new Set(this.files))
    return ordered
  }

  async close(): Promise<void> {
    await this.cluster.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

async function text(store: ObjectStore, key: string): Promise<string> {
  return Buffer.from(await store.get(key)).toString('utf8')
}

async function contents(store: ObjectStore, prefix: string): Promise<Record<string, string>> {
  const keys: string[] = []
  for await (const { key } of store.list(prefix)) keys.push(key)
  const out: Record<string, string> = {}
  for (const key of keys.sort())
    out[key.slice(prefix.length)] = Buffer.from(await store.get(key)).toString('base64')
  return out
}

function localContents(out: string, kind: string): Record<string, string> {
  const folder = join(out, kind)
  return Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((name) => [name, readFileSync(join(folder, name)).toString('base64')]),
  )
}

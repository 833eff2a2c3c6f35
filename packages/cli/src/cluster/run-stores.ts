import { InputError, UsageError } from '@winnow/core'
import { type RunConfig, runConfig } from '@winnow/runtime'
import type { ClusterConfig } from '@winnow/runtime/cluster-config'
import { CancelledRuns, INDEX_PREFIX, RUN_CONFIG, runPrefix } from '@winnow/runtime/run-prefix'
import { type ObjectStore, openStore } from '@winnow/storage'
import { LRUCache } from 'lru-cache'
import type { StoreAddress } from '../embedded/worker.js'

const RUN_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/

/** Throws UsageError when a run cannot be called so: the name is part of object keys and metrics. */
export function requireRunName(name: string): string {
  if (!RUN_NAME.test(name))
    throw new UsageError(
      `a run cannot be called ${JSON.stringify(name)}`,
      'use up to 100 letters, digits, dots, - and _, a letter or digit first',
    )
  return name
}

/** Where the cluster's data lies: a prefix for each run, and the duplicate index of all. */
export class RunStores {
  private readonly configs = new LRUCache<string, Promise<RunConfig>>({ max: 64 })

  readonly cancelled: CancelledRuns

  private constructor(
    private readonly address: StoreAddress,
    readonly root: ObjectStore,
  ) {
    this.cancelled = new CancelledRuns(root)
  }

  static async open(
    { storage }: Pick<ClusterConfig, 'storage'>,
    onRequest?: (operation: string) => void,
  ): Promise<RunStores> {
    const { uri, ...s3 } = storage
    return new RunStores({ uri, s3 }, await openStore(uri, { s3: { ...s3, onRequest } }))
  }

  get index(): ObjectStore {
    return this.root.sub(INDEX_PREFIX)
  }

  run(name: string): ObjectStore {
    return this.root.sub(runPrefix(requireRunName(name)))
  }

  /** The same places, for worker threads to open. */
  addresses(run: string): { readonly store: StoreAddress; readonly index: StoreAddress } {
    const { uri, s3 } = this.address
    const below = (path: string) => ({ uri: `${uri.replace(/\/$/, '')}/${path}`, s3 })
    return { store: below(`runs/${run}`), index: below('index') }
  }

  /** Settings of a run. Throws InputError when it was not fed with `winnow feed`. */
  config(run: string): Promise<RunConfig> {
    let config = this.configs.get(run)
    if (config === undefined) {
      config = this.readConfig(run)
      config.catch(() => this.configs.delete(run))
      this.configs.set(run, config)
    }
    return config
  }

  private async readConfig(run: string): Promise<RunConfig> {
    const store = this.run(run)
    if ((await store.head(RUN_CONFIG)) === undefined)
      throw new InputError(
        `run ${run} has no settings at ${store.uri}/${RUN_CONFIG}`,
        'feed it with: winnow feed INPUT... --run NAME',
      )
    const text = Buffer.from(await store.get(RUN_CONFIG)).toString('utf8')
    return runConfig.parse(JSON.parse(text))
  }
}

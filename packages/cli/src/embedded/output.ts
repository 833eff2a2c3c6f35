import { UsageError } from '@winnow/core'
import { RUN_CONFIG } from '@winnow/runtime/run-prefix'
import { type ObjectStore, openStore, relativePlace } from '@winnow/storage'
import { indexOf, noOutput } from './output-folder.js'
import { readRunFile } from './run-file.js'
import { type RunState, readState } from './run-state.js'

/** What a run wrote, in a folder or in S3, for commands that read it and make reports of it. */
export interface Output {
  readonly store: ObjectStore
  readonly state: RunState
  /** Of its duplicates. */
  readonly index: ObjectStore
  /** Written by the services of a cluster, not by one machine. */
  readonly cluster: boolean
}

/** Where an output is: `--out`, and the configuration of the cluster for how S3 is reached. */
export interface OutputPlace {
  readonly out: string
  readonly cluster?: string | undefined
}

/** Opens what a run wrote into a folder or under an `s3:` prefix. Throws UsageError when no run has written there. */
export async function openOutput({ out, cluster }: OutputPlace): Promise<Output> {
  const store = await openPlace(out, cluster)
  const state = await readState(store)
  if (state === undefined) throw noOutput(store)
  const { index } = state
  return {
    store,
    state,
    index: await openPlace(
      index === undefined ? indexOf(store, state) : relativePlace(store, index),
      cluster,
    ),
    cluster: index !== undefined,
  }
}

/** A folder, or a prefix in S3 as the cluster's configuration, the environment or the SDK's usual chain say it is reached. */
export async function openPlace(uri: string, cluster: string | undefined): Promise<ObjectStore> {
  if (uri.trim() === '') throw new UsageError('no output is named', 'give --out')
  if (!/^s3:/i.test(uri)) return openStore(uri)
  const { loadS3Config } = await import('@winnow/runtime/cluster-config')
  return openStore(uri, { s3: await loadS3Config({ file: cluster }) })
}

/** The settings that a run was made with; undefined when it has not come to its end on one machine. */
export async function settingsOf({ store, cluster }: Output): Promise<unknown> {
  if (!cluster) return (await readRunFile(store))?.config
  if ((await store.head(RUN_CONFIG)) === undefined) return undefined
  return JSON.parse(Buffer.from(await store.get(RUN_CONFIG)).toString('utf8'))
}

/** What to do about a shard that is not done. */
export function howToFinish({ cluster }: Pick<Output, 'cluster'>): string {
  return cluster ? 'wait until the services have done it' : 'run the same command again first'
}

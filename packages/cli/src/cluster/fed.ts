import { createHash } from 'node:crypto'
import { InputError } from '@winnow/core'
import type { RunConfig } from '@winnow/runtime'
import { INDEX_PREFIX } from '@winnow/runtime/run-prefix'
import { type ObjectStore, readMany } from '@winnow/storage'
import { type InputState, readState, settingsByPart, writeState } from '../embedded/run-state.js'
import { VERSION } from '../version.js'

/** A record of each input that was fed lies here. */
const FED = 'fed/'

/** An input that was fed, and the shards that it was cut into. */
export interface FedInput extends InputState {
  readonly shards: readonly string[]
}

function keyOf(uri: string): string {
  return `${FED}${createHash('sha256').update(uri).digest('hex').slice(0, 32)}.json`
}

function decode(bytes: Uint8Array): FedInput {
  return JSON.parse(Buffer.from(bytes).toString('utf8')) as FedInput
}

/** The shards of all inputs that were fed, each once. */
export async function shardsFed(store: ObjectStore): Promise<Set<string>> {
  const keys: string[] = []
  for await (const { key } of store.list(FED)) keys.push(key)
  const shards = new Set<string>()
  for await (const { bytes } of readMany(store, keys))
    for (const shard of decode(bytes).shards) shards.add(shard)
  return shards
}

/** Writes down that an input was fed. */
export async function recordFed(store: ObjectStore, input: FedInput): Promise<void> {
  await store.put(keyOf(input.uri), Buffer.from(`${JSON.stringify(input)}\n`))
}

/** Whether an input was fed into this run before. Throws InputError when it had another size then. */
export async function fedBefore(
  store: ObjectStore,
  { uri, size }: { readonly uri: string; readonly size: number },
): Promise<boolean> {
  const key = keyOf(uri)
  if ((await store.head(key)) === undefined) return false
  const before = decode(await store.get(key))
  if (before.size === size) return true
  throw new InputError(
    `${uri} has ${size} bytes, and had ${String(before.size)} when it was fed into this run`,
    'feed it into another run: its shards would not be those of before',
  )
}

/**
 * Brings state.json up to what was fed, so that `winnow report`, `explain` and `verify` find in the run's prefix what they
 * find in an output folder. The records of the inputs are what counts: where two feed at once, whoever writes last sees
 * the other's.
 */
export async function updateState(
  store: ObjectStore,
  run: string,
  config: RunConfig,
): Promise<void> {
  for (;;) {
    const before = await readState(store)
    const known = new Set(before?.inputs.map(({ uri }) => keyOf(uri)))
    const added: string[] = []
    for await (const { key } of store.list(FED)) if (!known.has(key)) added.push(key)
    if (before !== undefined && added.length === 0) return
    const inputs = [...(before?.inputs ?? [])]
    for await (const { bytes } of readMany(store, added)) {
      // Records of the first version have no probe.
      const { uri, size, probe = '' } = decode(bytes)
      inputs.push({ uri, size, probe })
    }
    await writeState(store, {
      schema: 1,
      winnow: before?.winnow ?? VERSION,
      run,
      settings: settingsOf(config),
      inputs: inputs.sort((a, b) => (a.uri < b.uri ? -1 : 1)),
      index: `../../${INDEX_PREFIX}`,
    })
  }
}

/** The run's settings by part. Files that they name are named only: this machine may not have what the services see. */
function settingsOf(config: RunConfig): ReturnType<typeof settingsByPart> {
  const { index: _, ...dedup } = config.dedup
  return settingsByPart(
    { ...config, dedup },
    {
      blockLists: config.quality.blockLists.join(' '),
      benchmarks: config.decontaminate.benchmarks ?? '',
    },
  )
}

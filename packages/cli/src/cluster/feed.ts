import { setTimeout as delay } from 'node:timers/promises'
import type { MessageBus } from '@winnow/bus'
import { crawlShardMessage, UsageError } from '@winnow/core'
import { planSplits } from '@winnow/crawl'
import { requireParameters } from '@winnow/dedup-service'
import type { RunConfig } from '@winnow/runtime'
import type { ClusterConfig } from '@winnow/runtime/cluster-config'
import { RUN_CONFIG } from '@winnow/runtime/run-prefix'
import { type ObjectStore, openInput } from '@winnow/storage'
import { dedupOptions } from '../embedded/dedup-options.js'
import { probe } from '../embedded/plan.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { expandInputs } from '../inputs.js'
import type { Console } from '../terminal/console.js'
import { fedBefore, recordFed, updateState } from './fed.js'
import { type RunStores, requireRunName } from './run-stores.js'

/** Messages published in one go. */
const BATCH = 500
/** Places of an input that are looked at to tell it from another one: each costs a request. */
const PROBES = 4
/** How often a list that grows is looked at, milliseconds. */
const FOLLOW_PAUSE = 5_000

export interface FeedArguments {
  readonly inputs: readonly string[]
  readonly run: string
  /** Settings of the run. */
  readonly config: RunConfig
  readonly cluster: ClusterConfig
  /** Go on with what is added to the lists of paths, until interrupted. */
  readonly follow: boolean
  /** Feed inputs again that were fed before: nothing is doubled, what was lost is done again. */
  readonly again: boolean
}

export interface FeedParts {
  readonly bus: MessageBus
  readonly stores: RunStores
  readonly console: Console
  readonly signal: AbortSignal
}

interface Fed {
  readonly inputs: number
  readonly shards: number
  readonly before: number
}

/** `winnow feed`: cuts inputs into crawl shards and puts them into Kafka. Feeding twice doubles nothing. */
export async function feed(args: FeedArguments, parts: FeedParts): Promise<ExitCode> {
  const { run, config, follow } = args
  const { stores, console, signal } = parts
  const store = stores.run(requireRunName(run))
  await beginRun(store, run, config)
  if (config.stages.includes('dedup')) {
    const settings = dedupOptions(config)
    if (settings.kind === 'bloom' || settings.passages !== undefined)
      throw new UsageError(
        'the services deduplicate documents with an exact index: no bloom index, no lines or paragraphs',
        'use winnow run on one machine for these, or leave dedup.kind and dedup.passages out',
      )
    await requireParameters(stores.index, settings)
  }
  await updateState(store, run, config)
  const seen = new Set<string>()
  const total = { inputs: 0, shards: 0, before: 0 }
  do {
    const files = (await expandInputs(args.inputs, { remote: true })).filter(
      (file) => !seen.has(file),
    )
    for (const file of files) {
      seen.add(file)
      const fed = await feedOne(file, args, parts, store, total.shards)
      total.inputs += 1
      total.shards += fed.shards
      total.before += fed.before
    }
    if (files.length > 0) await updateState(store, run, config)
    if (!follow || signal.aborted) break
    await delay(FOLLOW_PAUSE, undefined, { signal }).catch(() => {})
  } while (!signal.aborted)
  report(console, run, total)
  return EXIT.done
}

function report(console: Console, run: string, { inputs, shards, before }: Fed): void {
  const earlier = before === 0 ? '' : `; ${before} input(s) were fed before, see --again`
  console.result({
    text: `${shards} shard(s) of ${inputs - before} input(s) are fed into run ${run}${earlier}\n`,
    json: { run, inputs, shards, fedBefore: before },
  })
}

/** The run's settings, written down once; a run that was begun with others is refused. */
async function beginRun(store: ObjectStore, run: string, config: RunConfig): Promise<void> {
  const text = `${JSON.stringify(config, null, 2)}\n`
  if (await store.putIfAbsent(RUN_CONFIG, Buffer.from(text))) return
  const before = Buffer.from(await store.get(RUN_CONFIG)).toString('utf8')
  if (before !== text)
    throw new UsageError(
      `run ${run} was begun with other settings (${store.uri}/${RUN_CONFIG}): ${differences(before, text).join(', ')}`,
      'feed with the same settings, or choose another --run',
    )
}

/** Names of the settings that differ between two JSON texts. */
function differences(before: string, now: string): string[] {
  const flat = (value: unknown, path: string, out: Map<string, string>): Map<string, string> => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      for (const [key, inner] of Object.entries(value))
        flat(inner, path === '' ? key : `${path}.${key}`, out)
    else out.set(path, JSON.stringify(value))
    return out
  }
  const one = flat(JSON.parse(before), '', new Map())
  const other = flat(JSON.parse(now), '', new Map())
  return [...new Set([...one.keys(), ...other.keys()])].filter(
    (path) => one.get(path) !== other.get(path),
  )
}

async function feedOne(
  file: string,
  { run, config, cluster, again }: FeedArguments,
  { bus, console }: FeedParts,
  store: ObjectStore,
  sequence: number,
): Promise<{ shards: number; before: number }> {
  const source = await openInput(file, { s3: cluster.storage })
  try {
    const { splitBytes, format } = config.input
    const plan = await planSplits(source, {
      splitBytes,
      ...(format === undefined ? {} : { format }),
    })
    if (plan.shards.some((shard) => shard.format === 'warc') && !config.stages.includes('extract'))
      throw new UsageError(
        `${file} holds HTML pages, so the extract stage is needed`,
        'add extract to --stages',
      )
    if (plan.note !== '') console.note(plan.note)
    const known = await fedBefore(store, source)
    if (known && !again) return { shards: 0, before: 1 }
    const messages = plan.shards.map((shard, i) => crawlShardMessage(shard, run, sequence + i))
    for (let from = 0; from < messages.length; from += BATCH)
      await bus.publish(messages.slice(from, from + BATCH))
    // Only now: should feeding be cut short, the next time feeds the input again, which doubles nothing.
    await recordFed(store, {
      uri: source.uri,
      size: source.size,
      probe: await probe(source, PROBES),
      shards: plan.shards.map(({ id }) => id),
    })
    return { shards: plan.shards.length, before: known ? 1 : 0 }
  } finally {
    await source.close()
  }
}

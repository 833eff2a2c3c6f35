import { type CrawlShard, InputError, UsageError } from '@winnow/core'
import { planSplits, readRecords } from '@winnow/crawl'
import type { RunConfig } from '@winnow/runtime'
import { openLocalFile, type RandomAccess } from '@winnow/storage'
import { type InputState, probeDigest } from './run-state.js'

/** Places of a file that are looked at to tell it from a later one of the same name and size, and bytes of each. */
const PROBES = 32
const PROBE_BYTES = 4 << 10
/** Bad rows after which a text input is believed to hold good ones further on. */
const MOST_LOOKED_AT = 1000

/** The crawl shards of all inputs, in order, and what tells each file from another. */
export interface Plan {
  readonly shards: readonly CrawlShard[]
  readonly inputs: readonly InputState[]
  readonly notes: readonly string[]
}

/** Cuts every input into crawl shards. Throws InputError that names each input that cannot be used. */
export async function planInputs(files: readonly string[], config: RunConfig): Promise<Plan> {
  const shards: CrawlShard[] = []
  const inputs: InputState[] = []
  const notes: string[] = []
  const problems: string[] = []
  const { splitBytes, format } = config.input
  for (const path of files) {
    try {
      const source = await openLocalFile(path)
      try {
        const plan = await planSplits(source, {
          splitBytes,
          ...(format === undefined ? {} : { format }),
        })
        shards.push(...plan.shards)
        await requireReadable(source, plan.shards[0], config)
        if (plan.note !== '') notes.push(plan.note)
        inputs.push({ uri: source.uri, size: source.size, probe: await probe(source) })
      } finally {
        await source.close()
      }
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      problems.push(error.hint === '' ? error.message : `${error.message} (${error.hint})`)
    }
  }
  if (problems.length > 0)
    throw new InputError(
      problems.join('\n'),
      'mend or leave out these inputs; nothing was done yet',
    )
  if (!config.stages.includes('extract') && shards.some((shard) => shard.format === 'warc'))
    throw new UsageError(
      'the inputs hold HTML pages, so the extract stage is needed',
      'add extract to --stages',
    )
  return { shards, inputs, notes }
}

/** Digest of pieces of a file, from evenly spread places. */
export async function probe(source: RandomAccess, places = PROBES): Promise<string> {
  const last = Math.max(0, source.size - PROBE_BYTES)
  const pieces: Uint8Array[] = []
  for (let i = 0; i < places; i++)
    pieces.push(await source.read(Math.floor((last * i) / (places - 1)), PROBE_BYTES))
  return probeDigest(pieces)
}

/** Reads the first row of text inputs: whether they have the text field is better said now than by every shard. */
async function requireReadable(
  source: RandomAccess,
  first: CrawlShard | undefined,
  config: RunConfig,
): Promise<void> {
  if (first === undefined || first.format === 'warc' || first.format === 'wet') return
  const { textField, maxRecordBytes, maxRatio } = config.input
  const options = { textField, maxRecordBytes, maxCompressionRatio: maxRatio }
  let looked = 0
  for await (const item of readRecords(source, first, options))
    if (item.kind !== 'skipped' || ++looked === MOST_LOOKED_AT) return
}

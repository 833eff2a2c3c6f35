import { CorruptError, CRAWL_FORMATS } from '@winnow/core'
import { layout, type ObjectStore } from '@winnow/storage'
import { z } from 'zod'

const count = z.number().int().nonnegative()

/** run.json: written last, so where it is, the run came to its end. */
export const runFile = z.object({
  schema: z.literal(1),
  versions: z.record(z.string(), z.string()),
  config: z.unknown(),
  /** Fingerprint of the deduplication parameters; null when that stage did not run. */
  dedup: z.string().nullable(),
  inputs: z.array(z.object({ uri: z.string(), size: count })),
  shards: z.array(
    z.object({
      id: z.string(),
      uri: z.string(),
      offset: count,
      length: count,
      format: z.enum(CRAWL_FORMATS),
      done: z.boolean(),
    }),
  ),
  counts: z.object({
    records: count,
    pages: count,
    documents: count,
    clean: count,
    cleanBytes: count,
    shards: count,
    deadLetters: count,
  }),
  index: z.object({ keys: count, bytes: count, documents: count }).nullable(),
  wallSeconds: z.number(),
  peakMemoryBytes: count,
})
export type RunFile = z.infer<typeof runFile>

export async function writeRunFile(store: ObjectStore, run: RunFile): Promise<void> {
  await store.put(layout.run, Buffer.from(`${JSON.stringify(run, null, 2)}\n`))
}

/** The finished run's file, or undefined when no run has come to its end in this folder. */
export async function readRunFile(store: ObjectStore): Promise<RunFile | undefined> {
  if ((await store.head(layout.run)) === undefined) return undefined
  try {
    return runFile.parse(JSON.parse(Buffer.from(await store.get(layout.run)).toString('utf8')))
  } catch (error) {
    throw new CorruptError(
      `${layout.run} is not what a run writes`,
      'run the same command again: it is made anew',
      error,
    )
  }
}

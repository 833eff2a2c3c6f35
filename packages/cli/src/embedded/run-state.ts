import { basename, resolve } from 'node:path'
import { CorruptError, hash64, STAGES, type Stage, UsageError } from '@winnow/core'
import { CLUSTER_KINDS, POLICIES } from '@winnow/dedup'
import type { RunConfig } from '@winnow/runtime'
import { layout, type ObjectStore } from '@winnow/storage'
import { z } from 'zod'
import { dedupOptions } from './dedup-options.js'
import { runFile } from './run-file.js'

/** Grows when a stage's code changes what it writes, so that an old folder is not silently mixed with new output. */
const OUTPUT_VERSION = 2

const fileState = z.object({ uri: z.string(), size: z.number(), probe: z.string() })
const runState = z.object({
  schema: z.literal(1),
  winnow: z.string(),
  /** Name of the run in the order log of its duplicate index. */
  run: z.string(),
  settings: z.record(z.string(), z.record(z.string(), z.unknown())),
  inputs: z.array(fileState),
  /** Of a run by the services of a cluster: where its duplicate index lies, relative to the run's prefix. */
  index: z.string().optional(),
  /** The policy of `winnow clusters` that the folder was made again with, and the run before that. */
  keep: z
    .object({
      kind: z.enum(CLUSTER_KINDS),
      policy: z.enum(POLICIES),
      metric: z.object({ stage: z.enum(STAGES), name: z.string() }).optional(),
      smallerIsBetter: z.boolean().optional(),
      run: runFile,
    })
    .optional(),
})

/** What an output folder was made from: settings by stage, and the input files. */
export type RunState = z.infer<typeof runState>
export type InputState = z.infer<typeof fileState>

/** Part of an output folder that depends on certain settings, in the order in which each depends on the ones before. */
export const PARTS = ['extract', 'quality', 'dedup', 'decontaminate', 'clean'] as const
export type Part = Stage | 'clean'

/** The settings that each part of the output depends on. `digests` are hashes of files that settings name. */
export function settingsByPart(
  config: RunConfig,
  digests: { blockLists: string; benchmarks: string },
): RunState['settings'] {
  const { stages, input, quality, dedup, decontaminate, format } = config
  const { blockLists, ...rules } = quality
  return {
    extract: {
      version: OUTPUT_VERSION,
      ...input,
      blockLists: digests.blockLists,
      extraction: stages.includes('extract'),
      // URLs are judged before a page is parsed, so by the extractor.
      screening: stages.includes('quality'),
    },
    quality: stages.includes('quality') ? { ...rules } : { off: true },
    dedup: stages.includes('dedup')
      ? {
          profile: dedup.profile,
          kind: dedup.kind,
          ...(dedup.index === undefined ? {} : { index: resolve(dedup.index) }),
          ...dedupOptions({ dedup }).parameters,
          ...(dedup.passages === undefined ? {} : { passages: dedup.passages }),
        }
      : { off: true },
    decontaminate: stages.includes('decontaminate')
      ? { ...decontaminate, benchmarks: digests.benchmarks }
      : { off: true },
    clean: { format },
  }
}

/**
 * The name that a run has in the order log: that of its folder, and a digest of where the folder is. The same command
 * names it the same, so a run that lost its folder does not take its own documents for copies.
 */
export function runNameOf(folder: string): string {
  const path = resolve(folder)
  const name = basename(path).replace(/[^\w.-]+/g, '-')
  return `${name || 'run'}-${hash64(Buffer.from(path)).toString(16).padStart(16, '0').slice(0, 8)}`
}

export async function readState(store: ObjectStore): Promise<RunState | undefined> {
  if ((await store.head(layout.state)) === undefined) return undefined
  const text = Buffer.from(await store.get(layout.state)).toString('utf8')
  try {
    return runState.parse(JSON.parse(text))
  } catch (error) {
    throw new CorruptError(
      `${store.uri}/${layout.state} is not what a run writes there`,
      'choose another --out, or delete the folder and start again',
      error,
    )
  }
}

export async function writeState(store: ObjectStore, state: RunState): Promise<void> {
  await store.put(layout.state, Buffer.from(`${JSON.stringify(state, null, 2)}\n`))
}

/** The settings that differ between a folder and this command: the part, the setting and both values. */
export interface Difference {
  readonly part: Part
  readonly text: string
}

export function settingDifferences(
  before: RunState['settings'],
  now: RunState['settings'],
): Difference[] {
  const differences: Difference[] = []
  for (const part of PARTS) {
    const was = before[part] ?? {}
    const is = now[part] ?? {}
    for (const name of new Set([...Object.keys(was), ...Object.keys(is)])) {
      const [a, b] = [JSON.stringify(was[name]), JSON.stringify(is[name])]
      if (a !== b)
        differences.push({ part, text: `${part}.${name} was ${a ?? 'unset'}, now ${b ?? 'unset'}` })
    }
  }
  return differences
}

/** Throws UsageError when a file of the earlier run is now another one under the same name. */
export function requireSameInputs(before: readonly InputState[], now: readonly InputState[]): void {
  const known = new Map(before.map((input) => [input.uri, input]))
  const changed = now.filter((input) => {
    const earlier = known.get(input.uri)
    return earlier !== undefined && (earlier.size !== input.size || earlier.probe !== input.probe)
  })
  if (changed.length > 0)
    throw new UsageError(
      `${changed.length} input(s) changed since this folder was begun, first: ${changed[0]?.uri}`,
      'its documents are already in the output: choose another --out, or put the file back',
    )
}

/** Digest of pieces of a file, which tells one file from another cheaply. */
export function probeDigest(pieces: readonly Uint8Array[]): string {
  return hash64(Buffer.concat(pieces)).toString(16).padStart(16, '0')
}

/** The stages that a folder's documents went through. */
export function stagesIn({ settings }: RunState): Stage[] {
  return STAGES.filter((stage) => {
    const part = settings[stage]
    const compared = stage !== 'decontaminate' || part?.benchmarks !== ''
    return part?.off !== true && compared
  })
}

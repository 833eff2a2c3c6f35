import { type Stage, UsageError } from '@winnow/core'
import type { RunConfig } from '@winnow/runtime'
import { LocalStore, layout } from '@winnow/storage'
import {
  type InputState,
  PARTS,
  type Part,
  type RunState,
  readState,
  requireSameInputs,
  settingDifferences,
  writeState,
} from './run-state.js'

/** What depends on each part of the settings, besides its own attributes: removed when that part is made again. */
const OUTPUTS: Record<Part, readonly string[]> = {
  extract: ['documents/', 'skipped/', 'attributes/extract/'],
  quality: ['attributes/quality/'],
  dedup: ['attributes/dedup/', 'index/'],
  decontaminate: ['attributes/decontaminate/'],
  clean: ['clean/', 'summaries/', 'dead-letters/'],
}

/**
 * Makes the folder ready for a run with these settings: new, or one that an earlier run with the same settings
 * began. With other settings it is refused, or, with `overwrite`, what depends on the changed ones is deleted.
 */
export async function prepareFolder(
  store: LocalStore,
  wanted: Pick<RunState, 'settings' | 'winnow'> & { inputs: readonly InputState[] },
  overwrite: boolean,
): Promise<void> {
  await store.removeUnfinished()
  const before = await readState(store)
  if (before !== undefined) {
    requireSameInputs(before.inputs, wanted.inputs)
    const differences = settingDifferences(before.settings, wanted.settings)
    if (differences.length > 0 && !overwrite)
      throw new UsageError(
        `${store.root} was made with other settings:\n  ${differences.map((d) => d.text).join('\n  ')}`,
        'choose another --out, or add --overwrite to make again what depends on them (the rest is kept)',
      )
    const first = differences[0]
    if (first !== undefined) await removeFrom(store, first.part)
  }
  const known = new Map((before?.inputs ?? []).map((input) => [input.uri, input]))
  for (const input of wanted.inputs) known.set(input.uri, input)
  await writeState(store, {
    schema: 1,
    winnow: wanted.winnow,
    settings: wanted.settings,
    inputs: [...known.values()],
  })
}

/** Deletes the outputs of `part` and of every part after it. */
async function removeFrom(store: LocalStore, part: Part): Promise<void> {
  const parts = PARTS.slice(PARTS.indexOf(part))
  for (const prefix of parts.flatMap((name) => OUTPUTS[name]))
    for await (const { key } of store.list(prefix)) await store.delete(key)
  for (const key of [layout.run, layout.reportJson, layout.reportHtml]) await store.delete(key)
}

/** True when the shard has gone through every stage. */
export async function isDone(
  store: LocalStore,
  shard: string,
  format: RunConfig['format'],
): Promise<boolean> {
  return (await store.head(layout.clean(shard, format))) !== undefined
}

/** An existing output folder. Throws UsageError when no run has written there. */
export async function openFolder(folder: string): Promise<{ store: LocalStore; state: RunState }> {
  const store = new LocalStore(folder)
  const state = await readState(store)
  if (state === undefined)
    throw new UsageError(
      `${store.root} is no output folder of winnow: it has no ${layout.state}`,
      'give the folder that was --out of a run',
    )
  return { store, state }
}

/** The stages that ran in a folder. */
export function stagesIn(state: RunState): Stage[] {
  return (['extract', 'quality', 'dedup', 'decontaminate'] as const).filter(
    (stage) => state.settings[stage]?.off !== true,
  )
}

import { dedupParameters, passageOptions } from '@winnow/dedup'
import type { IndexSettings } from '@winnow/dedup-service'
import type { RunConfig } from '@winnow/runtime'

/** The profile's deduplication parameters with the run's changes. Throws UsageError naming a value out of range. */
export function dedupOptions({ dedup }: Pick<RunConfig, 'dedup'>): IndexSettings {
  const { profile, index, snapshotKeys, passages, ...changes } = dedup
  const given = Object.entries(changes).filter(([, value]) => value !== undefined)
  return {
    parameters: dedupParameters(profile, Object.fromEntries(given)),
    ...(passages === undefined ? {} : { passages: passageOptions(passages) }),
  }
}

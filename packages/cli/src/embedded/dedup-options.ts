import { UsageError } from '@winnow/core'
import { dedupParameters, passageOptions } from '@winnow/dedup'
import type { IndexSettings } from '@winnow/dedup-service'
import type { RunConfig } from '@winnow/runtime'

/** The profile's deduplication parameters with the run's changes. Throws UsageError naming a value out of range. */
export function dedupOptions({ dedup }: Pick<RunConfig, 'dedup'>): IndexSettings {
  const { profile, index, snapshotKeys, kind, expectedDocuments, passages, ...changes } = dedup
  const given = Object.entries(changes).filter(([, value]) => value !== undefined)
  const parameters = dedupParameters(profile, Object.fromEntries(given))
  if (kind === 'bloom' && (parameters.verify !== 'off' || parameters.against !== 'every'))
    throw new UsageError(
      'a bloom index does not know the earlier document, so nothing can be verified against it',
      'Set dedup.verify to off and dedup.against to every, as the profile fineweb has them, or dedup.kind to exact.',
    )
  return {
    kind,
    expectedDocuments,
    parameters,
    ...(passages === undefined ? {} : { passages: passageOptions(passages) }),
  }
}

import { type DedupParameters, dedupParameters } from '@winnow/dedup'
import type { RunConfig } from '@winnow/runtime'

/** The profile's deduplication parameters with the run's changes. Throws UsageError naming a value out of range. */
export function dedupOptions({ dedup }: Pick<RunConfig, 'dedup'>): DedupParameters {
  const { profile, ngram, bands, rows, verify } = dedup
  return dedupParameters(profile, {
    ...(ngram === undefined ? {} : { ngram }),
    ...(bands === undefined ? {} : { bands }),
    ...(rows === undefined ? {} : { rows }),
    ...(verify === undefined ? {} : { verify }),
  })
}

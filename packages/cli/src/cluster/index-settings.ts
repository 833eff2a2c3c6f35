import { signatureFingerprint } from '@winnow/dedup'
import type { RunConfig } from '@winnow/runtime'
import { dedupOptions } from '../embedded/dedup-options.js'

/** What the key files of a run are made with, as the order log names it. */
export function parameterFingerprint(config: Pick<RunConfig, 'dedup'>): string {
  return signatureFingerprint(dedupOptions(config).parameters)
}

import type { ObjectStore } from '@winnow/storage'

/** Where runs and the duplicate index lie below `storage.uri`. */
export const INDEX_PREFIX = 'index/'
export const runPrefix = (run: string): string => `runs/${run}/`
/** The resolved settings of a run; written when it is fed. */
export const RUN_CONFIG = 'run-config.json'
/** Whose presence says that a run is cancelled. */
export const CANCELLED = 'cancelled.json'

/** How long a run that was not cancelled is taken not to be, milliseconds: one small request per run and half minute. */
const BELIEVED = 30_000

/** Tells workers whether the run of a message is cancelled, so that they pass over its shards. */
export class CancelledRuns {
  private readonly known = new Map<string, { cancelled: boolean; at: number }>()

  /** @param store at `storage.uri` */
  constructor(
    private readonly store: ObjectStore,
    private readonly now: () => number = Date.now,
  ) {}

  async has(run: string): Promise<boolean> {
    const known = this.known.get(run)
    if (known !== undefined && (known.cancelled || this.now() - known.at < BELIEVED))
      return known.cancelled
    const cancelled = (await this.store.head(runPrefix(run) + CANCELLED)) !== undefined
    this.known.set(run, { cancelled, at: this.now() })
    return cancelled
  }
}

/** Cancels a run: false when it was cancelled before. Shards in work are finished, those waiting are passed over. */
export function cancelRun(store: ObjectStore, run: string): Promise<boolean> {
  const note = { schema: 1, run, at: new Date().toISOString() }
  return store.putIfAbsent(runPrefix(run) + CANCELLED, Buffer.from(`${JSON.stringify(note)}\n`))
}

import { type ShardMessage, TOPICS, type Topic } from '@winnow/core'
import type { RunStatus } from '@winnow/runtime/cluster-status'

/** Stages in the order of the pipeline, and the topic on which a shard appears when it has passed one. */
export const PASSES = [
  { stage: 'extractor', topic: TOPICS.extracted },
  { stage: 'quality-filter', topic: TOPICS.filtered },
  { stage: 'dedup-sign', topic: TOPICS.dedupOrder },
  { stage: 'dedup-resolve', topic: TOPICS.deduplicated },
  { stage: 'decontaminator', topic: TOPICS.clean },
] as const

/** How far a shard has come: 0 when it is fed, `i + 1` when it has passed stage `i`. */
const PLACE: ReadonlyMap<Topic, number> = new Map<Topic, number>([
  [TOPICS.crawlShards, 0],
  ...PASSES.map(({ topic }, index): [Topic, number] => [topic, index + 1]),
])
const CLEAN = PASSES.length

/** Rates are over this long, milliseconds. */
const WINDOW = 600_000

interface Sample {
  readonly at: number
  readonly passed: readonly number[]
}

/**
 * Where the shards of one run are. A message that comes again, or out of order with another topic's, changes nothing:
 * a shard is as far as the furthest message about it. About 100 bytes per shard.
 */
export class RunProgress {
  fedAt: number | undefined
  cancelled = false
  private readonly places = new Map<string, number>()
  /** Shards by place. */
  private readonly counts = new Array<number>(CLEAN + 1).fill(0)
  /** Roles that gave a shard up. */
  private readonly dead = new Map<string, Set<string>>()
  private samples: Sample[] = []
  private signed = 0
  private left = 0

  constructor(readonly run: string) {}

  /** A message about the shard stands on `topic`. */
  see(topic: Topic, shard: string, message?: Pick<ShardMessage, 'timings'>): void {
    const place = PLACE.get(topic)
    if (place === undefined) return
    const before = this.places.get(shard)
    if (before !== undefined && before >= place) return
    if (before !== undefined) this.counts[before] = (this.counts[before] as number) - 1
    this.counts[place] = (this.counts[place] as number) + 1
    this.places.set(shard, place)
    if (place !== CLEAN || message === undefined) return
    const { sign, decontaminate } = message.timings
    if (sign === undefined || decontaminate === undefined) return
    this.signed += sign.documents
    this.left += Math.min(decontaminate.documents, sign.documents)
  }

  /** The role gave the shard up. */
  bury(shard: string, role: string): void {
    if (!this.places.has(shard)) this.see(TOPICS.crawlShards, shard)
    const roles = this.dead.get(shard) ?? new Set()
    this.dead.set(shard, roles.add(role))
  }

  /** The shard was fed to the role again. */
  revive(shard: string, role: string): void {
    const roles = this.dead.get(shard)
    roles?.delete(role)
    if (roles?.size === 0) this.dead.delete(shard)
  }

  /** Remembers where things stand now, for rates. */
  sample(now: number): void {
    this.samples.push({ at: now, passed: this.passed() })
    const oldest = this.samples.findIndex(({ at }) => at >= now - WINDOW)
    if (oldest > 0) this.samples = this.samples.slice(oldest)
  }

  status(): RunStatus {
    const passed = this.passed()
    const rates = this.rates()
    const dead = this.deadBy()
    const fed = this.places.size
    const clean = passed[CLEAN] as number
    const deadShards = [...dead.values()].reduce((sum, count) => sum + count, 0)
    const inFlight = fed - clean - deadShards
    const perSecond = rates?.[CLEAN]
    const state = this.state(fed, inFlight, deadShards)
    return {
      run: this.run,
      ...(this.fedAt === undefined ? {} : { fedAt: new Date(this.fedAt).toISOString() }),
      state,
      fed,
      clean,
      inFlight,
      dead: deadShards,
      stages: PASSES.map(({ stage }, index) => {
        const rate = rates?.[index + 1]
        return {
          stage,
          done: passed[index + 1] as number,
          waiting: (passed[index] as number) - (passed[index + 1] as number),
          dead: dead.get(index) ?? 0,
          ...(rate === undefined ? {} : { perSecond: rate }),
        }
      }),
      ...(perSecond === undefined ? {} : { perSecond }),
      ...(state === 'running' && perSecond !== undefined && perSecond > 0
        ? { etaSeconds: inFlight / perSecond }
        : {}),
      ...(this.signed === 0 ? {} : { duplicateRatio: 1 - this.left / this.signed }),
    }
  }

  private state(fed: number, inFlight: number, dead: number): RunStatus['state'] {
    if (this.cancelled) return 'cancelled'
    if (inFlight > 0 || fed === 0) return 'running'
    return dead > 0 ? 'done with dead letters' : 'done'
  }

  /** `passed[i]`: shards that have come to place `i` or further. */
  private passed(): number[] {
    const passed = [...this.counts]
    for (let place = CLEAN - 1; place >= 0; place--)
      passed[place] = (passed[place] as number) + (passed[place + 1] as number)
    return passed
  }

  /** Dead shards by the index of the stage that they wait at. One that became clean all the same is not dead. */
  private deadBy(): Map<number, number> {
    const by = new Map<number, number>()
    for (const shard of this.dead.keys()) {
      const place = this.places.get(shard) ?? 0
      if (place < CLEAN) by.set(place, (by.get(place) ?? 0) + 1)
    }
    return by
  }

  private rates(): number[] | undefined {
    const first = this.samples[0]
    const last = this.samples.at(-1)
    if (first === undefined || last === undefined || last.at <= first.at) return undefined
    return last.passed.map(
      (count, place) => (1000 * (count - (first.passed[place] as number))) / (last.at - first.at),
    )
  }
}

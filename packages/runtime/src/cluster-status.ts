import { z } from 'zod'

const count = z.number().int().nonnegative()
const rate = z.number().nonnegative()

const source = z.object({ ok: z.boolean(), error: z.string().optional() })

const stageOfRun = z.object({
  stage: z.string(),
  /** Shards that have passed the stage. */
  done: count,
  /** Shards that have passed the stage before, but not this one. */
  waiting: count,
  /** Of those, given up by this stage. */
  dead: count,
  /** Shards per second over the last ten minutes; absent until there is something to tell it from. */
  perSecond: rate.optional(),
})

export const runStatus = z.object({
  run: z.string(),
  /** When it was first fed, ISO 8601. */
  fedAt: z.string().optional(),
  state: z.enum(['running', 'done', 'done with dead letters', 'cancelled']),
  fed: count,
  clean: count,
  inFlight: count,
  dead: count,
  stages: z.array(stageOfRun),
  perSecond: rate.optional(),
  etaSeconds: z.number().nonnegative().optional(),
  duplicateRatio: z.number().min(0).max(1).optional(),
})
export type RunStatus = z.infer<typeof runStatus>

/** What the metrics service answers at /status. */
export const clusterStatus = z.object({
  schema: z.literal(1),
  at: z.string(),
  /** False while the topics are read from their start: numbers are too small then. */
  caughtUp: z.boolean(),
  kafka: source,
  storage: source,
  lag: z.array(
    z.object({
      stage: z.string(),
      topic: z.string(),
      lag: count,
      partitions: z.array(z.object({ partition: count, lag: count })),
    }),
  ),
  index: z.object({
    logEnd: count,
    snapshot: z.object({ position: count, ageSeconds: rate }).optional(),
  }),
  deadLetters: z.object({ open: count, byStage: z.record(z.string(), count) }),
  /** The newest first, at most 50. */
  runs: z.array(runStatus),
})
export type ClusterStatus = z.infer<typeof clusterStatus>

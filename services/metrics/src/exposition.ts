import type { ClusterStatus } from '@winnow/runtime/cluster-status'
import type { Metrics } from '@winnow/runtime/service'

/** Sets the gauges to what the status says. What is known no more (an old run, an ETA) is exposed no more. */
export function expose(metrics: Metrics, status: ClusterStatus): void {
  exposeLag(metrics, status)
  exposeRuns(metrics, status)
  const { snapshot, logEnd } = status.index
  metrics.logEnd.set(logEnd)
  for (const gauge of [metrics.snapshotAge, metrics.snapshotPosition]) gauge.remove()
  if (snapshot !== undefined) {
    metrics.snapshotAge.set(snapshot.ageSeconds)
    metrics.snapshotPosition.set(snapshot.position)
  }
  metrics.openDeadLetters.reset()
  for (const [stage, open] of Object.entries(status.deadLetters.byStage))
    metrics.openDeadLetters.set({ stage }, open)
}

function exposeLag({ consumerLag }: Metrics, { lag }: ClusterStatus): void {
  consumerLag.reset()
  for (const { stage, topic, partitions } of lag)
    for (const { partition, lag: behind } of partitions)
      consumerLag.set({ stage, topic, partition: String(partition) }, behind)
}

function exposeRuns(metrics: Metrics, { runs }: ClusterStatus): void {
  const gauges = [
    metrics.runShards,
    metrics.runStageShards,
    metrics.runDuplicates,
    metrics.runRate,
    metrics.runEta,
  ]
  for (const gauge of gauges) gauge.reset()
  for (const { run, fed, inFlight, clean, dead, stages, ...rest } of runs) {
    for (const [state, shards] of Object.entries({ fed, in_flight: inFlight, clean, dead }))
      metrics.runShards.set({ run, state }, shards)
    for (const { stage, done } of stages) metrics.runStageShards.set({ run, stage }, done)
    if (rest.duplicateRatio !== undefined) metrics.runDuplicates.set({ run }, rest.duplicateRatio)
    if (rest.perSecond !== undefined) metrics.runRate.set({ run }, rest.perSecond)
    if (rest.etaSeconds !== undefined) metrics.runEta.set({ run }, rest.etaSeconds)
  }
}

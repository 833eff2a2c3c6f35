import type { KafkaBus } from '@winnow/bus/kafka'
import { StorageError } from '@winnow/core'
import type { ClusterConfig } from '@winnow/runtime/cluster-config'
import { type ClusterStatus, clusterStatus } from '@winnow/runtime/cluster-status'
import { connectKafka } from './cluster/connect.js'

const PATIENCE = 10_000

/** Does something with Kafka, and closes the connection however it ends. */
export async function withBus<T>(
  config: ClusterConfig,
  use: (bus: KafkaBus) => Promise<T>,
): Promise<T> {
  const bus = await connectKafka(config)
  try {
    return await use(bus)
  } finally {
    await bus.close()
  }
}

/** Asks the metrics service. Throws StorageError that says what to do when it does not answer as it should. */
export async function fetchStatus(url: string): Promise<ClusterStatus> {
  const address = new URL('/status', url).href
  let body: unknown
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(PATIENCE) })
    if (!response.ok) throw new Error(`it answered ${response.status}`)
    body = await response.json()
  } catch (error) {
    const { message, cause } = error as Error
    const reason = cause instanceof Error && cause.message !== '' ? cause.message : message
    throw new StorageError(`cannot ask the metrics service at ${address}: ${reason}`, {
      cause: error,
      hint: 'start it (winnow serve metrics), or say where it is with --url, WINNOW_METRICS_URL or metrics.url; in Kubernetes: kubectl port-forward service/winnow-metrics 9464',
    })
  }
  const parsed = clusterStatus.safeParse(body)
  if (parsed.success) return parsed.data
  throw new StorageError(`${address} is not the metrics service of this version of Winnow`, {
    hint: 'check the address: every service answers on such a port; and that both have the same version',
  })
}

import { startMetricsService } from '@winnow/metrics-service'
import type { ClusterConfig } from '@winnow/runtime/cluster-config'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { VERSION } from '../version.js'

/** The `metrics` role: knows what no single worker knows. */
export async function serveMetrics(config: ClusterConfig): Promise<ExitCode> {
  const service = await startMetricsService(config, { version: VERSION })
  await service.done
  return EXIT.done
}

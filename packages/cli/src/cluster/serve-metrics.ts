import { UsageError } from '@winnow/core'
import type { ClusterConfig } from '@winnow/runtime/cluster-config'
import type { ExitCode } from '../exit-codes.js'

export async function serveMetrics(_: ClusterConfig): Promise<ExitCode> {
  throw new UsageError('wip')
}

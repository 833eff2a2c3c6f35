import { KafkaBus } from '@winnow/bus/kafka'
import type { ClusterConfig } from '@winnow/runtime/cluster-config'

/** Connects to the brokers that the configuration names. Throws StorageError that says what to do. */
export function connectKafka({ kafka }: Pick<ClusterConfig, 'kafka'>): Promise<KafkaBus> {
  // What new topics are made like is nothing to a client.
  const { partitions: _, replication: __, ...settings } = kafka
  return KafkaBus.connect(settings)
}

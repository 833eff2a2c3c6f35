import { readFile } from 'node:fs/promises'
import { KafkaBus, type KafkaSettings } from '@winnow/bus/kafka'
import type { ClusterConfig } from '@winnow/runtime/cluster-config'

/** Connects to the brokers that the configuration names. Throws StorageError that says what to do. */
export function connectKafka({ kafka }: Pick<ClusterConfig, 'kafka'>): Promise<KafkaBus> {
  const { brokers, clientId, topicPrefix, sessionTimeoutMs, ssl, sasl } = kafka
  const settings: KafkaSettings = {
    brokers,
    clientId,
    topicPrefix,
    sessionTimeoutMs,
    ssl: typeof ssl === 'boolean' ? ssl : renamed(ssl),
  }
  if (sasl === undefined) return KafkaBus.connect(settings)
  const { mechanism, username = '', password, tokenFile } = sasl
  if (mechanism !== 'oauthbearer')
    return KafkaBus.connect({
      ...settings,
      sasl: { mechanism, username, ...(password === undefined ? {} : { password }) },
    })
  const token = async () => (await readFile(tokenFile ?? '', 'utf8')).trim()
  return KafkaBus.connect({ ...settings, sasl: { mechanism } }, { token })
}

function renamed({
  serverName,
  ...files
}: Exclude<ClusterConfig['kafka']['ssl'], boolean>): Exclude<KafkaSettings['ssl'], boolean> {
  return { ...files, ...(serverName === undefined ? {} : { servername: serverName }) }
}

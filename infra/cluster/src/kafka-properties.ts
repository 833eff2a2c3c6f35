import type { KafkaServer } from './kafka-server.js'

/** One broker and controller: its id, its three ports and its data folder. */
export interface KafkaNode {
  readonly id: number
  readonly client: number
  readonly internal: number
  readonly controller: number
  readonly data: string
}

/** To the console: warnings, and the line that says that the broker serves. */
export const LOGGING = `rootLogger.level=WARN
rootLogger.appenderRef.out.ref=out
appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d %-5p %c{1}: %m%n
logger.started.name=kafka.server.KafkaRaftServer
logger.started.level=INFO
`

/** The server.properties of one of `nodes`. Names and meanings: Kafka's documentation, "Broker Configs". */
export function brokerProperties(
  node: KafkaNode,
  nodes: readonly KafkaNode[],
  users: KafkaServer['users'],
): string {
  const replicas = nodes.length
  const open = `CLIENT://127.0.0.1:${node.client},INTERNAL://127.0.0.1:${node.internal}`
  const properties: Record<string, string | number | boolean> = {
    'process.roles': 'broker,controller',
    'node.id': node.id,
    listeners: `${open},CONTROLLER://127.0.0.1:${node.controller}`,
    'advertised.listeners': open,
    'listener.security.protocol.map': `CLIENT:${users ? 'SASL_PLAINTEXT' : 'PLAINTEXT'},INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT`,
    'inter.broker.listener.name': 'INTERNAL',
    'controller.listener.names': 'CONTROLLER',
    'controller.quorum.voters': nodes
      .map(({ id, controller }) => `${id}@127.0.0.1:${controller}`)
      .join(','),
    'log.dirs': node.data,
    // A missing topic is an error that the services must report.
    'auto.create.topics.enable': false,
    'default.replication.factor': replicas,
    'min.insync.replicas': Math.min(2, replicas),
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': Math.min(2, replicas),
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': Math.min(2, replicas),
    // A group of one process starts at once, and session time-outs may be as short as a test needs.
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1_000,
    // A lost broker is noticed after 3 s instead of 9.
    'broker.heartbeat.interval.ms': 500,
    'broker.session.timeout.ms': 3_000,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'num.recovery.threads.per.data.dir': 2,
    'log.cleaner.dedupe.buffer.size': 16 * 1024 * 1024,
  }
  return [...Object.entries(properties), ...(users ? access(users) : [])]
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

/** Clients log in; brokers among themselves, on the listeners that only they know, need not. */
function access(users: NonNullable<KafkaServer['users']>): [string, string][] {
  const listener = 'listener.name.client'
  const modules = 'org.apache.kafka.common.security'
  const passwords = Object.values(users)
    .map(({ username, password }) => `user_${username}="${password}"`)
    .join(' ')
  const scram = `${modules}.scram.ScramLoginModule required;`
  return [
    [`${listener}.sasl.enabled.mechanisms`, 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512'],
    [
      `${listener}.plain.sasl.jaas.config`,
      `${modules}.plain.PlainLoginModule required ${passwords};`,
    ],
    [`${listener}.scram-sha-256.sasl.jaas.config`, scram],
    [`${listener}.scram-sha-512.sasl.jaas.config`, scram],
    ['authorizer.class.name', 'org.apache.kafka.metadata.authorizer.StandardAuthorizer'],
    ['super.users', `User:ANONYMOUS;User:${users.admin.username}`],
  ]
}

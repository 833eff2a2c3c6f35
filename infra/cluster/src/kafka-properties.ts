/** A user of a Kafka that asks for credentials. */
export interface KafkaUser {
  readonly username: string
  readonly password: string
}

/** `admin` may do everything, `nobody` may log in and do nothing. PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512. */
export interface KafkaUsers {
  readonly admin: KafkaUser
  readonly nobody: KafkaUser
}

/** One broker and controller. */
export interface KafkaNode {
  readonly id: number
  /** Address it listens on. */
  readonly bind: string
  /** Name by which clients reach it. */
  readonly clientHost: string
  /** Name by which the other brokers reach it. */
  readonly host: string
  /** Ports for clients, for the other brokers and for the controllers. */
  readonly client: number
  readonly internal: number
  readonly controller: number
  /** Data folder. */
  readonly data: string
}

/** `kafka.tools.StorageTool format` and its arguments: writes the cluster's id and its users into an empty data folder. */
export function formatCommand(
  clusterId: string,
  settings: string,
  users: KafkaUsers | undefined,
): string[] {
  const credentials = Object.values(users ?? {}).flatMap(({ username, password }) =>
    ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
      '--add-scram',
      `${mechanism}=[name=${username},password=${password}]`,
    ]),
  )
  const command = ['kafka.tools.StorageTool', 'format', '--ignore-formatted', '-t', clusterId]
  return [...command, '-c', settings, ...credentials]
}

/** Options of a Java machine with little to do: a quick start and a small heap rather than the last per cent. */
export function jvmOptions(heapMb: number, loggingFile: string, jars: string): string[] {
  const memory = ['-Xms64m', `-Xmx${heapMb}m`, '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']
  return [...memory, `-Dlog4j2.configurationFile=${loggingFile}`, '-cp', `${jars}/*`]
}

/** What a broker prints, with {@link LOGGING}, when it serves. */
export const SERVES = 'Kafka Server started'

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
  users: KafkaUsers | undefined,
): string {
  const replicas = nodes.length
  const properties: Record<string, string | number | boolean> = {
    'process.roles': 'broker,controller',
    'node.id': node.id,
    listeners: `CLIENT://${node.bind}:${node.client},INTERNAL://${node.bind}:${node.internal},CONTROLLER://${node.bind}:${node.controller}`,
    'advertised.listeners': `CLIENT://${node.clientHost}:${node.client},INTERNAL://${node.host}:${node.internal},CONTROLLER://${node.host}:${node.controller}`,
    'listener.security.protocol.map': `CLIENT:${users ? 'SASL_PLAINTEXT' : 'PLAINTEXT'},INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT`,
    'inter.broker.listener.name': 'INTERNAL',
    'controller.listener.names': 'CONTROLLER',
    'controller.quorum.voters': nodes
      .map(({ id, host, controller }) => `${id}@${host}:${controller}`)
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
function access(users: KafkaUsers): [string, string][] {
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

import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { java, kafkaJars } from './components.js'
import { freePorts } from './free-ports.js'
import { brokerProperties, type KafkaNode, LOGGING } from './kafka-properties.js'
import { ServerProcess } from './server-process.js'

const run = promisify(execFile)

/** A user of a Kafka that asks for credentials. */
export interface KafkaUser {
  readonly username: string
  readonly password: string
}

/** A running Kafka. Brokers are counted from 0, in the order of `brokers`. */
export interface KafkaServer {
  /** `host:port` of each broker. They stay the same over `kill` and `restart`. */
  readonly brokers: string[]
  /** With `sasl`: `admin` may do everything, `nobody` may log in and do nothing. PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512. */
  readonly users?: { readonly admin: KafkaUser; readonly nobody: KafkaUser }
  /** Folder with the brokers' own log files, broker-0.log and so on. */
  readonly logDir: string
  /** Ends a broker as a power cut does (SIGKILL). Its data stay. */
  kill(broker: number): Promise<void>
  /** Starts a broker again with its data, after a SIGKILL if it still runs; resolves when it serves. */
  restart(broker: number): Promise<void>
  /** The broker keeps its connections and answers nothing, until `thaw`. */
  freeze(broker: number): Promise<void>
  thaw(broker: number): Promise<void>
  /** Ends all brokers and deletes their data. */
  stop(): Promise<void>
}

export interface KafkaOptions {
  /** 1 (default), or 3: topics then have three replicas and need two in sync. */
  readonly brokers?: 1 | 3
  /** Clients must log in, and need permissions. Default false. */
  readonly sasl?: boolean
  /** Folder for data, settings and logs, kept by `stop`. Default: a temporary one, deleted. */
  readonly folder?: string
  /** Largest Java heap of each broker, in MiB. Default 384, and 256 with three brokers. */
  readonly heapMb?: number
}

/**
 * Starts Kafka in KRaft mode on free ports of 127.0.0.1, each broker a controller too, and waits until it serves.
 * It ends with this process, however this process ends. Topics are never created by themselves.
 * @throws {MissingComponent} where Java is missing, or Maven when Kafka was not fetched before
 */
export async function startNativeKafka(options: KafkaOptions = {}): Promise<KafkaServer> {
  const { brokers: count = 1, sasl = false } = options
  const heapMb = options.heapMb ?? (count === 1 ? 384 : 256)
  const jars = await kafkaJars()
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'winnow-kafka-'))
  mkdirSync(folder, { recursive: true })
  const ports = await freePorts(count * 3)
  const nodes = Array.from({ length: count }, (_, i): KafkaNode => {
    const [client = 0, internal = 0, controller = 0] = ports.slice(i * 3, i * 3 + 3)
    return { id: i, client, internal, controller, data: join(folder, `data-${i}`) }
  })
  const users = sasl ? { admin: newUser('admin'), nobody: newUser('nobody') } : undefined
  writeFileSync(join(folder, 'log4j2.properties'), LOGGING)
  const jvm = jvmArguments(folder, jars, heapMb)
  const clusterId = randomBytes(16).toString('base64url')
  const servers = nodes.map((node) => {
    const settings = join(folder, `broker-${node.id}.properties`)
    writeFileSync(settings, brokerProperties(node, nodes, users))
    return new ServerProcess({
      name: `Kafka broker ${node.id}`,
      command: java(),
      args: [...jvm, 'kafka.Kafka', settings],
      logFile: join(folder, `broker-${node.id}.log`),
      isUp: (printed) => printed.includes('Kafka Server started'),
    })
  })
  const stop = async () => {
    await Promise.all(servers.map((server) => (options.folder ? server.stop() : server.kill())))
    if (options.folder === undefined) rmSync(folder, { recursive: true, force: true })
  }
  try {
    await Promise.all(nodes.map(({ id }) => format(jvm, clusterId, folder, id, users)))
    await Promise.all(servers.map((server) => server.start()))
  } catch (error) {
    await stop()
    throw error
  }
  const at = (broker: number): ServerProcess => {
    const server = servers[broker]
    if (server === undefined) throw new RangeError(`broker ${broker} of ${count}`)
    return server
  }
  return {
    brokers: nodes.map(({ client }) => `127.0.0.1:${client}`),
    ...(users && { users }),
    logDir: folder,
    kill: (broker) => at(broker).kill(),
    restart: async (broker) => {
      await at(broker).kill()
      await at(broker).start()
    },
    freeze: async (broker) => at(broker).freeze(),
    thaw: async (broker) => at(broker).thaw(),
    stop,
  }
}

const newUser = (username: string): KafkaUser => ({
  username,
  password: randomBytes(12).toString('hex'),
})

/** For a broker with little to do on a shared machine: a quick start and a small heap rather than the last per cent. */
function jvmArguments(folder: string, jars: string, heapMb: number): string[] {
  return [
    '-Xms64m',
    `-Xmx${heapMb}m`,
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    `-Dlog4j2.configurationFile=${join(folder, 'log4j2.properties')}`,
    '-cp',
    join(jars, '*'),
  ]
}

/** Writes the cluster's id and first records into a broker's data folder, unless they are there. */
async function format(
  jvm: string[],
  clusterId: string,
  folder: string,
  id: number,
  users: KafkaServer['users'],
): Promise<void> {
  const credentials = Object.values(users ?? {}).flatMap(({ username, password }) =>
    ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
      '--add-scram',
      `${mechanism}=[name=${username},password=${password}]`,
    ]),
  )
  const settings = join(folder, `broker-${id}.properties`)
  const command = ['format', '--ignore-formatted', '-t', clusterId, '-c', settings]
  await run(java(), [...jvm, 'kafka.tools.StorageTool', ...command, ...credentials])
}

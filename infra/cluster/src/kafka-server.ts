import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { java, kafkaJars } from './components.js'
import { freePorts } from './free-ports.js'
import {
  brokerProperties,
  formatCommand,
  jvmOptions,
  type KafkaNode,
  type KafkaUsers,
  LOGGING,
  SERVES,
} from './kafka-properties.js'
import { ownedFolder } from './owned-folder.js'
import { ServerProcess } from './server-process.js'

const run = promisify(execFile)

/** A running Kafka. Brokers are counted from 0, in the order of `brokers`. */
export interface KafkaServer {
  /** `host:port` of each broker. They stay the same over `kill` and `restart`. */
  readonly brokers: string[]
  /** With `sasl`. */
  readonly users?: KafkaUsers
  /** Folder with the brokers' own log files, broker-0.log and so on; none where they are containers. */
  readonly logDir?: string
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
  const folder = ownedFolder('winnow-kafka')
  const nodes = await planNodes(count, folder)
  const users = sasl ? newUsers() : undefined
  const logging = join(folder, 'log4j2.properties')
  writeFileSync(logging, LOGGING)
  const jvm = jvmOptions(heapMb, logging, jars)
  const servers = nodes.map((node) => {
    const settings = join(folder, `broker-${node.id}.properties`)
    writeFileSync(settings, brokerProperties(node, nodes, users))
    return new ServerProcess({
      name: `Kafka broker ${node.id}`,
      command: java(),
      args: [...jvm, 'kafka.Kafka', settings],
      logFile: join(folder, `broker-${node.id}.log`),
      isUp: (printed) => printed.includes(SERVES),
    })
  })
  const stop = async () => {
    await Promise.all(servers.map((server) => server.kill()))
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const clusterId = newClusterId()
    await Promise.all(
      nodes.map(({ id }) => {
        const settings = join(folder, `broker-${id}.properties`)
        return run(java(), [...jvm, ...formatCommand(clusterId, settings, users)])
      }),
    )
    await Promise.all(servers.map((server) => server.start()))
  } catch (error) {
    await stop()
    throw error
  }
  return { ...control(servers, nodes), ...(users && { users }), logDir: folder, stop }
}

/**
 * A random cluster id as Kafka writes them: 16 bytes in base64url. The first bit is 0, so that none begins with `-`,
 * which Kafka's tools take for an option.
 */
export function newClusterId(): string {
  const bytes = randomBytes(16)
  bytes[0]! &= 0x7f
  return bytes.toString('base64url')
}

export function newUsers(): KafkaUsers {
  const password = () => randomBytes(12).toString('hex')
  return {
    admin: { username: 'admin', password: password() },
    nobody: { username: 'nobody', password: password() },
  }
}

async function planNodes(count: number, folder: string): Promise<KafkaNode[]> {
  const ports = await freePorts(count * 3)
  const local = '127.0.0.1'
  return Array.from({ length: count }, (_, id) => {
    const [client = 0, internal = 0, controller = 0] = ports.slice(id * 3, id * 3 + 3)
    const data = join(folder, `data-${id}`)
    return { id, bind: local, clientHost: local, host: local, client, internal, controller, data }
  })
}

/** The part of a {@link KafkaServer} that acts on single brokers. */
function control(servers: readonly ServerProcess[], nodes: readonly KafkaNode[]) {
  const at = (broker: number): ServerProcess => {
    const server = servers[broker]
    if (server === undefined) throw new RangeError(`broker ${broker} of ${servers.length}`)
    return server
  }
  return {
    brokers: nodes.map(({ clientHost, client }) => `${clientHost}:${client}`),
    kill: (broker: number) => at(broker).kill(),
    restart: async (broker: number) => {
      await at(broker).kill()
      await at(broker).start()
    },
    freeze: async (broker: number) => at(broker).freeze(),
    thaw: async (broker: number) => at(broker).thaw(),
  }
}

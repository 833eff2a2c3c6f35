import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  BUCKET,
  brokerProperties,
  createBucket,
  formatCommand,
  freePorts,
  jvmOptions,
  KAFKA_VERSION,
  type KafkaNode,
  type KafkaOptions,
  type KafkaServer,
  LOGGING,
  newClusterId,
  newUsers,
  REGION,
  type S3Server,
  SERVES,
} from '@winnow/cluster'
import type { GenericContainer, StartedTestContainer } from 'testcontainers'
import type { Component } from './start.js'

/** Images of the projects themselves; others with the same content may be named by the environment. */
const IMAGES: Record<Component, string> = {
  kafka: process.env.WINNOW_TEST_KAFKA_IMAGE ?? `apache/kafka:${KAFKA_VERSION}`,
  s3: process.env.WINNOW_TEST_S3_IMAGE ?? 'versity/versitygw:v1.8.0',
}
/** A registry that cannot be reached must not hold up the tests. */
const PULL_TIMEOUT_MS = 180_000

/** Whether a Docker engine answers and has the image of `component`, or, with `pull`, gets it. */
export async function dockerHas(component: Component, pull: boolean): Promise<boolean> {
  if (!mayHaveDocker()) return false
  const { getContainerRuntimeClient, ImageName } = await import('testcontainers')
  try {
    const { image } = await getContainerRuntimeClient()
    const name = ImageName.fromString(IMAGES[component])
    if (await image.exists(name)) return true
    if (!pull) return false
    const gaveUp = sleep(PULL_TIMEOUT_MS, false, { ref: false })
    return await Promise.race([image.pull(name).then(() => true), gaveUp])
  } catch {
    return false
  }
}

/** Looks for the engine's socket before the client library is loaded, which takes a while. */
function mayHaveDocker(): boolean {
  if (process.env.DOCKER_HOST !== undefined) return true
  const runtime = process.env.XDG_RUNTIME_DIR
  return [
    '/var/run/docker.sock',
    join(homedir(), '.docker/run/docker.sock'),
    ...(runtime ? [join(runtime, 'docker.sock')] : []),
  ].some((socket) => existsSync(socket))
}

/** What one can do to a container besides what testcontainers offers. */
interface Container {
  kill(): Promise<void>
  restart(): Promise<void>
  freeze(): Promise<void>
  thaw(): Promise<void>
  stop(): Promise<void>
}

async function controlled(
  container: StartedTestContainer,
  isUp: (printed: string) => boolean | Promise<boolean>,
): Promise<Container> {
  const { getContainerRuntimeClient } = await import('testcontainers')
  const { container: engine } = await getContainerRuntimeClient()
  const handle = engine.getById(container.getId())
  const killed = async () => {
    const { Running } = (await handle.inspect()).State
    if (Running) await handle.kill()
  }
  return {
    kill: killed,
    restart: async () => {
      await killed()
      const since = Math.floor(Date.now() / 1000)
      await handle.start()
      const printed = async () =>
        String(await handle.logs({ stdout: true, stderr: true, follow: false, since }))
      for (let tries = 0; !(await isUp(await printed())); tries++) {
        if (tries > 600) throw new Error(`container ${container.getName()} did not come back`)
        await sleep(200)
      }
    },
    freeze: () => handle.pause(),
    thaw: () => handle.unpause(),
    stop: async () => {
      await container.stop({ timeout: 0, remove: true, removeVolumes: true })
    },
  }
}

/**
 * Kafka in containers, one per broker, with the settings of the native start. Only Java and /opt/kafka/libs of the
 * image are used: the settings are complete, and its own start script cannot make SCRAM users.
 */
export async function startDockerKafka(options: KafkaOptions): Promise<KafkaServer> {
  const { Network, getContainerRuntimeClient } = await import('testcontainers')
  const { brokers: count = 1, sasl = false, heapMb = 384 } = options
  const users = sasl ? newUsers() : undefined
  const { info } = await getContainerRuntimeClient()
  const clientHost = info.containerRuntime.host
  const network = await new Network().start()
  const ports = await freePorts(count)
  const nodes = ports.map((client, id) => dockerNode(id, client, clientHost))
  const clusterId = newClusterId()
  const started: Container[] = []
  const stop = async () => {
    await Promise.all(started.map((each) => each.stop()))
    await network.stop()
  }
  try {
    const containers = await Promise.all(
      nodes.map(async (node) => {
        const settings = brokerProperties(node, nodes, users)
        const jvm = jvmOptions(heapMb, `${FOLDER}/log4j2.properties`, '/opt/kafka/libs')
        const format = formatCommand(clusterId, `${FOLDER}/broker.properties`, users)
        const container = await (await kafkaContainer(settings, jvm, format))
          .withNetwork(network)
          .withNetworkAliases(node.host)
          .withExposedPorts({ container: node.client, host: node.client })
          .start()
        return controlled(container, (printed) => printed.includes(SERVES))
      }),
    )
    started.push(...containers)
  } catch (error) {
    await stop()
    throw error
  }
  const at = (broker: number): Container => {
    const container = started[broker]
    if (container === undefined) throw new RangeError(`broker ${broker} of ${count}`)
    return container
  }
  return {
    brokers: nodes.map(({ client }) => `${clientHost}:${client}`),
    ...(users && { users }),
    kill: (broker) => at(broker).kill(),
    restart: (broker) => at(broker).restart(),
    freeze: (broker) => at(broker).freeze(),
    thaw: (broker) => at(broker).thaw(),
    stop,
  }
}

/** Where a container has its settings; any user may write data there. */
const FOLDER = '/tmp/winnow'

const dockerNode = (id: number, client: number, clientHost: string): KafkaNode => ({
  id,
  bind: '0.0.0.0',
  clientHost,
  host: `broker-${id}`,
  client,
  internal: 19_092,
  controller: 19_093,
  data: '/tmp/winnow-data',
})

async function kafkaContainer(
  settings: string,
  jvm: string[],
  format: string[],
): Promise<GenericContainer> {
  const { GenericContainer, Wait } = await import('testcontainers')
  const line = (words: string[]) => words.map((word) => `'${word}'`).join(' ')
  const formatted = `java ${line([...jvm, ...format])}`
  const serve = `exec java ${line([...jvm, 'kafka.Kafka', `${FOLDER}/broker.properties`])}`
  return new GenericContainer(IMAGES.kafka)
    .withEntrypoint(['sh', '-c', `${formatted} && ${serve}`])
    .withCopyContentToContainer([
      { content: settings, target: `${FOLDER}/broker.properties`, mode: 0o644 },
      { content: LOGGING, target: `${FOLDER}/log4j2.properties`, mode: 0o644 },
    ])
    .withWaitStrategy(Wait.forLogMessage(SERVES))
    .withStartupTimeout(120_000)
}

/** An S3 server in a container, with its objects in the container's own layer. */
export async function startDockerS3(): Promise<S3Server> {
  const { GenericContainer, Wait } = await import('testcontainers')
  const [port = 0] = await freePorts(1)
  const keys = { accessKey: 'winnow', secretKey: newUsers().admin.password }
  const container = await new GenericContainer(IMAGES.s3)
    // The folder is one that the image has.
    .withCommand(['--port', `:${port}`, '--quiet', '--health', '/health', 'posix', '/tmp/vgw'])
    .withEnvironment({ ROOT_ACCESS_KEY: keys.accessKey, ROOT_SECRET_KEY: keys.secretKey })
    .withExposedPorts({ container: port, host: port })
    .withWaitStrategy(Wait.forHttp('/health', port))
    .start()
  const endpoint = `http://${container.getHost()}:${port}`
  const answers = () =>
    fetch(`${endpoint}/health`).then(
      ({ ok }) => ok,
      () => false,
    )
  const server = { endpoint, region: REGION, ...keys }
  const actions = await controlled(container, answers)
  try {
    await createBucket(server, BUCKET)
  } catch (error) {
    await actions.stop()
    throw error
  }
  return { ...server, bucket: BUCKET, ...actions }
}

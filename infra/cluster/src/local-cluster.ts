import { execFile } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { freePorts } from './free-ports.js'
import { type KafkaServer, startNativeKafka } from './kafka-server.js'
import { ownedFolder } from './owned-folder.js'
import { type S3Server, startNativeS3 } from './s3-server.js'
import { ServerProcess } from './server-process.js'

const run = promisify(execFile)
const WINNOW = fileURLToPath(new URL('../../../packages/cli/bin/winnow.cjs', import.meta.url))

/** The roles of one process each; index workers besides, as many as asked for. */
const SINGLE_ROLES = [
  'extractor',
  'quality-filter',
  'dedup-sign',
  'dedup-resolve',
  'decontaminator',
  'metrics',
]

/** All of Winnow's cluster as processes of this machine. */
export interface LocalCluster {
  /** Resolves with what to say when a role ends that nobody stopped. */
  readonly lost: Promise<string>
  /** Lets every role finish its work in hand, then ends Kafka and S3 and deletes all data. */
  stop(): Promise<void>
}

export interface LocalClusterOptions {
  readonly indexWorkers: number
  /** Takes one line or more for the user. */
  readonly say: (text: string) => void
}

/** Milliseconds that roles have for the shard in hand after Ctrl-C. */
const GRACE_MS = 60_000

/**
 * Starts Kafka, S3 and the roles, in this order.
 * @throws {MissingComponent} where Kafka or the S3 server cannot be had
 */
export async function startCluster(options: LocalClusterOptions): Promise<LocalCluster> {
  const { say } = options
  const closing: (() => Promise<void>)[] = []
  const stop = async () => {
    for (const close of closing.splice(0).reverse()) await close()
  }
  try {
    const folder = ownedFolder('winnow-cluster')
    closing.push(async () => rmSync(folder, { recursive: true, force: true }))
    say('starting S3 and Kafka (the first time they are fetched, which takes some minutes)')
    const s3 = await startNativeS3()
    closing.push(() => s3.stop())
    const kafka = await startNativeKafka()
    closing.push(() => kafka.stop())
    const [metricsPort = 0] = await freePorts(1)
    const env = environment(kafka, s3, metricsPort)
    await winnow(['doctor', '--create-topics'], env)
    const roles = await planRoles(options.indexWorkers, folder, env, metricsPort)
    closing.push(async () => {
      await Promise.all(roles.map(({ server }) => server.stop(GRACE_MS)))
    })
    say(`starting ${roles.length} roles`)
    for (const { server } of roles) await server.start()
    const script = join(folder, 'env.sh')
    writeFileSync(script, exports(env), { mode: 0o600 })
    say(directions(kafka, s3, roles, folder, script))
    return { lost: watch(roles), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

interface Role {
  readonly name: string
  readonly port: number
  readonly server: ServerProcess
}

/** What every `winnow` command needs to find this cluster. */
function environment(
  kafka: KafkaServer,
  s3: S3Server,
  metricsPort: number,
): Record<string, string> {
  return {
    WINNOW_KAFKA_BROKERS: kafka.brokers.join(','),
    WINNOW_STORAGE_URI: `s3://${s3.bucket}/try`,
    WINNOW_S3_ENDPOINT: s3.endpoint,
    WINNOW_S3_REGION: s3.region,
    WINNOW_S3_FORCE_PATH_STYLE: 'true',
    WINNOW_METRICS_URL: `http://127.0.0.1:${metricsPort}`,
    AWS_ACCESS_KEY_ID: s3.accessKey,
    AWS_SECRET_ACCESS_KEY: s3.secretKey,
  }
}

async function planRoles(
  indexWorkers: number,
  folder: string,
  env: Record<string, string>,
  metricsPort: number,
): Promise<Role[]> {
  const index = Array.from({ length: indexWorkers }, (_, ordinal) => ({
    role: 'dedup-index',
    name: `dedup-index-${ordinal}`,
    extra: { WINNOW_ORDINAL: String(ordinal), WINNOW_REPLICAS: String(indexWorkers) },
  }))
  const single = SINGLE_ROLES.map((role) => ({ role, name: role, extra: {} }))
  const all = [...single, ...index]
  const ports = await freePorts(all.length)
  return all.map(({ role, name, extra }, i) => {
    const port = role === 'metrics' ? metricsPort : ports[i]!
    const server = new ServerProcess({
      name,
      command: process.execPath,
      args: [WINNOW, 'serve', role],
      // One worker thread each: all roles share one machine.
      env: {
        ...env,
        ...extra,
        WINNOW_HTTP_HOST: '127.0.0.1',
        WINNOW_HTTP_PORT: String(port),
        WINNOW_WORKERS: '1',
      },
      logFile: join(folder, `${name}.log`),
      isUp: async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).ok,
    })
    return { name, port, server }
  })
}

async function winnow(args: string[], env: Record<string, string>): Promise<void> {
  try {
    await run(process.execPath, [WINNOW, ...args], { env: { ...process.env, ...env } })
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    throw new Error(`winnow ${args.join(' ')} failed:\n${stdout}${stderr}`)
  }
}

const exports = (env: Record<string, string>): string =>
  Object.entries(env)
    .map(([name, value]) => `export ${name}='${value}'\n`)
    .join('')

function directions(
  kafka: KafkaServer,
  s3: S3Server,
  roles: readonly Role[],
  folder: string,
  script: string,
): string {
  const width = Math.max(...roles.map(({ name }) => name.length))
  const pages = roles
    .map(({ name, port }) => `  ${name.padEnd(width)}  http://127.0.0.1:${port}/metrics`)
    .join('\n')
  return `
Kafka   ${kafka.brokers.join(',')}
S3      ${s3.endpoint}, bucket ${s3.bucket}
logs    ${folder}
${pages}

In another terminal:
  . ${script}
  npx winnow feed 'crawl/*.warc.gz' --run first
  npx winnow status --run first --watch

Ctrl-C here stops everything and deletes it.`
}

/** Looks every half second whether each role still runs; this also keeps the process alive. */
function watch(roles: readonly Role[]): Promise<string> {
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const gone = roles.find(({ server }) => !server.running)
      if (gone === undefined) return
      clearInterval(timer)
      resolve(`${gone.name} has ended; its last lines:\n${gone.server.lastLines()}`)
    }, 500)
  })
}

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { SharedKafka, SharedS3 } from '../stack/index.js'

const COMMAND = fileURLToPath(new URL('../../packages/cli/bin/winnow.cjs', import.meta.url))
/** Lines of its log that a failed test shows of each process. */
const SHOWN = 15

export type Role =
  | 'extractor'
  | 'quality-filter'
  | 'dedup-sign'
  | 'dedup-index'
  | 'dedup-resolve'
  | 'decontaminator'
  | 'metrics'

/** One process of a role. */
export interface RunningService {
  readonly role: Role
  readonly port: number
  readonly child: ChildProcess
  /** What it logged, lines. */
  readonly lines: readonly string[]
  /** Resolves with the exit code, null after a signal. */
  readonly ended: Promise<number | null>
}

/** Where the services of a test find Kafka and S3. */
export interface ClusterPlace {
  readonly kafka: Pick<SharedKafka, 'brokers' | 'topicPrefix'>
  readonly s3: Pick<SharedS3, 'endpoint' | 'accessKey' | 'secretKey' | 'uri'>
}

/** The services of one test, as processes of the built program. */
export class TestCluster {
  readonly folder = mkdtempSync(join(tmpdir(), 'winnow-cluster-'))
  readonly services: RunningService[] = []

  constructor(
    readonly place: ClusterPlace,
    private readonly settings: Readonly<Record<string, string>> = {},
  ) {
    mkdirSync(this.folder, { recursive: true })
  }

  /** The environment that tells a process of the cluster. */
  get environment(): NodeJS.ProcessEnv {
    const { kafka, s3 } = this.place
    return {
      ...process.env,
      NODE_EXTRA_CA_CERTS: undefined,
      WINNOW_CHAOS: undefined,
      AWS_ACCESS_KEY_ID: s3.accessKey,
      AWS_SECRET_ACCESS_KEY: s3.secretKey,
      WINNOW_KAFKA_BROKERS: kafka.brokers.join(','),
      WINNOW_KAFKA_TOPIC_PREFIX: kafka.topicPrefix,
      WINNOW_KAFKA_PARTITIONS: '4',
      WINNOW_STORAGE_URI: s3.uri,
      WINNOW_S3_ENDPOINT: s3.endpoint,
      WINNOW_S3_REGION: 'us-east-1',
      WINNOW_S3_FORCE_PATH_STYLE: 'true',
      WINNOW_WORKERS: '1',
      ...this.settings,
    }
  }

  /** Starts one process of a role. `ordinal` of `replicas` for the roles that follow the order log. */
  async start(role: Role, ordinal = 0, replicas = 1): Promise<RunningService> {
    const port = await freePort()
    const child = spawn(process.execPath, [COMMAND, 'serve', role], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...this.environment,
        WINNOW_HTTP_PORT: `${port}`,
        WINNOW_HTTP_HOST: '127.0.0.1',
        WINNOW_ORDINAL: `${ordinal}`,
        WINNOW_REPLICAS: `${replicas}`,
      },
    })
    const lines: string[] = []
    for (const stream of [child.stdout, child.stderr]) {
      let rest = ''
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        const parts = (rest + chunk).split('\n')
        rest = parts.pop() ?? ''
        lines.push(...parts)
      })
    }
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
    const service = { role, port, child, lines, ended }
    this.services.push(service)
    return service
  }

  /** Starts one process of each role that a run needs. */
  async startAll(): Promise<void> {
    for (const role of [
      'extractor',
      'quality-filter',
      'dedup-sign',
      'dedup-index',
      'dedup-resolve',
      'decontaminator',
    ] as const)
      await this.start(role)
  }

  of(role: Role): RunningService[] {
    return this.services.filter(
      (service) =>
        service.role === role && service.child.exitCode === null && !service.child.killed,
    )
  }

  /** Waits until a service answers that it is ready. */
  async ready({ role, port }: RunningService): Promise<void> {
    await this.until(`${role} ready`, async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined)
      return answer?.status === 200
    })
  }

  /** Runs a command of the program against the cluster. */
  run(args: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [COMMAND, ...args], {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: this.environment,
      })
      let stdout = ''
      let stderr = ''
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        stdout += chunk
      })
      child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
        stderr += chunk
      })
      child.on('error', reject)
      child.on('close', (code) => resolve({ code, stdout, stderr }))
    })
  }

  /** What the processes logged last, for the message of a failed test. */
  get story(): string {
    return this.services
      .map(({ role, lines, child }) => {
        const state = child.exitCode === null ? 'runs' : `ended with ${child.exitCode}`
        return `== ${role} (${state})\n${lines.slice(-SHOWN).join('\n')}`
      })
      .join('\n')
  }

  /** Waits for a condition; throws with what the processes said when it does not come about. */
  async until(what: string, condition: () => Promise<boolean>, seconds = 120): Promise<void> {
    const end = Date.now() + 1000 * seconds
    while (!(await condition())) {
      if (Date.now() > end) {
        writeFileSync(join(tmpdir(), 'winnow-cluster-story.log'), this.story)
        throw new Error(`${what}: not within ${seconds} s\n${this.story}`)
      }
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }

  /** Ends every process at once. */
  async stop(): Promise<void> {
    for (const { child } of this.services) child.kill('SIGKILL')
    await Promise.all(this.services.map(({ ended }) => ended))
    rmSync(this.folder, { recursive: true, force: true })
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        typeof address === 'object' && address !== null
          ? resolve(address.port)
          : reject(new Error('no port')),
      )
    })
  })
}

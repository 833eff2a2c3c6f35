import { kafkaSettings } from '@winnow/bus/kafka-settings'
import { UsageError } from '@winnow/core'
import { z } from 'zod'
import {
  mergeSettings,
  readSettingsFile,
  type Settings,
  validateSettings,
} from './settings-file.js'

const port = z.number().int().min(0).max(65_535)
const text = z.string().min(1)
const wholeFrom = (least: number) => z.number().int().min(least)

/** How to reach the brokers, and what the topics are made like. */
const kafka = kafkaSettings.extend({
  partitions: wholeFrom(1)
    .max(10_000)
    .default(12)
    .describe('partitions of a new topic, the most members a role can use; the order log has one'),
  replication: wholeFrom(1)
    .max(100)
    .default(1)
    .describe('copies of a new topic on the brokers; 3 where nothing may be lost'),
})

const storage = z.strictObject({
  uri: z
    .string({
      error: (issue) =>
        issue.input === undefined || issue.input === null
          ? 'is missing: give s3://bucket/prefix here or in WINNOW_STORAGE_URI'
          : undefined,
    })
    .regex(/^(s3:\/\/[^/\s]{3,63}(\/\S*)?|file:\/\/\/\S*|\/\S*)$/, {
      error: 'must be s3://bucket/prefix, or a folder that every process sees',
    })
    .describe('where everything lies: runs/NAME/ for each run, index/ for the duplicate index'),
  endpoint: z
    .url({ protocol: /^https?$/, error: 'must be a URL such as https://s3.example.org' })
    .optional()
    .describe('S3 server; default: Amazon’s'),
  region: text.optional().describe('region of the bucket; default: from the SDK’s usual chain'),
  forcePathStyle: z
    .boolean()
    .optional()
    .describe(
      'bucket in the path instead of the host name; default: true where an endpoint is given, as most servers but Amazon’s need it',
    ),
})

const service = z.strictObject({
  host: text.default('0.0.0.0').describe('address for /healthz, /readyz and /metrics'),
  port: port.default(9464).describe('port for them; 0 takes a free one'),
  graceSeconds: wholeFrom(1)
    .max(86_400)
    .default(300)
    .describe('time for the work in hand after SIGTERM; then it is handed back'),
  logLevel: z
    .enum(['debug', 'info', 'warn', 'error'])
    .default('info')
    .describe('least level of what is logged'),
  stuckSeconds: wholeFrom(1)
    .default(60)
    .describe('the process counts as dead once its event loop stood still for this long'),
  workers: wholeFrom(1).max(1024).optional().describe('worker threads; default: one per core'),
  ordinal: wholeFrom(0)
    .max(255)
    .default(0)
    .describe('number of this process, from 0, among the replicas of dedup-index or dedup-resolve'),
  replicas: wholeFrom(1)
    .max(256)
    .default(1)
    .describe(
      'processes of the role: dedup-index shares the slots among them, dedup-resolve the shards',
    ),
  snapshotKeys: wholeFrom(1)
    .default(8_000_000)
    .describe('keys after which dedup-index saves its slots'),
})

const metrics = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: 'must be a URL such as http://winnow-metrics:9464' })
    .default('http://localhost:9464')
    .describe('the metrics service, for `winnow status` and `winnow runs`'),
  intervalSeconds: wholeFrom(1)
    .max(3_600)
    .default(10)
    .describe('how often the metrics service looks at the brokers and the bucket'),
})

/** Everything that services and the operator's commands need to know of the cluster. */
export const clusterConfig = z.strictObject({
  kafka: kafka.prefault({}),
  storage,
  service: service.prefault({}),
  metrics: metrics.prefault({}),
})

/** The validated configuration. The password is the one setting that no file can give. */
export type ClusterConfig = z.output<typeof clusterConfig>

const PASSWORD = 'WINNOW_KAFKA_PASSWORD'

type Kind = 'text' | 'number' | 'boolean' | 'list'

/** Environment variables and the settings they stand for. */
export const CLUSTER_ENVIRONMENT: Readonly<
  Record<string, { readonly setting: string; readonly kind: Kind }>
> = {
  WINNOW_KAFKA_BROKERS: { setting: 'kafka.brokers', kind: 'list' },
  WINNOW_KAFKA_CLIENT_ID: { setting: 'kafka.clientId', kind: 'text' },
  WINNOW_KAFKA_TOPIC_PREFIX: { setting: 'kafka.topicPrefix', kind: 'text' },
  WINNOW_KAFKA_PARTITIONS: { setting: 'kafka.partitions', kind: 'number' },
  WINNOW_KAFKA_REPLICATION: { setting: 'kafka.replication', kind: 'number' },
  WINNOW_KAFKA_SESSION_TIMEOUT_MS: { setting: 'kafka.sessionTimeoutMs', kind: 'number' },
  WINNOW_KAFKA_SSL: { setting: 'kafka.ssl', kind: 'boolean' },
  WINNOW_KAFKA_SSL_CA: { setting: 'kafka.ssl.ca', kind: 'text' },
  WINNOW_KAFKA_SSL_CERT: { setting: 'kafka.ssl.cert', kind: 'text' },
  WINNOW_KAFKA_SSL_KEY: { setting: 'kafka.ssl.key', kind: 'text' },
  WINNOW_KAFKA_SASL_MECHANISM: { setting: 'kafka.sasl.mechanism', kind: 'text' },
  WINNOW_KAFKA_USERNAME: { setting: 'kafka.sasl.username', kind: 'text' },
  WINNOW_STORAGE_URI: { setting: 'storage.uri', kind: 'text' },
  WINNOW_S3_ENDPOINT: { setting: 'storage.endpoint', kind: 'text' },
  WINNOW_S3_REGION: { setting: 'storage.region', kind: 'text' },
  WINNOW_S3_FORCE_PATH_STYLE: { setting: 'storage.forcePathStyle', kind: 'boolean' },
  // WINNOW_PORT and WINNOW_SERVICE_PORT are what Kubernetes sets for a Service that is called winnow.
  WINNOW_HTTP_HOST: { setting: 'service.host', kind: 'text' },
  WINNOW_HTTP_PORT: { setting: 'service.port', kind: 'number' },
  WINNOW_GRACE_SECONDS: { setting: 'service.graceSeconds', kind: 'number' },
  WINNOW_LOG_LEVEL: { setting: 'service.logLevel', kind: 'text' },
  WINNOW_STUCK_SECONDS: { setting: 'service.stuckSeconds', kind: 'number' },
  WINNOW_WORKERS: { setting: 'service.workers', kind: 'number' },
  WINNOW_ORDINAL: { setting: 'service.ordinal', kind: 'number' },
  WINNOW_REPLICAS: { setting: 'service.replicas', kind: 'number' },
  WINNOW_SNAPSHOT_KEYS: { setting: 'service.snapshotKeys', kind: 'number' },
  WINNOW_METRICS_URL: { setting: 'metrics.url', kind: 'text' },
  WINNOW_METRICS_INTERVAL_SECONDS: { setting: 'metrics.intervalSeconds', kind: 'number' },
}

/** Variables that are no settings of the cluster: the password, and what other parts of Winnow read. */
const OTHER_VARIABLES = /^WINNOW_(KAFKA_PASSWORD|CODE_CACHE|TEST_\w+|BENCH_\w+|CONFIG)$/
/** What Kubernetes puts into the environment of every pod for each Service, whose name may begin with winnow. */
const SERVICE_LINK = /_SERVICE_(HOST|PORT)(_\w+)?$|_PORT_\d+_(TCP|UDP|SCTP)(_\w+)?$/
const SERVICE_ADDRESS = /^(tcp|udp|sctp):\/\//

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The cluster's configuration: defaults, then the file, then the environment. Throws UsageError that names the file's
 * line or the variable, and what is allowed there.
 */
export async function loadClusterConfig({
  file: path,
  env = process.env,
}: {
  readonly file?: string | undefined
  readonly env?: Environment
}): Promise<ClusterConfig> {
  return withPassword(await load(clusterConfig, path, env), env[PASSWORD])
}

const s3 = z.object({ storage: storage.omit({ uri: true }).strip().prefault({}) })

/** How S3 is reached, of the cluster's configuration. */
export type S3Config = Partial<z.output<typeof s3>['storage']>

/**
 * The settings of S3 alone, for commands that are told by a URI what to read: neither brokers nor `storage.uri` need to
 * be known. What nothing is said of is left to the SDK's usual chain.
 */
export async function loadS3Config({
  file: path,
  env = process.env,
}: {
  readonly file?: string | undefined
  readonly env?: Environment
}): Promise<S3Config> {
  return (await load(s3, path, env)).storage
}

/** What the file and the environment say, as a schema wants it. */
async function load<T>(
  schema: z.ZodType<T>,
  path: string | undefined,
  env: Environment,
): Promise<T> {
  const file = path === undefined ? undefined : await readSettingsFile(path)
  refusePassword(file?.tree, path ?? '')
  const { settings, sources } = fromEnvironment(env)
  return validateSettings(schema, mergeSettings({ storage: {}, ...file?.tree }, settings), {
    file,
    source: (setting) => sources.get(setting) ?? sources.get(setting.replace(/\.\d+$/, '')),
    hint: 'the settings, their defaults and their variables are listed in docs/operations/configuration.md',
  })
}

/** Whether a file or the environment tells of a cluster at all. */
export async function namesCluster(path: string | undefined, env: Environment): Promise<boolean> {
  if (
    Object.keys(CLUSTER_ENVIRONMENT).some(
      (name) => set(env[name]) && /KAFKA_BROKERS|STORAGE_URI/.test(name),
    )
  )
    return true
  return path !== undefined && (await isClusterFile(path))
}

/** Whether a file of settings is that of a cluster, and not that of a run. */
export async function isClusterFile(path: string): Promise<boolean> {
  const { tree } = await readSettingsFile(path)
  return 'kafka' in tree || 'storage' in tree
}

/** The configuration as it can be logged: every setting, no secret. */
export function printableConfig(config: ClusterConfig): Settings {
  const { sasl, brokers, ...rest } = config.kafka
  const { uri, endpoint, ...storageRest } = config.storage
  return {
    ...config,
    kafka: {
      ...rest,
      brokers,
      ...(sasl === undefined
        ? {}
        : { sasl: { ...sasl, ...('password' in sasl ? { password: '(set)' } : {}) } }),
    },
    storage: {
      uri,
      ...(endpoint === undefined ? {} : { endpoint: withoutUser(endpoint) }),
      ...storageRest,
    },
    metrics: { ...config.metrics, url: withoutUser(config.metrics.url) },
  }
}

function withoutUser(address: string): string {
  const url = new URL(address)
  if (url.username === '' && url.password === '') return address
  url.username = '(set)'
  url.password = ''
  return url.href
}

function withPassword(config: ClusterConfig, password: string | undefined): ClusterConfig {
  const { sasl, ...kafka } = config.kafka
  if (sasl === undefined) {
    if (set(password))
      throw new UsageError(
        `${PASSWORD} is set but kafka.sasl is not`,
        'set WINNOW_KAFKA_SASL_MECHANISM and WINNOW_KAFKA_USERNAME too, or kafka.sasl in the file',
      )
    return { ...config, kafka }
  }
  if (sasl.mechanism === 'oauthbearer') return config
  if (!set(password))
    throw new UsageError(
      `kafka.sasl.mechanism is ${sasl.mechanism} but there is no password`,
      `put it into the environment variable ${PASSWORD}`,
    )
  return { ...config, kafka: { ...kafka, sasl: { ...sasl, password } } }
}

/** A password in a file would be copied with it: into images, config maps, logs. */
function refusePassword(tree: Settings | undefined, path: string): void {
  const sasl = (tree?.kafka as Settings | undefined)?.sasl as Settings | undefined
  if (sasl !== undefined && sasl !== null && 'password' in sasl)
    throw new UsageError(
      `${path}: kafka.sasl.password: a file is no place for a password`,
      `take it out of the file and put it into the environment variable ${PASSWORD}`,
    )
}

function fromEnvironment(env: Environment): { settings: Settings; sources: Map<string, string> } {
  let settings: Settings = {}
  const sources = new Map<string, string>()
  // In the order of the table: a certificate says more than that TLS is on, and comes after it.
  for (const [name, { setting, kind }] of Object.entries(CLUSTER_ENVIRONMENT)) {
    const value = env[name]
    if (!set(value)) continue
    settings = mergeSettings(settings, nested(setting, parseValue(value, kind)))
    sources.set(setting, name)
  }
  const unknown = Object.entries(env).flatMap(([name, value]) =>
    name.startsWith('WINNOW_') && set(value) && !isKnown(name, value) ? [name] : [],
  )
  if (unknown.length > 0)
    throw new UsageError(
      `there ${unknown.length === 1 ? 'is no setting' : 'are no settings'} ${unknown.join(', ')}`,
      `variables that Winnow knows: ${[...Object.keys(CLUSTER_ENVIRONMENT), PASSWORD].join(', ')}`,
    )
  return { settings, sources }
}

function isKnown(name: string, value: string): boolean {
  return (
    name in CLUSTER_ENVIRONMENT ||
    OTHER_VARIABLES.test(name) ||
    SERVICE_LINK.test(name) ||
    SERVICE_ADDRESS.test(value)
  )
}

/** An empty variable counts as not set, as containers often pass them on. */
function set(value: string | undefined): value is string {
  return value !== undefined && value !== ''
}

/** What the text stands for; text that does not fit is left for the validation to name. */
function parseValue(value: string, kind: Kind): unknown {
  if (kind === 'list') return value.split(',').map((item) => item.trim())
  if (kind === 'number') return /^\d+$/.test(value.trim()) ? Number(value) : value
  if (kind === 'boolean') return value === 'true' ? true : value === 'false' ? false : value
  return value
}

function nested(setting: string, value: unknown): Settings {
  return setting
    .split('.')
    .reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Settings
}

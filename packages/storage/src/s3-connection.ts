import { Agent } from 'node:http'
import { Agent as TlsAgent } from 'node:https'
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import { GaveUp, withRetries } from './retry.js'
import { judge, s3Error } from './s3-errors.js'
import { S3_DEFAULTS, type S3Settings } from './s3-settings.js'

/** One client with its connections: what all stores with the same settings share. */
interface SharedClient {
  readonly client: S3Client
  /** The server has answered rightly at least once. */
  proved: boolean
}

/** Clients by their settings. Credentials are looked up and connections opened once, not for every input. */
const clients = new Map<string, SharedClient>()

function sharedClient(settings: S3Settings): SharedClient {
  // What is told to another function or kept secret makes no key.
  const { credentials, onRequest: _, ...plain } = settings
  if (credentials !== undefined) return { client: makeClient(settings), proved: false }
  const key = JSON.stringify([
    Object.entries(plain).sort(),
    endpointOf(settings),
    process.env.AWS_REGION,
  ])
  let shared = clients.get(key)
  if (shared === undefined) {
    shared = { client: makeClient(settings), proved: false }
    clients.set(key, shared)
  }
  return shared
}

/** The server that is not AWS, as the SDK finds it; empty: AWS. */
function endpointOf({ endpoint }: S3Settings): string {
  return endpoint ?? process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL ?? ''
}

function makeClient(settings: S3Settings): S3Client {
  const { endpoint, region, credentials } = settings
  const elsewhere = endpointOf(settings)
  const agent = {
    keepAlive: true,
    maxSockets: settings.maxSockets ?? S3_DEFAULTS.maxSockets,
  }
  const knownRegion =
    region ?? (elsewhere === '' ? undefined : (process.env.AWS_REGION ?? 'us-east-1'))
  const config: S3ClientConfig = {
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(knownRegion === undefined ? {} : { region: knownRegion }),
    ...(credentials === undefined ? {} : { credentials }),
    forcePathStyle: settings.forcePathStyle ?? elsewhere !== '',
    // One loop around request and body together: the SDK's retries end where the body begins, know no limit of time,
    // and share one allowance of retries, which a server that is away for a minute uses up.
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: settings.connectTimeoutMs ?? S3_DEFAULTS.connectTimeoutMs,
      socketTimeout: settings.idleTimeoutMs ?? S3_DEFAULTS.idleTimeoutMs,
      // Many workers wait for few sockets: that is meant, no reason to warn.
      socketAcquisitionWarningTimeout: 600_000,
      httpAgent: new Agent(agent),
      httpsAgent: new TlsAgent(agent),
    },
    requestChecksumCalculation: 'WHEN_SUPPORTED',
    // Asked for with whole objects only: some servers send the object's checksum with a part of it.
    responseChecksumValidation: 'WHEN_REQUIRED',
    expectContinueHeader: false,
  }
  return new S3Client(config)
}

/** Sends requests to S3 and tries again what may succeed later. */
export class S3Connection {
  private readonly shared: SharedClient

  constructor(readonly settings: S3Settings) {
    this.shared = sharedClient(settings)
  }

  /**
   * Runs one request, its body included. `action` and `uri` are for the message: "cannot read s3://…: …".
   *
   * @param attempt sends the request and takes its answer; called anew for every try.
   * @param retryForMs for calls that matter less than the settings say.
   * @throws StorageError
   */
  async call<T>(
    operation: string,
    action: string,
    uri: string,
    attempt: (client: S3Client) => Promise<T>,
    retryForMs = this.settings.retryForMs ?? S3_DEFAULTS.retryForMs,
  ): Promise<T> {
    const { settings, shared } = this
    const policy = {
      attempts: settings.attempts ?? S3_DEFAULTS.attempts,
      retryForMs,
    }
    try {
      return await withRetries(
        policy,
        (error) => judge(error, shared.proved),
        async () => {
          settings.onRequest?.(operation)
          const result = await attempt(shared.client)
          shared.proved = true
          return result
        },
      )
    } catch (error) {
      throw error instanceof GaveUp ? s3Error(action, uri, error) : error
    }
  }
}

import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  BucketAlreadyOwnedByYou,
  CreateBucketCommand,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3'
import { versitygw } from './components.js'
import { freePorts } from './free-ports.js'
import { ownedFolder } from './owned-folder.js'
import { ServerProcess } from './server-process.js'

/** A running S3 server with one bucket; path-style addressing. */
export interface S3Server {
  /** `http://host:port`. It stays the same over `kill` and `restart`. */
  readonly endpoint: string
  readonly region: string
  readonly accessKey: string
  readonly secretKey: string
  readonly bucket: string
  /** Folder in which the server keeps objects as files, `dataDir/BUCKET/KEY`; none where it is a container. */
  readonly dataDir?: string
  /** Ends the server as a power cut does (SIGKILL). Its objects stay. */
  kill(): Promise<void>
  /** Starts it again with its objects, after a SIGKILL if it still runs; resolves when it serves. */
  restart(): Promise<void>
  /** The server keeps its connections and answers nothing, until `thaw`. */
  freeze(): Promise<void>
  thaw(): Promise<void>
  /** Ends the server and deletes its objects. */
  stop(): Promise<void>
}

export interface S3Options {
  /** More flags of versitygw, for example `--virtual-domain DOMAIN`. */
  readonly flags?: readonly string[]
}

export const BUCKET = 'winnow'
export const REGION = 'us-east-1'

/**
 * Starts an S3 server over a folder on a free port of 127.0.0.1 and waits until it serves. It ends with this process,
 * however this process ends.
 * @throws {MissingComponent} where Go is missing and the server was not built before
 */
export async function startNativeS3(options: S3Options = {}): Promise<S3Server> {
  const command = await versitygw()
  const folder = ownedFolder('winnow-s3')
  const dataDir = join(folder, 'data')
  mkdirSync(dataDir, { recursive: true })
  const [port] = await freePorts(1)
  const endpoint = `http://127.0.0.1:${port}`
  const keys = { accessKey: 'winnow', secretKey: randomBytes(16).toString('hex') }
  const server = new ServerProcess({
    name: 'S3 server',
    command,
    args: [
      ...['--port', `127.0.0.1:${port}`, '--quiet', '--health', '/health'],
      ...(options.flags ?? []),
      ...['posix', dataDir],
    ],
    env: { ROOT_ACCESS_KEY: keys.accessKey, ROOT_SECRET_KEY: keys.secretKey },
    logFile: join(folder, 's3.log'),
    isUp: async () => (await fetch(`${endpoint}/health`)).ok,
    startTimeoutMs: 30_000,
  })
  const stop = async () => {
    await server.kill()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await server.start()
    await createBucket({ endpoint, region: REGION, ...keys }, BUCKET)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    endpoint,
    region: REGION,
    ...keys,
    bucket: BUCKET,
    dataDir,
    kill: () => server.kill(),
    restart: async () => {
      await server.kill()
      await server.start()
    },
    freeze: async () => server.freeze(),
    thaw: async () => server.thaw(),
    stop,
  }
}

/** Settings of a plain @aws-sdk/client-s3 client for `server`. */
export function s3ClientConfig(
  server: Pick<S3Server, 'endpoint' | 'region' | 'accessKey' | 'secretKey'>,
): S3ClientConfig {
  return {
    endpoint: server.endpoint,
    region: server.region,
    forcePathStyle: true,
    credentials: { accessKeyId: server.accessKey, secretAccessKey: server.secretKey },
  }
}

/** Creates `bucket` (at least 3 characters) unless it is there. */
export async function createBucket(
  server: Pick<S3Server, 'endpoint' | 'region' | 'accessKey' | 'secretKey'>,
  bucket: string,
): Promise<void> {
  const client = new S3Client(s3ClientConfig(server))
  try {
    await client.send(new CreateBucketCommand({ Bucket: bucket }))
  } catch (error) {
    if (!(error instanceof BucketAlreadyOwnedByYou)) throw error
  } finally {
    client.destroy()
  }
}

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'

export interface RealS3 {
  readonly endpoint: string
  /** Folder whose folders are the buckets. */
  readonly folder: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
  stop(): Promise<void>
}

/** Where a versitygw lies: on the path, or built into the cache of the test stack. Undefined: nowhere. */
export function findServer(): string | undefined {
  try {
    return execFileSync('which', ['versitygw'], { encoding: 'utf8' }).trim()
  } catch {}
  const cache = join(homedir(), '.cache', 'winnow-stack')
  if (!existsSync(cache)) return undefined
  return readdirSync(cache, { recursive: true, encoding: 'utf8' })
    .filter((path) => !path.includes('pkg/mod') && path.endsWith('/versitygw'))
    .map((path) => join(cache, path))[0]
}

/** Starts versitygw on a folder of its own with the given buckets. */
export async function startS3(
  server: string,
  buckets: string[],
  flags: string[] = [],
): Promise<RealS3> {
  const folder = await mkdtemp(join(tmpdir(), 'winnow-s3-'))
  for (const bucket of buckets) await mkdir(join(folder, bucket))
  const port = await freePort()
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test-secret' }
  const child = spawn(
    server,
    ['--port', `127.0.0.1:${port}`, '--quiet', '--keep-alive', ...flags, 'posix', folder],
    {
      env: {
        ...process.env,
        ROOT_ACCESS_KEY: credentials.accessKeyId,
        ROOT_SECRET_KEY: credentials.secretAccessKey,
      },
      stdio: 'ignore',
    },
  )
  const endpoint = `http://127.0.0.1:${port}`
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await ready(endpoint, child)
  } catch (error) {
    await stop()
    throw error
  }
  return { endpoint, folder, credentials, stop }
}

async function ready(endpoint: string, child: ChildProcess): Promise<void> {
  for (let tried = 0; tried < 300; tried++) {
    if (child.exitCode !== null) throw new Error(`versitygw ended with ${child.exitCode}`)
    const answered = await fetch(endpoint).then(
      () => true,
      () => false,
    )
    if (answered) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('versitygw does not answer')
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { access, open, readFile, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { isAlive } from './processes.js'

const run = promisify(execFile)

export const KAFKA_VERSION = '4.4.0'
const LOG4J_VERSION = '2.25.3'
const VERSITYGW = 'github.com/versity/versitygw/cmd/versitygw@v1.8.0'
/** Kafka 4 needs Java 17 (its documentation, "Compatibility"). */
const JAVA_VERSION = 17

/** A component cannot be had on this machine; the message says in one line what is missing. */
export class MissingComponent extends Error {}

/** Kafka's jars and nothing else: Maven resolves what they need. */
const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>winnow</groupId><artifactId>kafka-jars</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${KAFKA_VERSION}</version></dependency>
    <dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>${LOG4J_VERSION}</version></dependency>
  </dependencies>
</project>
`

/**
 * The folder that keeps what was fetched and built, named by content: WINNOW_TEST_CACHE or `winnow-stack` in the
 * user's cache folder. It may be deleted at any time, and kept from one CI run to the next.
 */
export function stackCache(): string {
  const caches = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')
  return process.env.WINNOW_TEST_CACHE ?? join(caches, 'winnow-stack')
}

/**
 * Folder of Kafka's jars; fetched with Maven the first time.
 * @throws {MissingComponent} without Java 17, or without Maven or what it must reach
 */
export async function kafkaJars(): Promise<string> {
  await checkJava()
  return cached(`kafka-${KAFKA_VERSION}`, POM, 'Maven', async (folder) => {
    writeFileSync(join(folder, 'pom.xml'), POM)
    const args = ['-q', '-B', '-f', join(folder, 'pom.xml'), 'dependency:copy-dependencies']
    await run('mvn', [...args, `-DoutputDirectory=${folder}`], { timeout: 300_000 })
  })
}

/**
 * The versitygw command, an S3 server over a folder; built with Go the first time (about two minutes).
 * @throws {MissingComponent} without Go or what it must reach
 */
export async function versitygw(): Promise<string> {
  const folder = await cached('versitygw', VERSITYGW, 'Go', async (into) => {
    const modules = join(stackCache(), 'go')
    const env = { ...process.env, GOPATH: modules, GOBIN: into, GOFLAGS: '-modcacherw' }
    await run('go', ['install', VERSITYGW], { env, timeout: 600_000, cwd: into })
    // The modules are as large as four binaries and are not needed again.
    rmSync(modules, { recursive: true, force: true })
  })
  return join(folder, 'versitygw')
}

export function java(): string {
  return process.env.JAVA_HOME === undefined ? 'java' : join(process.env.JAVA_HOME, 'bin', 'java')
}

async function checkJava(): Promise<void> {
  const { stderr } = await run(java(), ['-version']).catch(() => ({ stderr: '' }))
  const version = Number(/version "(\d+)/.exec(stderr)?.[1])
  if (!(version >= JAVA_VERSION))
    throw new MissingComponent(`Kafka needs Java ${JAVA_VERSION} or later`)
}

/**
 * The folder `<cache>/<name>-<hash of recipe>`, made by `make` if it is not there. It appears whole or not at all, and
 * is made once when several processes ask.
 */
async function cached(
  name: string,
  recipe: string,
  tool: string,
  make: (folder: string) => Promise<void>,
): Promise<string> {
  const hash = createHash('sha256').update(recipe).digest('hex').slice(0, 12)
  const folder = join(stackCache(), `${name}-${hash}`)
  if (await exists(folder)) return folder
  mkdirSync(stackCache(), { recursive: true })
  const unlock = await lock(`${folder}.lock`)
  const into = mkdtempSync(join(stackCache(), '.making-'))
  try {
    if (await exists(folder)) return folder
    await make(into)
    renameSync(into, folder)
    return folder
  } catch (error) {
    throw new MissingComponent(`${name} cannot be had with ${tool}: ${reason(error)}`)
  } finally {
    rmSync(into, { recursive: true, force: true })
    await unlock()
  }
}

/** What went wrong, in one line. */
function reason(error: unknown): string {
  const failed = error as NodeJS.ErrnoException & { stdout?: string; stderr?: string }
  if (failed.code === 'ENOENT') return `${failed.path} is not installed`
  const printed = `${failed.stderr ?? ''}${failed.stdout ?? ''}`.split('\n')
  return printed.find((line) => /error|go: .*(requires|not)/i.test(line)) ?? failed.message
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** Waits for the lock file and takes it. A lock whose holder has ended is broken. */
async function lock(path: string): Promise<() => Promise<void>> {
  for (;;) {
    const file = await open(path, 'wx').catch(() => undefined)
    if (file !== undefined) {
      await file.writeFile(String(process.pid))
      await file.close()
      return () => rm(path, { force: true })
    }
    if (!isAlive(Number(await readFile(path, 'utf8').catch(() => '')))) await breakLock(path)
    await sleep(200)
  }
}

/** A holder that has not written its id yet has two seconds for it. */
async function breakLock(path: string): Promise<void> {
  await sleep(2_000)
  if (!isAlive(Number(await readFile(path, 'utf8').catch(() => process.pid))))
    await rm(path, { force: true })
}

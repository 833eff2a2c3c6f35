import { constants } from 'node:fs'
import { access, mkdir, rm, statfs, writeFile } from 'node:fs/promises'
import { availableParallelism, freemem } from 'node:os'
import { join } from 'node:path'
import { WinnowError } from '@winnow/core'
import { isClusterFile, namesCluster } from '@winnow/runtime/cluster-config'
import pc from 'picocolors'
import { loadConfig, type Settings } from '../config-file.js'
import { dedupOptions } from '../embedded/dedup-options.js'
import { digestSettingsFiles } from '../embedded/digests.js'
import { checkStageOptions } from '../embedded/stage-options.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { Console, type OutputMode } from '../terminal/console.js'
import { formatBytes } from '../terminal/numbers.js'
import type { Check } from './doctor-check.js'

const LEAST_NODE = [20, 20] as const
const LEAST_FREE_BYTES = 1 << 30

export interface DoctorArguments {
  readonly out: string | undefined
  readonly configFile: string | undefined
  readonly settings: Settings
  readonly createTopics: boolean
  readonly output: OutputMode
}

/** `winnow doctor`: checks this machine, the configuration, the output folder and the cluster, and says what to do. */
export async function doctor(args: DoctorArguments): Promise<ExitCode> {
  const files = await filesOf(args.configFile)
  const cluster =
    args.createTopics || files.cluster !== undefined || (await namesCluster(undefined, process.env))
  const checks = [
    nodeVersion(),
    await kernel(),
    machine(),
    await configuration({ ...args, configFile: files.run }),
    ...(args.out === undefined ? [] : await outputFolder(args.out)),
    ...(cluster
      ? await (await import('./doctor-cluster.js')).clusterChecks({
          ...args,
          configFile: files.cluster,
        })
      : []),
  ]
  const widest = Math.max(16, ...checks.map(({ name }) => name.length + 2))
  const text = checks
    .map(({ name, ok, finding, hint }) => {
      const mark = ok ? pc.green('ok  ') : pc.red('FAIL')
      return `${mark}  ${name.padEnd(widest)}${finding}${ok || hint === '' ? '' : `\n${' '.repeat(6 + widest)}${hint}`}`
    })
    .join('\n')
  new Console(args.output).result({ text: `${text}\n`, json: checks })
  return checks.every(({ ok }) => ok) ? EXIT.done : EXIT.failed
}

/** A file of settings is that of a run or that of a cluster; the other's are then what the environment and defaults say. */
async function filesOf(path: string | undefined) {
  if (path === undefined) return { run: undefined, cluster: undefined }
  return (await namesFileOfCluster(path))
    ? { run: undefined, cluster: path }
    : { run: path, cluster: undefined }
}

/** A file that cannot be read at all is left to the check that says so. */
async function namesFileOfCluster(path: string): Promise<boolean> {
  try {
    return await isClusterFile(path)
  } catch (error) {
    if (error instanceof WinnowError) return false
    throw error
  }
}

function nodeVersion(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const ok = major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1])
  return {
    name: 'Node.js',
    ok,
    finding: process.versions.node,
    hint: `install Node.js ${LEAST_NODE.join('.')} or later`,
  }
}

async function kernel(): Promise<Check> {
  try {
    const { normalize } = await import('@winnow/kernel')
    const { utf8Column, valueString } = await import('@winnow/core')
    const word = valueString(normalize(utf8Column(['Crème, BRÛLÉE!'])), 0)
    return {
      name: 'kernel',
      ok: word === 'creme brulee',
      finding: 'WebAssembly with SIMD works',
      hint: '',
    }
  } catch (error) {
    return {
      name: 'kernel',
      ok: false,
      finding: (error as Error).message,
      hint: 'run npm run build; the processor and Node.js must know WebAssembly SIMD',
    }
  }
}

function machine(): Check {
  return {
    name: 'machine',
    ok: true,
    finding: `${availableParallelism()} cores, ${formatBytes(freemem())} of memory free`,
    hint: '',
  }
}

async function configuration({ configFile, settings }: DoctorArguments): Promise<Check> {
  const name = 'configuration'
  try {
    const config = await loadConfig(configFile, settings)
    dedupOptions(config)
    await checkStageOptions(config)
    await digestSettingsFiles(config)
    return { name, ok: true, finding: 'every setting is valid', hint: '' }
  } catch (error) {
    if (!(error instanceof WinnowError)) throw error
    return { name, ok: false, finding: error.message, hint: error.hint }
  }
}

async function outputFolder(out: string): Promise<Check[]> {
  const name = 'output folder'
  let created: string | undefined
  try {
    created = await mkdir(out, { recursive: true })
    await access(out, constants.W_OK)
    const probe = join(out, '.doctor')
    await writeFile(probe, 'x')
    await rm(probe)
    const { bavail, bsize } = await statfs(out)
    const free = bavail * bsize
    return [
      { name, ok: true, finding: `${out} can be written`, hint: '' },
      {
        name: 'disk',
        ok: free >= LEAST_FREE_BYTES,
        finding: `${formatBytes(free)} free`,
        hint: 'make room: documents, keys and clean shards take about as much as the text of the crawl',
      },
    ]
  } catch (error) {
    return [
      {
        name,
        ok: false,
        finding: (error as Error).message,
        hint: 'choose a folder that this user can write to',
      },
    ]
  } finally {
    if (created !== undefined) await rm(created, { recursive: true, force: true })
  }
}

import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { Measurement } from './part.js'

export interface ProcessResult {
  readonly stdout: string
  readonly seconds: number
  /** Largest sum of the resident memory of the process and all its descendants, bytes; 0 where /proc is missing. */
  readonly peakMemory: number
}

const SAMPLE_MS = 50

/** Runs a command to its end. Throws with the end of what it printed when it fails. */
export function runProcess(
  command: readonly string[],
  options: { env?: Record<string, string | undefined> } = {},
): Promise<ProcessResult> {
  const [file = '', ...args] = command
  return new Promise((resolve, reject) => {
    const start = performance.now()
    const child = spawn(file, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
    })
    let stdout = ''
    let stderr = ''
    let peakMemory = 0
    const sampling = setInterval(() => {
      if (child.pid !== undefined) peakMemory = Math.max(peakMemory, treeMemory(child.pid))
    }, SAMPLE_MS)
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk
    })
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr = (stderr + chunk).slice(-8000)
    })
    child.on('error', (error) => {
      clearInterval(sampling)
      reject(new Error(`cannot run ${file}: ${error.message}`, { cause: error }))
    })
    child.on('close', (code, signal) => {
      clearInterval(sampling)
      const seconds = (performance.now() - start) / 1000
      if (code === 0) resolve({ stdout, seconds, peakMemory })
      else
        reject(new Error(`${command.join(' ')} ended with ${signal ?? code}:\n${stderr || stdout}`))
    })
  })
}

/** Resident bytes of a process and its descendants, from /proc. */
function treeMemory(root: number): number {
  const children = new Map<number, number[]>()
  const resident = new Map<number, number>()
  let names: string[]
  try {
    names = readdirSync('/proc')
  } catch {
    return 0
  }
  for (const name of names) {
    const pid = Number(name)
    if (!Number.isInteger(pid)) continue
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1')
      // The command name in parentheses may hold anything; the numbers come after the last one.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      const parent = Number(fields[1])
      resident.set(pid, Number(fields[21]) * 4096)
      const known = children.get(parent)
      if (known === undefined) children.set(parent, [pid])
      else known.push(pid)
    } catch {
      // The process ended while we looked.
    }
  }
  let total = 0
  const queue = [root]
  for (let pid = queue.pop(); pid !== undefined; pid = queue.pop()) {
    total += resident.get(pid) ?? 0
    queue.push(...(children.get(pid) ?? []))
  }
  return total
}

/** Measures a command as a whole process that writes into an empty folder, `runs` times. */
export async function wholeProcess(
  program: string,
  command: readonly string[],
  out: string,
  { documents, bytes }: Pick<Measurement, 'documents' | 'bytes'>,
  runs: number,
): Promise<Measurement> {
  const seconds: number[] = []
  let peakMemory = 0
  // Not what the caller has set for its own Node.js: reading extra certificates takes 60 ms.
  const env = Object.fromEntries(
    Object.keys(process.env)
      .filter((name) => name.startsWith('NODE_'))
      .map((name) => [name, undefined]),
  )
  for (let run = 0; run < runs; run++) {
    await rm(out, { recursive: true, force: true })
    const result = await runProcess(command, { env })
    seconds.push(result.seconds)
    peakMemory = Math.max(peakMemory, result.peakMemory)
  }
  return { program, documents, bytes, seconds, peakMemory }
}

import type { PeerPrograms } from './peers.js'

/** One program measured on one workload. */
export interface Measurement {
  readonly program: string
  /** Documents and bytes of input of one run. */
  readonly documents: number
  readonly bytes: number
  /** Wall-clock seconds of every run. */
  readonly seconds: readonly number[]
  /** Largest resident memory of the process and its children, bytes; only where a whole process was measured. */
  readonly peakMemory?: number
  /** What the program found, by the name of its column; shown as a second table. */
  readonly findings?: Readonly<Record<string, string>>
}

export interface BenchContext {
  /** Folder with real data, undefined when there is none: the parts then make their own. */
  readonly data: string | undefined
  /** Where a part may write files; emptied afterwards. */
  readonly scratch: string
  /** The other programs, undefined unless asked for. */
  readonly peers: PeerPrograms | undefined
  readonly runs: number
  /** Size of the text samples. */
  readonly megabytes: number
  /** Adds a line under the part's tables. */
  note(text: string): void
}

export interface BenchPart {
  readonly name: string
  /** What is measured, and what a document and a byte are here. */
  readonly title: string
  /** Lines under the tables. */
  readonly notes?: readonly string[]
  measure(context: BenchContext): Promise<Measurement[]>
}

/** Runs `work` once to warm up and then `runs` times; seconds of each. */
export async function timed(runs: number, work: () => unknown): Promise<number[]> {
  await work()
  const seconds: number[] = []
  for (let run = 0; run < runs; run++) {
    const start = performance.now()
    await work()
    seconds.push((performance.now() - start) / 1000)
  }
  return seconds
}

/**
 * A whole number over 0 from the environment, `fallback` when it is not set.
 *
 * @throws Error when it is set to something else.
 */
export function wholeNumberSetting(name: string, fallback: number): number {
  const text = process.env[name]
  if (text === undefined || text === '') return fallback
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`${name} is ${text}, not a whole number over 0`)
  return value
}

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
}

export interface BenchPart {
  readonly name: string
  /** What is measured, and what a document and a byte are here. */
  readonly title: string
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

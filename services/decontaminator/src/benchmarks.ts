import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { InputError } from '@winnow/core'
import { type Benchmark, benchmarkFromLines } from '@winnow/decontamination'

const SUFFIX = /\.jsonl(\.gz)?$/

/**
 * Reads a folder of benchmarks: each `NAME.jsonl` or `NAME.jsonl.gz` is the benchmark NAME.
 * Throws InputError when the folder is missing, holds none, or one of its files has no usable example.
 */
export async function readBenchmarks(
  folder: string,
  fields?: readonly string[],
): Promise<Benchmark[]> {
  let names: string[]
  try {
    names = (await readdir(folder)).filter((name) => SUFFIX.test(name)).sort()
  } catch (error) {
    throw new InputError(
      `cannot read the benchmarks in ${folder}: ${(error as Error).message}`,
      'decontaminate.benchmarks names a folder of .jsonl or .jsonl.gz files',
      error,
    )
  }
  if (names.length === 0)
    throw new InputError(
      `${folder} holds no benchmark`,
      'put one file per benchmark there: NAME.jsonl or NAME.jsonl.gz',
    )
  return Promise.all(names.map((name) => readBenchmark(join(folder, name), fields)))
}

async function readBenchmark(path: string, fields?: readonly string[]): Promise<Benchmark> {
  const stored = await readFile(path)
  let bytes: Uint8Array
  try {
    bytes = path.endsWith('.gz') ? await promisify(gunzip)(stored) : stored
  } catch (error) {
    throw new InputError(`${path} is no readable gzip file`, 'pack it again', error)
  }
  const lines = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    .toString('utf8')
    .split('\n')
  const benchmark = benchmarkFromLines(basename(path).replace(SUFFIX, ''), lines, fields)
  if (benchmark.examples.length === 0) {
    const first = benchmark.rejected[0]
    throw new InputError(
      `${path} has no usable example${first === undefined ? '' : `: line ${first.line}: ${first.problem}`}`,
      'name the fields that hold the text: decontaminate.fields',
    )
  }
  return benchmark
}

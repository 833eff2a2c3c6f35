import { InputError, UsageError, Utf8Builder, type Utf8Column } from '@winnow/core'
import { NgramScanner, ngramHashes } from '@winnow/kernel'
import type { Benchmark } from './benchmark.js'
import { foldNumbers } from './numbers.js'
import { type IndexOptions, resolveIndexOptions } from './options.js'

/** What the report says of a benchmark whether or not anything was found. */
export interface BenchmarkSummary {
  readonly name: string
  /** Examples read. */
  readonly examples: number
  /** Examples with at least one passage that is long enough to be looked for. */
  readonly protectedExamples: number
  /** Examples too short to be evidence (fewer than `minTokens` tokens). */
  readonly tooShort: number
  /** Records that could not be used. */
  readonly rejected: number
}

/**
 * Everything a worker needs to find examples in documents: plain arrays and strings, so it can be posted to threads.
 *
 * An *anchor* is an n-gram of `minTokens` tokens. The anchors of all passages are laid end to end: a *position* is an
 * index into `anchors`, passage `p` owns the positions `[passageStart[p], passageStart[p + 1])`. `keys` are the distinct
 * 64-bit anchor hashes and `anchors[position]` an index into them; `postings` lists the positions of every
 * key: `postings[postingStart[key] .. postingStart[key + 1])`, ascending.
 *
 * 20 bytes for each token of the benchmarks, and 8 for each distinct one; the scanner's table comes on top.
 */
export interface BenchmarkIndex {
  readonly options: IndexOptions
  readonly benchmarks: readonly BenchmarkSummary[]
  readonly keys: BigUint64Array
  readonly anchors: Int32Array
  readonly postingStart: Int32Array
  readonly postings: Int32Array
  readonly passageStart: Int32Array
  /** Passage -> example, example -> benchmark, and the examples' own ids. */
  readonly passageExample: Int32Array
  readonly exampleBenchmark: Uint16Array
  readonly exampleIds: Utf8Column
}

/** Tokens of passage `passage`. */
export function passageTokens(index: BenchmarkIndex, passage: number): number {
  const start = index.passageStart[passage] as number
  return (index.passageStart[passage + 1] as number) - start + index.options.minTokens - 1
}

/**
 * Builds the index of `benchmarks`. Throws UsageError for options out of range or a benchmark name given twice,
 * InputError when no example of any benchmark can be protected.
 */
export function buildBenchmarkIndex(
  benchmarks: readonly Benchmark[],
  options: Partial<IndexOptions> = {},
): BenchmarkIndex {
  const resolved = resolveIndexOptions(options)
  refuseDoubleNames(benchmarks)
  const passages = selectPassages(benchmarks, resolved)
  if (passages.hashes.length === 0)
    throw new InputError(
      `no example of ${benchmarks.map(({ name }) => name).join(', ') || 'any benchmark'} can be protected`,
      `an example needs at least ${resolved.minTokens} words in its protected fields; name them with the fields option`,
    )
  const { keys, anchors } = numberKeys(passages.hashes)
  return { options: resolved, keys, anchors, ...invert(anchors, keys.length), ...passages.layout }
}

interface SelectedPassages {
  /** Anchor hashes of all indexed passages, end to end. */
  readonly hashes: BigUint64Array
  readonly layout: Pick<
    BenchmarkIndex,
    'benchmarks' | 'passageStart' | 'passageExample' | 'exampleBenchmark' | 'exampleIds'
  >
}

function selectPassages(benchmarks: readonly Benchmark[], options: IndexOptions): SelectedPassages {
  const ids = new Utf8Builder()
  const exampleBenchmark: number[] = []
  const passageStart = [0]
  const passageExample: number[] = []
  const parts: BigUint64Array[] = []
  const summaries = benchmarks.map((benchmark, ordinal): BenchmarkSummary => {
    const { offsets, hashes, words } = hashPassages(benchmark, options)
    let passage = 0
    let protectedExamples = 0
    for (const example of benchmark.examples) {
      let indexed = 0
      for (const { whole } of example.passages) {
        const anchors = hashes.subarray(offsets[passage], offsets[passage + 1])
        const enough = whole ? options.minTokens : options.ngram
        if ((words[passage++] as number) < enough) continue
        parts.push(anchors)
        passageStart.push((passageStart.at(-1) as number) + anchors.length)
        passageExample.push(exampleBenchmark.length)
        indexed++
      }
      if (indexed > 0) protectedExamples++
      ids.append(example.id)
      exampleBenchmark.push(ordinal)
    }
    const examples = benchmark.examples.length
    return {
      name: benchmark.name,
      examples,
      protectedExamples,
      tooShort: examples - protectedExamples,
      rejected: benchmark.rejectedCount,
    }
  })
  const hashes = new BigUint64Array(passageStart.at(-1) as number)
  parts.forEach((part, i) => {
    hashes.set(part, passageStart[i])
  })
  return {
    hashes,
    layout: {
      benchmarks: summaries,
      passageStart: Int32Array.from(passageStart),
      passageExample: Int32Array.from(passageExample),
      exampleBenchmark: Uint16Array.from(exampleBenchmark),
      exampleIds: ids.finish(),
    },
  }
}

function hashPassages(benchmark: Benchmark, options: IndexOptions) {
  const texts = new Utf8Builder(benchmark.examples.length, 256)
  for (const example of benchmark.examples)
    for (const { text } of example.passages) texts.append(text)
  return ngramHashes(prepareText(texts.finish(), options), options.minTokens)
}

/** A scanner for the anchors of `index`; the value of a hit is the key. */
export function anchorScanner({ keys, options }: BenchmarkIndex): NgramScanner {
  const values = Uint32Array.from(keys, (_, key) => key)
  return new NgramScanner([{ n: options.minTokens, hashes: keys, values }])
}

/** `text` as the scanner is to see it. */
export function prepareText(text: Utf8Column, options: IndexOptions): Utf8Column {
  return options.foldNumbers ? { offsets: text.offsets, bytes: foldNumbers(text.bytes) } : text
}

function refuseDoubleNames(benchmarks: readonly Benchmark[]): void {
  const seen = new Set<string>()
  for (const { name } of benchmarks) {
    if (seen.has(name))
      throw new UsageError(`two benchmarks are named ${name}`, 'rename one of the files')
    seen.add(name)
  }
}

/** Numbers the distinct hashes in order of appearance: open addressing, half full at most. */
function numberKeys(hashes: BigUint64Array): { keys: BigUint64Array; anchors: Int32Array } {
  const words = new Uint32Array(hashes.buffer, hashes.byteOffset, hashes.length * 2)
  const mask = 2 ** Math.ceil(Math.log2(hashes.length * 2 + 1)) - 1
  const table = new Int32Array(mask + 1).fill(-1)
  const first = new Int32Array(hashes.length)
  const anchors = new Int32Array(hashes.length)
  let count = 0
  for (let i = 0; i < hashes.length; i++) {
    const low = words[2 * i] as number
    const high = words[2 * i + 1] as number
    let slot = (low ^ high) & mask
    for (; ; slot = (slot + 1) & mask) {
      const key = table[slot] as number
      if (key < 0) break
      const at = first[key] as number
      if (words[2 * at] === low && words[2 * at + 1] === high) break
    }
    if ((table[slot] as number) < 0) {
      table[slot] = count
      first[count++] = i
    }
    anchors[i] = table[slot] as number
  }
  const keys = new BigUint64Array(count)
  for (let key = 0; key < count; key++) keys[key] = hashes[first[key] as number] as bigint
  return { keys, anchors }
}

function invert(anchors: Int32Array, keys: number) {
  const postingStart = new Int32Array(keys + 1)
  for (const key of anchors) postingStart[key + 1] = (postingStart[key + 1] as number) + 1
  for (let key = 0; key < keys; key++)
    postingStart[key + 1] = (postingStart[key + 1] as number) + (postingStart[key] as number)
  const next = postingStart.slice()
  const postings = new Int32Array(anchors.length)
  for (let position = 0; position < anchors.length; position++) {
    const key = anchors[position] as number
    const slot = next[key] as number
    postings[slot] = position
    next[key] = slot + 1
  }
  return { postingStart, postings }
}

/** The passage that owns a position. */
export function passageAt({ passageStart }: BenchmarkIndex, position: number): number {
  let low = 0
  let high = passageStart.length - 1
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if ((passageStart[middle] as number) <= position) low = middle
    else high = middle
  }
  return low
}

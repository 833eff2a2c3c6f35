import { utf8Column } from '@winnow/core'
import {
  type DedupParameters,
  DuplicateIndex,
  encodeKeyFile,
  keyEntries,
  signOptionsOf,
} from '@winnow/dedup'
import { type Signatures, sign } from '@winnow/kernel'

/** Bytes of each document signed. */
export const DOCUMENT_BYTES = 5000
/** Seconds that a measurement takes, at least. */
export const MEASURE_SECONDS = 0.3

/** A key file has a head, which many documents share; with more minimums there is time for fewer. */
const FEWEST_DOCUMENTS = 64
const MOST_DOCUMENTS = 512
const MINIMUMS_OF_A_RUN = 1 << 16
const VOCABULARY = 20_000
const LOOKED_UP_ROWS = 8192
const LOOKED_UP_BANDS = 14

/**
 * Processor seconds that this machine takes from the text of a document to its part of a key file.
 * Measured for `MEASURE_SECONDS`, on generated documents of `DOCUMENT_BYTES`.
 */
export function measureSigning(parameters: DedupParameters): number {
  const random = randomWords(1)
  const { bands, rows } = parameters
  const fitting = Math.min(MOST_DOCUMENTS, Math.floor(MINIMUMS_OF_A_RUN / (bands * rows)))
  const documents = Math.max(FEWEST_DOCUMENTS, fitting)
  const texts = Array.from({ length: documents }, () => generatedText(random))
  const urls = utf8Column(texts.map((_, i) => `https://example.org/${i}`))
  const text = utf8Column(texts)
  const options = signOptionsOf(parameters)
  const make = () => encodeKeyFile(sign(text, options), urls, parameters)
  return measure(make, () => undefined) / documents
}

/**
 * Processor seconds that it takes to look a key up in the index and insert it, most keys being new.
 * Measured for `MEASURE_SECONDS` on random keys. The index stays small; one that is far larger than the processor's
 * caches is slower.
 */
export function measureLookUp({ chainLimit }: DedupParameters): number {
  const random = randomWords(2)
  const index = new DuplicateIndex(chainLimit)
  let documents = 0
  const prepare = () => randomEntries(random)
  const keys = prepare().length / 3
  const insert = (entries: Uint32Array) => {
    index.insert(entries, documents)
    documents += LOOKED_UP_ROWS
  }
  return measure(insert, prepare) / keys
}

/**
 * Seconds of processor time that `run` takes at the least of all the times it was run, which other work on the machine
 * hardly disturbs; without those of `prepare`, and of the first time, in which the code is compiled.
 */
function measure<Input>(run: (input: Input) => unknown, prepare: () => Input): number {
  run(prepare())
  let least = Number.POSITIVE_INFINITY
  for (let all = 0; all < MEASURE_SECONDS; ) {
    const input = prepare()
    const before = process.cpuUsage()
    run(input)
    const { user, system } = process.cpuUsage(before)
    // A clock that did not move would never end this.
    const seconds = Math.max(1, user + system) / 1e6
    all += seconds
    least = Math.min(least, seconds)
  }
  return least
}

function randomEntries(random: () => number): Uint32Array {
  const keys = (count: number) =>
    new BigUint64Array(Uint32Array.from({ length: 2 * count }, random).buffer)
  const signatures: Signatures = {
    textHash: keys(LOOKED_UP_ROWS),
    textLength: new Uint32Array(LOOKED_UP_ROWS).fill(1),
    shingles: new Uint32Array(LOOKED_UP_ROWS),
    bandKeys: keys(LOOKED_UP_ROWS * LOOKED_UP_BANDS),
    sketches: new Uint8Array(0),
    sketchBytes: 0,
  }
  const noUrls = { offsets: new Int32Array(LOOKED_UP_ROWS + 1), bytes: new Uint8Array(0) }
  return keyEntries(signatures, noUrls, LOOKED_UP_BANDS)
}

/** Words by Zipf's law from a vocabulary of made-up ones. */
function generatedText(random: () => number): string {
  let text = ''
  while (text.length < DOCUMENT_BYTES) {
    const rank = Math.floor(VOCABULARY ** (random() / 2 ** 32))
    text += `${madeUpWord(rank)} `
  }
  return text.slice(0, DOCUMENT_BYTES)
}

/** Common words are short, as in a language. */
function madeUpWord(rank: number): string {
  let word = ''
  for (let left = rank + 20; left > 0; left = Math.floor(left / 20))
    word += 'etaoinshrdlucmfwypvb'[left % 20]
  return word
}

/** Random 32-bit numbers that depend on the seed alone (xorshift, Marsaglia 2003). */
function randomWords(seed: number): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
}

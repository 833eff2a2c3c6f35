import { closeSync, existsSync, mkdirSync, openSync, statSync, writeSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { RandomStream } from './random.js'
import { englishSentences } from './source-text.js'

/** Share of the documents that are exact copies of earlier ones, and share that are near copies. */
const EXACT_SHARE = 0.1
const NEAR_SHARE = 0.1
/** One word in about this many is another one than in the sentence drawn, so that sentences drawn twice differ. */
const WORDS_PER_CHANGE = 8
/** The same between a document and its near copy; its true Jaccard index is then around 0.8. */
const WORDS_PER_EDIT = 80
/** Words put in the place of others are drawn from so many, which stay in the processor's cache. */
const VOCABULARY = 8192
const FLUSH_BYTES = 4 << 20
/** Room for one document. */
const DOCUMENT_BYTES = 64 << 10
const SPACE = 0x20

export interface SyntheticCorpusOptions {
  readonly documents: number
  readonly seed: number
  /** A file with one shard, else a folder for `part-00000.jsonl` and so on. */
  readonly out: string
  readonly shards: number
  /** Folder with real texts. */
  readonly data?: string | undefined
}

/**
 * Writes JSON lines of `id`, `url` and `text`: sentences of real pages drawn at random, one word in eight changed, about
 * 1 KB each. 20 % are copies of earlier documents, half of them exact and half with one word in 80 replaced.
 * A document follows from the seed and its number alone, so none is remembered; the shards joined are the same for any
 * number of them. Returns the files.
 */
export function writeSyntheticCorpus(options: SyntheticCorpusOptions): string[] {
  const { documents, seed, shards, data } = options
  const writer = new SyntheticDocuments(seed, new SentencePool(englishSentences(data)))
  const files = shardFiles(options)
  for (const [shard, file] of files.entries()) {
    const first = Math.floor((documents * shard) / shards)
    const end = Math.floor((documents * (shard + 1)) / shards)
    writeShard(file, writer, first, end)
  }
  return files
}

function shardFiles({ out, shards }: SyntheticCorpusOptions): string[] {
  const folder = out.endsWith('/') || (existsSync(out) && statSync(out).isDirectory())
  if (shards === 1 && !folder) return [out]
  mkdirSync(out, { recursive: true })
  return Array.from({ length: shards }, (_, shard) =>
    join(out, `part-${`${shard}`.padStart(5, '0')}.jsonl`),
  )
}

function writeShard(file: string, writer: SyntheticDocuments, first: number, end: number): void {
  const buffer = Buffer.allocUnsafe(FLUSH_BYTES + 2 * DOCUMENT_BYTES)
  const descriptor = openSync(file, 'w')
  let used = 0
  const flush = () => {
    for (let done = 0; done < used; ) done += writeSync(descriptor, buffer, done, used - done)
    used = 0
  }
  try {
    for (let number = first; number < end; number++) {
      used = writer.write(number, buffer, used)
      if (used >= FLUSH_BYTES) flush()
    }
    flush()
  } finally {
    closeSync(descriptor)
  }
}

/** Sentences as they stand in a JSON string, in UTF-8, with the start of every word. */
export class SentencePool {
  readonly bytes: Buffer
  /** Byte of the first letter of each word, all sentences in a row; one entry more at the end. */
  readonly wordStarts: Int32Array
  /** The first word of each sentence; one entry more at the end. */
  readonly firstWords: Int32Array

  constructor(sentences: readonly string[]) {
    const escaped = sentences.map((sentence) => JSON.stringify(sentence).slice(1, -1))
    // A space after each sentence too: every word ends with one.
    this.bytes = Buffer.from(`${escaped.join(' ')} `)
    const starts = [0]
    for (let at = 0; at < this.bytes.length; at++) if (this.bytes[at] === SPACE) starts.push(at + 1)
    this.wordStarts = Int32Array.from(starts)
    const firstWords = [0]
    for (const sentence of escaped)
      firstWords.push((firstWords.at(-1) ?? 0) + sentence.split(' ').length)
    this.firstWords = Int32Array.from(firstWords)
  }

  get sentences(): number {
    return this.firstWords.length - 1
  }

  /** Words to draw replacements from. */
  get vocabulary(): number {
    return Math.min(VOCABULARY, this.wordStarts.length - 1)
  }
}

/** Makes the documents of one seed, in any order. */
export class SyntheticDocuments {
  private readonly scratch = Buffer.allocUnsafe(DOCUMENT_BYTES)

  constructor(
    private readonly seed: number,
    private readonly pool: SentencePool,
  ) {}

  /** Writes the JSON line of a document at `at`, with 128 KiB of room; returns the byte after it. */
  write(number: number, out: Buffer, at: number): number {
    const random = new RandomStream(this.seed, number)
    const kind = kindOf(number, random)
    const site = random.below(5000)
    const head = `{"id":"d${number}","url":"https://site-${site}.example/page/${number}","text":"`
    let end = at + out.write(head, at, 'latin1')
    if (kind === 'original') end = this.writeText(random, out, end)
    else {
      const copied = this.originalBefore(number, random)
      const stream = new RandomStream(this.seed, copied)
      stream.next()
      stream.next()
      if (kind === 'exact') end = this.writeText(stream, out, end)
      else {
        const length = this.writeText(stream, this.scratch, 0)
        end = this.writeEdited(random, length, out, end)
      }
    }
    return end + out.write('"}\n', end, 'latin1')
  }

  /** What a document is: an original, or an exact or a near copy of an earlier original. */
  kind(number: number): SyntheticKind {
    return kindOf(number, new RandomStream(this.seed, number))
  }

  private originalBefore(number: number, random: RandomStream): number {
    for (;;) {
      const earlier = random.below(number)
      if (this.kind(earlier) === 'original') return earlier
    }
  }

  /** 3 to 24 sentences, in paragraphs of 2 to 5. */
  private writeText(random: RandomStream, out: Buffer, at: number): number {
    const { pool } = this
    let end = at
    let left = 2 + random.below(4)
    for (let sentence = 3 + Math.floor(22 * random.next() ** 2); sentence > 0; sentence--) {
      end = this.writeSentence(random, random.below(pool.sentences), out, end)
      if (--left > 0 || sentence === 1) continue
      // The space after the sentence becomes the blank line.
      end = end - 1 + out.write('\\n\\n', end - 1, 'latin1')
      left = 2 + random.below(4)
    }
    return end - 1
  }

  private writeSentence(random: RandomStream, sentence: number, out: Buffer, at: number): number {
    const { wordStarts, firstWords } = this.pool
    const endWord = firstWords[sentence + 1] as number
    let word = firstWords[sentence] as number
    let end = at
    for (;;) {
      const changed = word + random.below(2 * WORDS_PER_CHANGE - 1)
      const until = Math.min(changed, endWord)
      end = this.copy(wordStarts[word] as number, wordStarts[until] as number, out, end)
      if (changed >= endWord) return end
      end = this.writeRandomWord(random, out, end)
      word = changed + 1
      if (word >= endWord) return end
    }
  }

  /** The text in `scratch` with some words replaced, the first of them among the first 20. */
  private writeEdited(random: RandomStream, length: number, out: Buffer, at: number): number {
    const { scratch } = this
    let end = at
    let left = random.below(20)
    for (let from = 0; from < length; ) {
      let next = from
      while (next < length && scratch[next] !== SPACE) next++
      const last = next >= length
      if (left-- === 0) {
        end = this.writeRandomWord(random, out, end)
        if (last) return end - 1
        left = random.below(2 * WORDS_PER_EDIT)
      } else {
        const stop = last ? length : next + 1
        for (let i = from; i < stop; i++) out[end++] = scratch[i] as number
      }
      from = next + 1
    }
    return end
  }

  private writeRandomWord(random: RandomStream, out: Buffer, at: number): number {
    const { wordStarts, vocabulary } = this.pool
    const word = random.below(vocabulary)
    return this.copy(wordStarts[word] as number, wordStarts[word + 1] as number, out, at)
  }

  private copy(from: number, to: number, out: Buffer, at: number): number {
    const { bytes } = this.pool
    let end = at
    // Runs of a few words: a call of Buffer.copy would cost more than the loop.
    for (let i = from; i < to; i++) out[end++] = bytes[i] as number
    return end
  }
}

export type SyntheticKind = 'original' | 'exact' | 'near'

/** The first number of a document's stream. The very first document has nothing to copy. */
function kindOf(number: number, random: RandomStream): SyntheticKind {
  const draw = random.next()
  if (number === 0 || draw >= EXACT_SHARE + NEAR_SHARE) return 'original'
  return draw < EXACT_SHARE ? 'exact' : 'near'
}

const USAGE = `node test/dist/bench/synthetic-corpus.js --documents N --out FILE_OR_FOLDER [--seed S] [--shards K]

  JSON lines of id, url and text, about 1 KB of text a document: real text recombined where WINNOW_TEST_DATA (by default
  ../shared/data) has some, else made up; ${100 * EXACT_SHARE} % exact and ${100 * NEAR_SHARE} % near copies of earlier documents.
  With more than one shard, or when it ends with / or is a folder, --out is a folder.`

function main(): number {
  const { values } = parseArgs({
    options: {
      documents: { type: 'string' },
      seed: { type: 'string', default: '1' },
      out: { type: 'string' },
      shards: { type: 'string', default: '1' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const numbers = [values.documents, values.shards].map(Number)
  const [documents = 0, shards = 0] = numbers
  const { out } = values
  if (values.help || out === undefined || numbers.some((n) => !Number.isInteger(n) || n < 1)) {
    console.error(USAGE)
    return values.help ? 0 : 2
  }
  const project = fileURLToPath(new URL('../../../', import.meta.url))
  const data = process.env.WINNOW_TEST_DATA ?? join(project, '..', 'shared', 'data')
  const start = performance.now()
  const files = writeSyntheticCorpus({ documents, seed: Number(values.seed), out, shards, data })
  const seconds = (performance.now() - start) / 1000
  const megabytes = files.reduce((sum, file) => sum + statSync(file).size, 0) / 1e6
  console.log(
    `${documents} documents, ${megabytes.toFixed(0)} MB in ${files.length} file(s), ${seconds.toFixed(1)} s`,
  )
  return 0
}

if (resolve(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) process.exitCode = main()

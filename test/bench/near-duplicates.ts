import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  EDITS,
  type Edit,
  type EditedCorpus,
  type EditedDocument,
  editedCorpus,
} from './edited-corpus.js'
import { NearDuplicateScorer } from './near-duplicate-score.js'
import { type BenchContext, type BenchPart, type Measurement, wholeNumberSetting } from './part.js'
import type { PeerPrograms } from './peers.js'
import { runProcess } from './process.js'
import type { BenchLanguage } from './writing.js'

const ORIGINALS = 20_000
const WINNOW = fileURLToPath(new URL('./near-duplicates-winnow.js', import.meta.url))
/** Libraries that would use every core are held to one, as the others are. */
const ONE_CORE = { RAYON_NUM_THREADS: '1', OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' }

export const nearDuplicatesPart = partFor('english', 'near-duplicates')
export const nearDuplicatesChinesePart = partFor('chinese', 'near-duplicates-chinese')
export const nearDuplicatesJapanesePart = partFor('japanese', 'near-duplicates-japanese')

function partFor(language: BenchLanguage, name: string): BenchPart {
  return {
    name,
    title: `Near duplicates in ${language}: originals, an edited copy of each and as many single documents in random order; whole process, one core`,
    notes: notesFor(language),
    async measure(context) {
      const originals = wholeNumberSetting('WINNOW_BENCH_ORIGINALS', ORIGINALS)
      const corpus = editedCorpus({ originals, language, data: context.data })
      const folder = join(context.scratch, 'corpus')
      const file = join(folder, 'documents.jsonl')
      await mkdir(folder)
      await writeDocuments(file, corpus.documents)
      const outcomes = await runAll(programs(context, { folder, file, language }), context)
      return scored(corpus, outcomes, context)
    },
  }
}

function notesFor(language: BenchLanguage): string[] {
  const spaced = language === 'english'
  const [word, changed] = spaced
    ? ['words', 'case, punctuation and white space']
    : ['letters', 'punctuation and white space']
  const recall = `Recall: pairs of which one was dropped, by what was done to the copy (share of ${word} replaced; boilerplate of 10 to 20 % of the length around it; paragraphs moved; ${changed} changed).`
  const precision =
    "Precision: documents dropped that have a kept one with a true Jaccard index of 0.7 or more. True is the index of the sets of 5-grams of the text as Winnow normalises it; what the others' words differ from it counts against them."
  const parameters =
    'Parameters: Winnow with its profiles; datatrove 14 x 8, not verified; datasketch MinHashLSH, threshold 0.7, 128 permutations, not verified; rensa RMinHashDeduplicator with LSH, 0.7, 128 permutations, estimate verified; gaoya 20 x 5, 0.7, estimate verified. All keep the first, datatrove one of each cluster.'
  const words = spaced
    ? 'Words: datatrove takes those of spaCy, datasketch and rensa get lower-case `\\w+` from Python, gaoya takes its own.'
    : 'Words: datatrove takes those of its tokenizer for the language, the other libraries get letters and digits from Python.'
  return [recall, precision, parameters, words]
}

interface Program {
  readonly name: string
  readonly command: readonly string[]
  readonly keptFile: string
  readonly runs: number
}

interface Outcome {
  readonly name: string
  readonly seconds: readonly number[]
  /** Seconds of the fastest run without start and reading. */
  readonly work: number
  readonly peakMemory: number
  readonly kept: ReadonlySet<number>
}

interface Input {
  readonly folder: string
  readonly file: string
  readonly language: BenchLanguage
}

/** Two profiles, and two nets of more bands at a threshold between theirs. */
const OURS = [
  { name: 'default', profile: 'default', parameters: {} },
  { name: 'strict', profile: 'strict', parameters: {} },
  { name: 'strict at 0.73', profile: 'strict', parameters: { verify: 0.73 } },
  {
    name: '32 x 7 at 0.73',
    profile: 'default',
    parameters: { bands: 32, rows: 7, sketchMinimums: 224, verify: 0.73 },
  },
]

function programs(context: BenchContext, input: Input): Program[] {
  const { scratch, peers, runs } = context
  const keptFile = (name: string) => join(scratch, `${name}.kept`)
  const ours = OURS.map(({ name, profile, parameters }) => ({
    name: `Winnow, ${name}`,
    command: [
      process.execPath,
      WINNOW,
      input.file,
      keptFile(name),
      profile,
      JSON.stringify(parameters),
    ],
    keptFile: keptFile(name),
    runs,
  }))
  if (peers === undefined) return ours
  const wanted = process.env.WINNOW_BENCH_PEERS?.split(',')
  const theirs = peerPrograms(peers, input, scratch, keptFile).filter(
    ({ name }) => wanted === undefined || wanted.includes(name.split(' ')[0] ?? ''),
  )
  return [...ours, ...theirs]
}

function peerPrograms(
  peers: PeerPrograms,
  { folder, file, language }: Input,
  scratch: string,
  keptFile: (name: string) => string,
): Program[] {
  const library = (name: string, version: string) => ({
    name: `${name} ${version}`,
    command: peers.command(`near_duplicates_${name}`, [file, keptFile(name), language]),
    keptFile: keptFile(name),
    runs: 1,
  })
  const datatrove = keptFile('datatrove')
  const args = [folder, join(scratch, 'datatrove'), '1', language, datatrove]
  return [
    {
      name: 'datatrove 0.10.1, MinHash in its four steps',
      command: peers.command('near_duplicates_datatrove', args),
      keptFile: datatrove,
      runs: 1,
    },
    library('datasketch', '2.0.0'),
    library('rensa', '0.5.0'),
    library('gaoya', '0.2.2'),
  ]
}

async function runAll(programs: readonly Program[], context: BenchContext): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const program of programs) {
    try {
      outcomes.push(await runProgram(program))
    } catch (error) {
      // One program that cannot run here must not cost the results of those that took long.
      context.note(`${program.name} could not be measured: ${lastLine((error as Error).message)}`)
    }
  }
  return outcomes
}

async function runProgram({ name, command, keptFile, runs }: Program): Promise<Outcome> {
  const seconds: number[] = []
  let work = Number.POSITIVE_INFINITY
  let peakMemory = 0
  for (let run = 0; run < runs; run++) {
    const result = await runProcess(command, { env: ONE_CORE })
    const printed = result.stdout.split('\n').find((line) => line.startsWith('{"seconds"'))
    work = Math.min(work, (JSON.parse(printed ?? '{}') as { seconds: number }).seconds)
    seconds.push(result.seconds)
    peakMemory = Math.max(peakMemory, result.peakMemory)
  }
  const lines = (await readFile(keptFile, 'utf8')).split('\n')
  const kept = new Set(lines.filter((line) => line !== '').map(Number))
  return { name, seconds, work, peakMemory, kept }
}

function scored(
  corpus: EditedCorpus,
  outcomes: readonly Outcome[],
  context: BenchContext,
): Measurement[] {
  const scorer = new NearDuplicateScorer(corpus)
  const mean = scorer.meanJaccard()
  const list = EDITS.map((edit) => `${edit} ${mean[edit].toFixed(3)}`).join(', ')
  context.note(
    `Mean true Jaccard index of the pairs: ${list}; ${scorer.nearPairs} of ${corpus.pairs.length} pairs are at 0.8 or above. Of 500 documents none has one above ${roundUp(scorer.closestStrangers())} with any but its own pair.`,
  )
  const documents = corpus.documents.length
  const bytes = corpus.documents.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0)
  const scores = scorer.score(outcomes.map(({ kept }) => kept))
  return outcomes.map(({ name, seconds, work, peakMemory }, i) => {
    const score = scores[i]
    const recall = (edit: Edit) => [edit, share(score?.recall[edit])] as const
    const findings = {
      'docs/s without start': Math.round(documents / work).toLocaleString('en'),
      ...Object.fromEntries(EDITS.map(recall)),
      'true Jaccard >= 0.8': share(score?.recallNear),
      dropped: (score?.dropped ?? 0).toLocaleString('en'),
      precision: share(score?.precision),
    }
    return { program: name, documents, bytes, seconds, peakMemory, findings }
  })
}

async function writeDocuments(file: string, documents: readonly EditedDocument[]): Promise<void> {
  const stream = createWriteStream(file)
  for (const { id, text } of documents)
    if (!stream.write(`${JSON.stringify({ id, text })}\n`)) await once(stream, 'drain')
  stream.end()
  await once(stream, 'close')
}

function share(value: number | undefined): string {
  return value === undefined || Number.isNaN(value) ? '–' : value.toFixed(4)
}

function roundUp(value: number): string {
  return (Math.ceil(value * 100) / 100).toFixed(2)
}

function lastLine(message: string): string {
  return message.trim().split('\n').at(-1) ?? ''
}

import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'

export interface LabelledPair {
  readonly a: string
  readonly b: string
  readonly jaccard: number
}

export interface Scores {
  readonly kept: number
  /** Of the pairs from Jaccard 0.8 up, the share of which at least one is dropped. */
  readonly pairRecall: number
  /** Of the documents without a pair from 0.5 (0.7) up, the share that is dropped all the same. */
  readonly falseDropsUnder05: number
  readonly falseDropsUnder07: number
  /** Groups of documents joined by pairs from 0.5 up of which none is kept. */
  readonly clustersVanished: number
}

const folder =
  process.env.WINNOW_TEST_DATA ?? fileURLToPath(new URL('../../../../shared/data', import.meta.url))

export const hasNearDuplicateData = existsSync(`${folder}/neardup/docs.jsonl.gz`)

export function readNearDuplicateData(): {
  documents: { id: string; text: string }[]
  pairs: LabelledPair[]
} {
  return { documents: readLines('docs'), pairs: readLines('pairs') }
}

function readLines<Line>(name: string): Line[] {
  const text = gunzipSync(readFileSync(`${folder}/neardup/${name}.jsonl.gz`)).toString()
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line)
}

/** Scores a deduplication against labelled pairs. */
export function score(
  ids: readonly string[],
  pairs: readonly LabelledPair[],
  kept: ReadonlySet<string>,
): Scores {
  const closest = new Map(ids.map((id) => [id, 0]))
  const parent = new Map(ids.map((id) => [id, id]))
  const root = (id: string): string => {
    let at = id
    while (parent.get(at) !== at) at = parent.get(at) as string
    return at
  }
  for (const { a, b, jaccard } of pairs) {
    closest.set(a, Math.max(closest.get(a) as number, jaccard))
    closest.set(b, Math.max(closest.get(b) as number, jaccard))
    if (jaccard >= 0.5) parent.set(root(a), root(b))
  }
  const hard = pairs.filter(({ jaccard }) => jaccard >= 0.8)
  const falseDrops = (below: number): number => {
    const unlike = ids.filter((id) => (closest.get(id) as number) < below)
    return unlike.filter((id) => !kept.has(id)).length / unlike.length
  }
  const alive = new Set([...kept].map(root))
  const vanished = new Set(ids.map(root).filter((id) => !alive.has(id)))
  return {
    kept: kept.size,
    pairRecall: 1 - hard.filter(({ a, b }) => kept.has(a) && kept.has(b)).length / hard.length,
    falseDropsUnder05: falseDrops(0.5),
    falseDropsUnder07: falseDrops(0.7),
    clustersVanished: vanished.size,
  }
}

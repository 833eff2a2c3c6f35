import { encodeKeyFile } from '../../src/key-file.js'
import { type DedupParameters, dedupParameters } from '../../src/parameters.js'
import { randomNumbers, signDocuments, testCorpus } from '../documents.js'

export interface SignedShard {
  readonly shard: string
  readonly file: Uint8Array
  readonly ids: readonly string[]
}

export interface SignedCorpus {
  readonly name: string
  readonly parameters: DedupParameters
  readonly shards: readonly SignedShard[]
}

function signedCorpus(
  seed: number,
  documents: number,
  shards: number,
  changes: Partial<DedupParameters>,
): SignedCorpus {
  const parameters = dedupParameters('default', { bands: 6, rows: 3, chainLimit: 3, ...changes })
  const corpus = testCorpus(documents, seed)
  const random = randomNumbers(seed)
  const cuts = Array.from({ length: shards - 1 }, () => Math.floor(random() * documents))
  const bounds = [0, ...cuts.sort((a, b) => a - b), documents]
  const settings = Object.entries(changes).map((setting) => setting.join('='))
  return {
    name: `${documents} documents in ${shards} shards, ${settings.join(' ')}`,
    parameters,
    shards: bounds.slice(1).map((end, number) => {
      const rows = corpus.slice(bounds[number], end)
      const { signatures, urls } = signDocuments(rows, parameters)
      const file = encodeKeyFile(signatures, urls, parameters)
      return { shard: `s${number}`, file, ids: rows.map(({ id }) => id) }
    }),
  }
}

/** Small corpora of all kinds of copies; bands are few and short, so that many proposals fail and chains are full. */
export const CORPORA: readonly SignedCorpus[] = [
  signedCorpus(1, 120, 8, { rows: 3 }),
  signedCorpus(2, 90, 10, { rows: 2, chainLimit: 2 }),
  signedCorpus(3, 100, 6, { rows: 2, verify: 0.8, sketchBits: 4 }),
  signedCorpus(4, 60, 5, { rows: 2, verify: 0.3 }),
  signedCorpus(5, 80, 7, { rows: 2, against: 'every' }),
  signedCorpus(6, 70, 9, { rows: 1, verify: 'off', against: 'every', chainLimit: 1 }),
]

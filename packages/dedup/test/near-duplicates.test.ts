import { utf8Column } from '@winnow/core'
import { sign } from '@winnow/kernel'
import { describe, expect, test } from 'vitest'
import { keyEntries } from '../src/keys.js'
import { LogFold } from '../src/log-fold.js'
import {
  type DedupParameters,
  dedupParameters,
  type ProfileName,
  signOptionsOf,
} from '../src/parameters.js'
import {
  hasNearDuplicateData,
  readNearDuplicateData,
  type Scores,
  score,
} from './near-duplicate-data.js'

if (!hasNearDuplicateData) console.log('near-duplicate data is absent: its figures are not tested')

describe.skipIf(!hasNearDuplicateData)('on real pages and edited copies', () => {
  const data = hasNearDuplicateData ? readNearDuplicateData() : { documents: [], pairs: [] }
  const text = utf8Column(data.documents.map((document) => document.text))
  const urls = utf8Column(data.documents.map(() => ''))

  async function run(name: ProfileName, changes: Partial<DedupParameters> = {}): Promise<Scores> {
    const parameters = dedupParameters(name, changes)
    const { textLength, sketches, ...rest } = sign(text, signOptionsOf(parameters))
    const entries = keyEntries({ textLength, sketches, ...rest }, urls, parameters.bands)
    const rows = data.documents.length
    const own = { rows, documentRow: new Uint32Array(rows), textLength, sketches }
    const decision = await new LogFold(parameters).next(entries, own, () => own)
    const ids = data.documents.map((document) => document.id)
    const kept = new Set(ids.filter((_, row) => decision.duplicateOf[row] === -1))
    const scores = score(ids, data.pairs, kept)
    console.log(`${name} ${JSON.stringify(changes)} ${JSON.stringify(scores)}`)
    return scores
  }

  test('`default` finds the copies and loses no document that is unlike the others', async () => {
    const scores = await run('default')
    expect(scores.pairRecall).toBeGreaterThanOrEqual(0.998)
    expect(scores.falseDropsUnder05).toBe(0)
    expect(scores.falseDropsUnder07).toBeLessThanOrEqual(0.012)
    expect(scores.clustersVanished).toBe(0)
  })

  test('`strict` does so with fewer false drops', async () => {
    const scores = await run('strict')
    expect(scores.pairRecall).toBeGreaterThanOrEqual(0.998)
    expect(scores.falseDropsUnder05).toBe(0)
    expect(scores.falseDropsUnder07).toBeLessThanOrEqual(0.002)
    expect(scores.clustersVanished).toBe(0)
  })

  test('`fineweb`, not verified, finds as many and loses some: as published', async () => {
    const scores = await run('fineweb')
    expect(scores.pairRecall).toBeGreaterThanOrEqual(0.998)
    expect(scores.clustersVanished).toBeLessThanOrEqual(19)
  })

  test('sketches of 4 bits are good enough', async () => {
    const scores = await run('default', { sketchBits: 4 })
    expect(scores.pairRecall).toBeGreaterThanOrEqual(0.998)
    expect(scores.falseDropsUnder05).toBe(0)
    expect(scores.clustersVanished).toBe(0)
  })
})

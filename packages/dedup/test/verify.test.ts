import { AttributesBuilder, Verdict } from '@winnow/core'
import { describe, expect, test } from 'vitest'
import { dedupParameters } from '../src/parameters.js'
import { type StoredShard, verifyDedup } from '../src/verify.js'
import { cutAtRandom, testCorpus } from './documents.js'
import { runLog, signShards } from './stored-corpus.js'

const parameters = dedupParameters('default', { bands: 6, rows: 3, chainLimit: 3 })
const corpus = testCorpus(300, 21)
const stored = await runLog(signShards(cutAtRandom(corpus, 1), parameters), parameters)

/** The stored shards with the attributes of one row replaced. */
function tampered(change: (shard: StoredShard) => StoredShard['attributes'] | undefined) {
  let done = false
  return stored.map((shard) => {
    const attributes = done ? undefined : change(shard)
    if (attributes === undefined) return shard
    done = true
    return { ...shard, attributes }
  })
}

describe('verify', () => {
  test('finds nothing wrong with a sound log, for each way of resolving', async () => {
    for (const changes of [
      {},
      { against: 'every' },
      { verify: 'off' },
      { verify: 'off', against: 'every' },
      { sketchBits: 4 },
    ] as const) {
      const other = dedupParameters('default', { bands: 6, rows: 3, chainLimit: 3, ...changes })
      const shards = signShards(cutAtRandom(corpus, 2), other)
      const report = await verifyDedup(await runLog(shards, other), other)
      expect(report.disagreements).toEqual([])
      expect(report.lost).toEqual([])
      expect(report.keptCopies).toEqual([])
      expect(report.sound).toBe(true)
      expect(report.documents).toBe(300)
      expect(report.dropped).toBeGreaterThan(50)
    }
  })

  test('skips a shard that comes again', async () => {
    const report = await verifyDedup([...stored, ...stored], parameters)
    expect([report.sound, report.documents]).toEqual([true, 300])
  })

  test('notices a copy that was kept', async () => {
    const shards = tampered(({ attributes }) => {
      const row = attributes.verdict.indexOf(Verdict.drop)
      if (row < 0) return undefined
      const verdict = attributes.verdict.slice()
      verdict[row] = Verdict.keep
      return { ...attributes, verdict }
    })
    const report = await verifyDedup(shards, parameters)
    expect(report.disagreements).toHaveLength(1)
    expect(report.disagreements[0]?.stored).toBe('keep')
    expect(report.keptCopies.length).toBeGreaterThan(0)
    expect(report.sound).toBe(false)
  })

  test('notices a group that was lost whole', async () => {
    const shards = tampered((shard) => {
      const row = shard.attributes.verdict.indexOf(Verdict.keep)
      if (row < 0) return undefined
      const builder = new AttributesBuilder(shard.attributes.rows, [], ['duplicate_of'])
      for (let other = 0; other < shard.attributes.rows; other++) builder.unseen(other)
      builder.drop(row, 'near_duplicate')
      builder.label(row, 'duplicate_of', shard.ids[row] ?? '')
      return builder.finish()
    })
    const report = await verifyDedup(shards, parameters)
    expect(report.lost.length).toBeGreaterThan(0)
    expect(report.sound).toBe(false)
  })

  test('notices a row judged that an earlier stage had dropped', async () => {
    const shards = tampered(({ attributes }) => {
      const verdict = attributes.verdict.slice()
      if (verdict.length === 0) return undefined
      verdict[0] = Verdict.keep
      return { ...attributes, verdict }
    })
    const report = await verifyDedup(shards, parameters)
    expect(report.disagreements[0]).toMatchObject({ row: 0, expected: 'unseen', stored: 'keep' })
  })

  test('does not take a document with the same id for the one that is named', async () => {
    // Another run holds the same documents and keeps the one that this run lost.
    const dropped = stored
      .flatMap(({ shard, ids, attributes }) =>
        ids.map((id, row) => ({ shard, id, row, named: attributes.labels.duplicate_of?.[row] })),
      )
      .find(({ named }) => named)
    const shards = stored.map((shard) => {
      const row = shard.ids.indexOf(dropped?.named ?? '')
      if (row < 0) return shard
      const verdict = shard.attributes.verdict.slice()
      verdict[row] = Verdict.drop
      return { ...shard, attributes: { ...shard.attributes, verdict } }
    })
    const twice = [
      ...stored.map((shard) => ({ ...shard, run: 'other', shard: `other-${shard.shard}` })),
      ...shards.map((shard) => ({ ...shard, run: 'own' })),
    ]
    const report = await verifyDedup(twice, parameters)
    expect(report.lost).toContain(dropped?.id)
  })
})

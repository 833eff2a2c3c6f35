import { describe, expect, test } from 'vitest'
import { DuplicateIndex } from '../src/index-table.js'
import { decodeKeyFile } from '../src/key-file.js'
import { LogFold } from '../src/log-fold.js'
import { joinMatches } from '../src/matches.js'
import { dedupParameters } from '../src/parameters.js'
import { planVerification, verifyPairs } from '../src/verification.js'
import { cutAtRandom, testCorpus } from './documents.js'
import { runLog, signShards, verdictsOf } from './stored-corpus.js'

// A small chain makes full chains, and 4 bands of 2 rows many proposals that fail.
const parameters = dedupParameters('default', { bands: 6, rows: 3, chainLimit: 3 })
const corpus = testCorpus(400, 11)
const oneShard = await runLog(signShards([corpus], parameters), parameters)
const expected = verdictsOf(oneShard)

describe('the verdicts of a log', () => {
  test('are of every kind in the corpus used here', () => {
    for (const kind of ['duplicate_url', 'duplicate_text', 'near_duplicate', ':  '])
      expect(expected.filter((line) => line.includes(kind)).length).toBeGreaterThan(5)
  })

  test('do not depend on how the documents are cut into shards', async () => {
    for (const seed of [1, 2, 3, 4]) {
      const shards = signShards(cutAtRandom(corpus, seed), parameters)
      expect(verdictsOf(await runLog(shards, parameters))).toEqual(expected)
    }
  })

  test('are the same when a worker is restarted from its snapshots', async () => {
    const shards = signShards(cutAtRandom(corpus, 5), parameters)
    for (const after of [[0], [3, 4], shards.map((_, number) => number)])
      expect(verdictsOf(await runLog(shards, parameters, new Set(after)))).toEqual(expected)
  })

  test('do not change when shards come into the log again', async () => {
    const shards = signShards(cutAtRandom(corpus, 6), parameters)
    const again = shards.flatMap((shard, number) =>
      number % 2 === 0 ? [shard, shard, shards[number >> 1] as typeof shard] : [shard],
    )
    expect(verdictsOf(await runLog(again, parameters))).toEqual(expected)
  })

  test('name a kept document, and only documents before', () => {
    const fates = new Map(expected.map((line) => [line.split(':')[0], line]))
    const number = (id: string): number => Number(id.slice(1))
    for (const [id, line] of fates) {
      const earlier = /_(?:url|text|duplicate) (d\d+)/.exec(line)?.[1]
      if (earlier === undefined) continue
      expect(number(earlier)).toBeLessThan(number(id as string))
      expect(fates.get(earlier)).toContain(':  ')
    }
  })

  test('do not depend on the number of index workers nor on who answers first', async () => {
    const shards = signShards([corpus.slice(0, 250), corpus.slice(250)], parameters)
    const one = new LogFold(parameters)
    const workers = [
      [0, 100],
      [100, 101],
      [101, 256],
    ].map(([from, to]) => new DuplicateIndex(parameters.chainLimit, from, to))
    let base = 0
    for (const { file } of shards) {
      const { entries, table, header } = decodeKeyFile(file)
      const answers = workers.map((worker) => {
        const from = (header.slotStarts[worker.firstSlot] as number) * 3
        const to = (header.slotStarts[worker.endSlot] as number) * 3
        return worker.insert(entries.subarray(from, to), base)
      })
      const whole = planVerification(one.index.insert(entries, base), base, table.rows, parameters)
      const joined = planVerification(joinMatches(answers.reverse()), base, table.rows, parameters)
      expect(joined).toEqual(whole)
      base += table.rows
    }
  })

  test('are refused without the records that the plan asked for', () => {
    const [first, second] = signShards([corpus.slice(0, 200), corpus.slice(200)], parameters)
    const fold = new LogFold(parameters)
    fold.index.insert(decodeKeyFile(first?.file as Uint8Array).entries, 0)
    const { entries, table } = decodeKeyFile(second?.file as Uint8Array)
    const plan = planVerification(fold.index.insert(entries, 200), 200, 200, parameters)
    expect(plan.ordinals.length).toBeGreaterThan(0)
    expect(() => verifyPairs(plan, table, { ...table, rows: 0 }, parameters)).toThrow(RangeError)
  })
})

describe('documents alike in one way only', () => {
  const words = (from: number, count: number): string =>
    Array.from({ length: count }, (_, i) => `w${from + i}`).join(' ')

  async function fates(documents: { id: string; url: string; text: string }[]) {
    const settings = dedupParameters()
    return verdictsOf(await runLog(signShards([documents], settings), settings))
  }

  test('the same URL with another text is a duplicate by URL', async () => {
    const lines = await fates([
      { id: 'a', url: 'https://x.example/p', text: words(0, 50) },
      { id: 'b', url: 'http://x.example/p/?utm_source=q', text: words(100, 50) },
    ])
    expect(lines[1]).toBe('b: duplicate_url a NaN same canonical URL')
  })

  test('the same text elsewhere is a duplicate by text', async () => {
    const lines = await fates([
      { id: 'a', url: '', text: words(0, 50) },
      { id: 'b', url: '', text: `${words(0, 50).toUpperCase()}.` },
    ])
    expect(lines[1]).toBe('b: duplicate_text a 1.0000 same normalised text')
  })

  test('texts without a word are never duplicates', async () => {
    const empty = ['', ' ', '!', '…'].map((text, i) => ({ id: `e${i}`, url: '', text }))
    expect((await fates(empty)).every((line) => line.includes(':  '))).toBe(true)
  })
})

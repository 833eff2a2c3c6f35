import { type DeadLetter, type ShardMessage, TOPICS, type Topic } from '@winnow/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ClusterProgress, MOST_RUNS, RunProgress } from '../src/index.js'

const FLOW: readonly Topic[] = [
  TOPICS.crawlShards,
  TOPICS.extracted,
  TOPICS.filtered,
  TOPICS.dedupOrder,
  TOPICS.deduplicated,
  TOPICS.clean,
]
const id = (number: number): string => number.toString(16).padStart(16, '0')

function message(shard: string, run = 'r'): ShardMessage {
  const timing = (documents: number) => ({ seconds: 1, documents, bytes: 1 })
  return {
    schema: 1,
    run,
    shard,
    sequence: 0,
    source: { uri: 's3://crawl/a.warc.gz', offset: 0, length: 1, format: 'warc' },
    attributes: {},
    timings: { sign: timing(10), decontaminate: timing(8) },
  }
}

const valueOn = (topic: Topic, shard: string, run = 'r'): string =>
  JSON.stringify(
    topic === TOPICS.dedupOrder
      ? { schema: 1, run, shard, keyFile: 'k', rows: 10, fingerprint: 'f' }
      : message(shard, run),
  )

function letter(shard: string, role: string): DeadLetter {
  const error = { code: 'WINNOW_INPUT', message: 'no such file', hint: '' }
  return { schema: 1, run: 'r', shard, role, attempts: 3, error, message: message(shard) }
}
const retried = (shard: string, role: string): string =>
  JSON.stringify({ schema: 1, kind: 'retried', letter: `r/${shard}/${role}`, at: 'now' })

describe('ClusterProgress', () => {
  it('comes to the same whatever the order of topics and however often messages are delivered', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: FLOW.length - 1 }), { minLength: 1, maxLength: 12 }),
        fc.infiniteStream(fc.nat()),
        (furthest, numbers) => {
          const deliveries = furthest.flatMap((last, shard) =>
            FLOW.slice(0, last + 1).map((topic) => ({ topic, value: valueOn(topic, id(shard)) })),
          )
          const random = numbers[Symbol.iterator]()
          const twice = [...deliveries, ...deliveries]
            .map((each) => ({ each, by: random.next().value as number }))
            .sort((a, b) => a.by - b.by)
          const progress = new ClusterProgress()
          for (const { each } of twice) progress.take(each.topic, each.value, '0')
          const [run] = progress.statuses()
          const clean = furthest.filter((last) => last === FLOW.length - 1).length
          expect(run).toMatchObject({
            fed: furthest.length,
            clean,
            inFlight: furthest.length - clean,
            dead: 0,
          })
          expect(run?.stages.map(({ done }) => done)).toEqual(
            [1, 2, 3, 4, 5].map((place) => furthest.filter((last) => last >= place).length),
          )
          if (clean > 0) expect(run?.duplicateRatio).toBeCloseTo(0.2)
        },
      ),
    )
  })

  it('a dead letter is open until it is fed again, and its shard not in flight', () => {
    const progress = new ClusterProgress()
    for (const shard of [id(1), id(2)])
      for (const topic of FLOW.slice(0, 2)) progress.take(topic, valueOn(topic, shard), '0')
    progress.take(TOPICS.deadLetters, JSON.stringify(letter(id(1), 'quality-filter')), '0')
    // The same record again, and the same shard given up twice.
    progress.take(TOPICS.deadLetters, JSON.stringify(letter(id(1), 'quality-filter')), '0')
    progress.take(TOPICS.deadLetters, JSON.stringify(letter(id(1), 'quality-filter')), '1')
    expect(progress.statuses()[0]).toMatchObject({ fed: 2, dead: 1, inFlight: 1 })
    expect(progress.statuses()[0]?.stages[1]).toMatchObject({ dead: 1, waiting: 2 })
    expect([...progress.openLetters()]).toEqual([['quality-filter', 1]])
    progress.take(TOPICS.deadLetters, retried(id(1), 'quality-filter'), '2')
    expect(progress.statuses()[0]).toMatchObject({ dead: 0, inFlight: 2, state: 'running' })
    expect(progress.openLetters().size).toBe(0)
  })

  it('says how a run ended', () => {
    const progress = new ClusterProgress()
    for (const topic of FLOW) progress.take(topic, valueOn(topic, id(1)), '0')
    expect(progress.statuses()[0]?.state).toBe('done')
    progress.take(TOPICS.crawlShards, valueOn(TOPICS.crawlShards, id(2)), '0')
    progress.take(TOPICS.deadLetters, JSON.stringify(letter(id(2), 'extractor')), '0')
    expect(progress.statuses()[0]?.state).toBe('done with dead letters')
  })

  it('refuses what is no message, and counts nothing of it', () => {
    const progress = new ClusterProgress()
    for (const topic of [TOPICS.clean, TOPICS.dedupOrder, TOPICS.deadLetters])
      expect(() => progress.take(topic, '{"schema":9}', '0')).toThrow(/CorruptError|valid|schema/)
    expect(progress.statuses()).toEqual([])
  })

  it(`tells of the newest ${MOST_RUNS} runs, and does not come back to the others`, () => {
    const progress = new ClusterProgress()
    for (let run = 0; run < MOST_RUNS + 5; run++)
      progress.take(TOPICS.clean, valueOn(TOPICS.clean, id(1), `run-${run}`), '0')
    for (const run of progress.all()) run.fedAt = Number(run.run.slice(4)) + 1
    progress.forgetOldest()
    progress.take(TOPICS.clean, valueOn(TOPICS.clean, id(2), 'run-0'), '0')
    const names = progress.statuses().map(({ run }) => run)
    expect(names).toHaveLength(MOST_RUNS)
    expect(names[0]).toBe(`run-${MOST_RUNS + 4}`)
    expect(names).not.toContain('run-0')
  })
})

it('rates are over what came between samples of the last ten minutes; the ETA follows from them', () => {
  const run = new RunProgress('r')
  for (let shard = 0; shard < 100; shard++) run.see(TOPICS.crawlShards, id(shard))
  expect(run.status().etaSeconds).toBeUndefined()
  run.sample(0)
  run.sample(1_000_000)
  for (let shard = 0; shard < 20; shard++) run.see(TOPICS.clean, id(shard))
  run.sample(1_010_000)
  expect(run.status()).toMatchObject({ perSecond: 2, etaSeconds: 40 })
})

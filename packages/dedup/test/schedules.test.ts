import { describe, expect, test } from 'vitest'
import { CORPORA, type SignedCorpus } from './cluster/corpora.js'
import { ALL_MECHANISMS, type Mechanisms } from './cluster/mechanisms.js'
import { type Counts, type Outcome, simulate } from './cluster/simulation.js'

/** Schedules with seeds 1 to this. */
const SCHEDULES = 2000

function corpusOf(seed: number): SignedCorpus {
  return CORPORA[seed % CORPORA.length] as SignedCorpus
}

function run(seed: number, mechanisms: Mechanisms): Promise<Outcome> {
  return simulate(corpusOf(seed), seed, mechanisms)
}

/** Runs a schedule again, step by step. */
async function describeSchedule(seed: number, mechanisms: Mechanisms): Promise<string> {
  const steps: string[] = []
  const corpus = corpusOf(seed)
  const { failure } = await simulate(corpus, seed, mechanisms, (step) => steps.push(step))
  return [`schedule ${seed} (${corpus.name}): ${failure}`, ...steps].join('\n')
}

/** The smallest seed whose schedule goes wrong, and how. */
async function firstFailure(mechanisms: Mechanisms): Promise<{ seed: number; failure: string }> {
  for (let seed = 1; seed <= SCHEDULES; seed++) {
    const { failure } = await run(seed, mechanisms)
    if (failure !== '') return { seed, failure }
  }
  return { seed: 0, failure: '' }
}

describe('whatever the order of events in the cluster', () => {
  test(`the verdicts are those of the naive model: ${SCHEDULES} schedules`, async () => {
    const totals: Partial<Record<keyof Counts, number>> = {}
    for (let seed = 1; seed <= SCHEDULES; seed++) {
      const { failure, counts } = await run(seed, ALL_MECHANISMS)
      if (failure !== '') throw new Error(await describeSchedule(seed, ALL_MECHANISMS))
      for (const [name, count] of Object.entries(counts) as [keyof Counts, number][])
        totals[name] = (totals[name] ?? 0) + count
    }
    // A scheduler that makes no trouble would prove nothing.
    for (const count of Object.values(totals)) expect(count).toBeGreaterThan(SCHEDULES)
  }, 300_000)

  test('a schedule is a function of its seed', async () => {
    const once = await describeSchedule(7, ALL_MECHANISMS)
    expect(await describeSchedule(7, ALL_MECHANISMS)).toBe(once)
    expect(await describeSchedule(13, ALL_MECHANISMS)).not.toBe(once)
  })
})

const SWITCHED_OFF: readonly (readonly [keyof Mechanisms, string])[] = [
  ['skipRepeated', 'a shard that stands in the log twice is numbered twice'],
  ['logOrder', 'index workers take entries as they arrive'],
  ['replayFromSnapshot', 'a slot goes on where its worker was, not where its snapshot is'],
  ['noticeTorn', 'a torn snapshot is believed'],
  ['publishFirst', 'a snapshot can be ahead of what is published'],
  ['waitForAllSlots', 'shards are decided before all slots have answered'],
  ['takeOnce', 'answers given twice count twice'],
]

describe('the property fails when', async () => {
  for (const [mechanism, what] of SWITCHED_OFF) {
    const mechanisms = { ...ALL_MECHANISMS, [mechanism]: false }
    const { seed, failure } = await firstFailure(mechanisms)
    test(`${what}: ${seed === 0 ? 'no schedule' : `schedule ${seed}`}, ${failure.split(';')[0]}`, async () => {
      expect(seed).toBeGreaterThan(0)
      expect((await run(seed, ALL_MECHANISMS)).failure).toBe('')
    })
  }
})

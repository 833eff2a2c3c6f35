import { InProcessBus } from '@winnow/bus'
import {
  type DeadLetter,
  InputError,
  type ShardMessage,
  StorageError,
  shardId,
  TOPICS,
} from '@winnow/core'
import { describe, expect, it } from 'vitest'
import { Handover, type ProcessResult, StageRunner, type TaskPool } from '../src/index.js'

function message(n: number): ShardMessage {
  const uri = `file:///crawl-${n}.warc.gz`
  return {
    schema: 1,
    run: 'test',
    shard: shardId(uri, 0, 1),
    sequence: n,
    source: { uri, offset: 0, length: 1, format: 'warc' },
    attributes: {},
    timings: {},
  }
}

/** Runs the messages through one stage whose work is `work`, and says what came of each. */
async function runStage(
  values: readonly string[],
  work: (message: ShardMessage, attempt: number) => void,
  forward: (attempt: number) => void = () => {},
) {
  const bus = new InProcessBus()
  const stop = new AbortController()
  const attempts = new Map<string, number>()
  const seen = {
    done: [] as number[],
    dead: [] as DeadLetter[],
    unreadable: 0,
    fatal: '',
    retries: 0,
  }
  const pool: TaskPool = {
    run: async (_role, shard): Promise<ProcessResult> => {
      const attempt = (attempts.get(shard.shard) ?? 0) + 1
      attempts.set(shard.shard, attempt)
      work(shard, attempt)
      return { message: shard, documents: 1, kept: 1, bytes: 1 }
    },
    close: async () => {},
  }
  const settled = () => seen.done.length + seen.dead.length + seen.unreadable
  const runner = new StageRunner({
    role: 'extractor',
    consumes: TOPICS.crawlShards,
    bus,
    pool,
    handover: new Handover(1 << 20),
    concurrency: 2,
    signal: stop.signal,
    retry: { retries: 3, minPause: 1, maxPause: 5 },
    forward: async ({ message: { shard } }) => forward(attempts.get(shard) ?? 0),
    events: {
      done: (_role, result) => void seen.done.push(result.message.sequence),
      retry: () => void seen.retries++,
      dead: async (letter) => void seen.dead.push(letter),
      unreadable: async () => void seen.unreadable++,
      fatal: (failure) => {
        seen.fatal = failure.message
        stop.abort()
      },
    },
  })
  await runner.start()
  await bus.publish(
    values.map((value, i) => ({ topic: TOPICS.crawlShards, key: String(i), value })),
  )
  while (settled() < values.length && seen.fatal === '')
    await new Promise((resolve) => setTimeout(resolve, 2))
  await bus.close()
  return seen
}

const messages = (count: number) =>
  Array.from({ length: count }, (_, n) => JSON.stringify(message(n)))

describe('a stage', () => {
  it('tries a shard again that failed by chance, and forwards it once', async () => {
    const seen = await runStage(messages(3), ({ sequence }, attempt) => {
      if (sequence === 1 && attempt < 3) throw new Error('by chance')
    })
    expect(seen.done.sort()).toEqual([0, 1, 2])
    expect(seen).toMatchObject({ dead: [], retries: 2 })
  })

  it('dead-letters a poison shard with its error and its message, and goes on with the others', async () => {
    const seen = await runStage(messages(3), ({ sequence }) => {
      if (sequence === 1) throw new Error('poison')
    })
    expect(seen.done.sort()).toEqual([0, 2])
    expect(seen.dead).toHaveLength(1)
    expect(seen.dead[0]).toMatchObject({
      attempts: 4,
      role: 'extractor',
      error: { message: 'poison' },
    })
    expect(seen.dead[0]?.message).toEqual(message(1))
  })

  it('does not try again what can never work', async () => {
    const seen = await runStage(messages(1), () => {
      throw new InputError('no crawl file')
    })
    expect(seen.dead[0]).toMatchObject({ attempts: 1, error: { code: 'WINNOW_INPUT' } })
  })

  it('works a shard again when its result could not be forwarded', async () => {
    const seen = await runStage(
      messages(1),
      () => {},
      (attempt) => {
        if (attempt < 2) throw new Error('the next topic is gone')
      },
    )
    expect(seen).toMatchObject({ done: [0], retries: 1, dead: [] })
  })

  it('stops the run, and blames no shard, when the disk is full', async () => {
    const seen = await runStage(messages(2), () => {
      throw new StorageError('no space left on the device', {})
    })
    expect(seen).toMatchObject({ fatal: 'no space left on the device', dead: [], done: [] })
  })

  it('stores a message that is none and goes on', async () => {
    const seen = await runStage(['{"schema":2}', ...messages(1)], () => {})
    expect(seen).toMatchObject({ unreadable: 1, done: [0] })
  })
})

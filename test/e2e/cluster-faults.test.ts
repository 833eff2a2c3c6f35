import { mkdirSync, renameSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { TOPICS } from '@winnow/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Scenario } from '../cluster/scenario.js'
import { missingStack, sharedKafka, sharedS3 } from '../stack/index.js'

const FILES = 6

const missing = await missingStack('kafka', 's3')

interface Listed {
  readonly shard?: string
  readonly topic?: string
}

describe.skipIf(missing !== undefined)(
  'what goes wrong for good is set aside, and the rest goes on',
  () => {
    let scenario: Scenario

    beforeAll(async () => {
      scenario = await Scenario.open({
        place: { kafka: await sharedKafka(), s3: await sharedS3() },
        files: FILES,
      })
    }, 600_000)
    afterAll(() => scenario?.close())

    const letters = async () => (await scenario.dead()) as Listed[]

    it('bad messages on every topic, an input that vanished, a document shard that was deleted', async () => {
      const { cluster, store, files } = scenario
      await scenario.feed()
      // The last input is away when its shard is read.
      const vanished = files.at(-1) as string
      const away = join(dirname(vanished), 'away', 'file')
      mkdirSync(dirname(away))
      renameSync(vanished, away)
      await scenario.withBus(async (bus) => {
        const topics = [TOPICS.crawlShards, TOPICS.extracted, TOPICS.filtered, TOPICS.deduplicated]
        await bus.publish(
          topics.map((topic) => ({ topic, key: 'bad', value: `{"schema": 1, "of": "${topic}"` })),
        )
        for (const topic of [TOPICS.dedupOrder, TOPICS.dedupMatches]) {
          const log = await bus.log(topic)
          await log.append('no entry at all')
          await log.close()
        }
      })
      await cluster.start('extractor')
      await cluster.until('all but one are extracted', async () => {
        return (await scenario.count('documents/')) === FILES - 1
      })
      // One document shard is deleted before the next stage sees it.
      const documents = await scenario.keys('documents/')
      await store.delete(documents[0] as string)
      for (const role of [
        'quality-filter',
        'dedup-sign',
        'dedup-index',
        'dedup-resolve',
        'decontaminator',
      ] as const)
        await cluster.start(role)
      await cluster.until('the rest is clean', async () => (await scenario.clean()) === FILES - 2)
      await cluster.until('eight letters', async () => (await letters()).length === 8)

      const listed = await letters()
      expect(
        listed
          .filter(({ topic }) => topic !== undefined)
          .map(({ topic }) => topic)
          .sort(),
      ).toEqual(
        [
          TOPICS.crawlShards,
          TOPICS.dedupMatches,
          TOPICS.dedupOrder,
          TOPICS.deduplicated,
          TOPICS.extracted,
          TOPICS.filtered,
        ].sort(),
      )
      const shards = listed.flatMap(({ shard }) => shard ?? [])
      const shown = await Promise.all(
        shards.map(async (shard) => (await cluster.run(['dead-letters', 'show', shard])).stdout),
      )
      expect(shown.join('\n')).toMatch(/extractor/)
      expect(shown.join('\n')).toMatch(/quality-filter/)
      // Every service is still there and ready.
      for (const { role, port } of cluster.services)
        expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status, role).toBe(200)
      renameSync(away, vanished)
    }, 300_000)

    it('retry after mending completes the run', async () => {
      const { cluster, files, run } = scenario
      const fed = await cluster.run(['feed', ...files, '--run', run, '--again'])
      expect(fed.code, fed.stderr).toBe(0)
      await cluster.until('every document shard', async () => {
        return (await scenario.count('documents/')) === FILES
      })
      const shards = (await letters()).flatMap(({ shard }) => shard ?? [])
      const retried = await cluster.run(['dead-letters', 'retry', ...shards])
      expect(retried.code, retried.stderr).toBe(0)
      await scenario.finished()
      await scenario.expectSameAsOneMachine()
      expect((await letters()).filter(({ shard }) => shard !== undefined)).toEqual([])
    }, 300_000)
  },
)

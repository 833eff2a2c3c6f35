import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Scenario } from '../cluster/scenario.js'
import type { Role } from '../cluster/test-cluster.js'
import { missingStack, sharedKafka, sharedS3 } from '../stack/index.js'

const FILES = 40

const missing = await missingStack('kafka', 's3')

describe.skipIf(missing !== undefined)('the services on a real Kafka and a real S3', () => {
  let scenario: Scenario

  beforeAll(async () => {
    scenario = await Scenario.open({
      place: { kafka: await sharedKafka(), s3: await sharedS3() },
      files: FILES,
    })
  }, 600_000)
  afterAll(() => scenario?.close())

  it('keep the documents that one machine keeps, byte for byte', async () => {
    await scenario.cluster.startAll()
    await scenario.feed()
    await scenario.finished()
    await scenario.expectSameAsOneMachine()
    expect(await scenario.dead()).toEqual([])
  }, 600_000)

  it('count what one machine counts', async () => {
    const expected: Record<string, number> = {}
    const { stages } = scenario.reportOfOneMachine() as {
      stages: { stage: string; reasons: { reason: string; action: string; documents: number }[] }[]
    }
    for (const { stage, reasons } of stages)
      for (const { reason, action, documents } of reasons)
        expected[`${stage} ${action} ${reason}`] = documents
    const counted: Record<string, number> = {}
    for (const { port } of scenario.cluster.services) {
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
      const pattern =
        /^winnow_documents_total\{stage="(\w+)",verdict="(drop|cut)",reason="([^"]*)"\} (\d+)$/gm
      for (const [, stage, verdict, reason, documents] of text.matchAll(pattern))
        counted[`${stage} ${verdict} ${reason}`] = Number(documents)
      expect(text).toMatch(/winnow_shards_in_flight\{stage="[\w-]+"\} 0|winnow_log_position/)
    }
    expect(counted).toEqual(expected)
  })

  it('can be asked in S3 what one machine is asked in its folder', async () => {
    const { out, run } = scenario
    const { timing, run: facts, ...report } = await scenario.ask('report', '--out', out)
    const { timing: _, run: alone, ...expected } = scenario.reportOfOneMachine()
    expect(report).toEqual(expected)
    expect(facts).toMatchObject({ out, config: (alone as { config: unknown }).config })
    expect((facts as { inputs: string[] }).inputs).toHaveLength(FILES)
    expect(timing).toMatchObject({ wallSeconds: 0 })
    const page = Buffer.from(await scenario.store.get('report.html')).toString('utf8')
    expect(page).not.toMatch(/Finished in|memory at most/)

    const verified = await scenario.ask('verify', '--out', out)
    expect(verified).toMatchObject({ sound: true, disagreements: [], lost: [] })
    expect(verified.dropped).toBeGreaterThan(0)

    const { id, original } = await scenario.someCopy()
    const copy = await scenario.ask('explain', id, '--out', out)
    expect(copy).toMatchObject({ document: { id }, verdict: 'dropped' })
    expect(copy.stages).toContainEqual(
      expect.objectContaining({
        stage: 'dedup',
        verdict: 'drop',
        labels: expect.objectContaining({ duplicate_of: original }),
      }),
    )
    const told = await scenario.cluster.run(['explain', id, '--out', out])
    expect(told.stdout).toMatch(new RegExp(`Copy of .*${original}.*the difference`))
    expect((await scenario.ask('explain', original, '--out', out)).verdict).toMatch(/kept|cut/)

    const index = await scenario.ask('index', 'info', out.replace(/runs\/[^/]+$/, 'index'))
    expect(index).toMatchObject({ logKind: 'objects', runs: [{ run, shards: FILES }] })
  }, 600_000)

  it('an entry missing from the stored order log is noticed', async () => {
    const { index, cluster, out } = scenario
    let key = ''
    for await (const info of index.list('order/')) key ||= info.key
    const entry = await index.get(key)
    await index.delete(key)
    try {
      const verified = await cluster.run(['verify', '--out', out])
      expect(verified.code).toBe(1)
      expect(verified.stderr).toMatch(/index\/order\/ lacks 1 shard/)
    } finally {
      await index.put(key, entry)
    }
  }, 120_000)

  it('feeding again doubles nothing', async () => {
    const { cluster, files, run } = scenario
    const again = await cluster.run(['feed', ...files, '--run', run, '--json'])
    expect(JSON.parse(again.stdout)).toMatchObject({ shards: 0, fedBefore: FILES })
    const forced = await cluster.run(['feed', ...files, '--run', run, '--again', '--json'])
    expect(JSON.parse(forced.stdout)).toMatchObject({ shards: FILES })
    const state = JSON.parse(Buffer.from(await scenario.store.get('state.json')).toString('utf8'))
    expect(state).toMatchObject({ run, index: '../../index/' })
    expect(state.inputs).toHaveLength(FILES)
    await cluster.until('what was fed again is worked off', async () => {
      return (await scenario.inFlight()) === 0
    })
    await scenario.expectSameAsOneMachine()
  }, 600_000)

  it('a run cannot be fed with other settings than it was begun with', async () => {
    const { cluster, files, run } = scenario
    const other = await cluster.run(['feed', files[0] ?? '', '--run', run, '--languages', 'de'])
    expect(other.code).toBe(2)
    expect(other.stderr).toMatch(/begun with other settings.*quality\.languages/)
  })

  it('say how they are, and end in order when told to', async () => {
    for (const { role, port } of scenario.cluster.services) {
      const ready = await fetch(`http://127.0.0.1:${port}/readyz`)
      expect(ready.status, `${role}: ${await ready.text()}`).toBe(200)
      const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
      expect(metrics).toContain('winnow_ready')
    }
    const ends = scenario.cluster.services.map(async ({ role, child, ended, lines }) => {
      child.kill('SIGTERM')
      expect(await ended, `${role}\n${lines.slice(-5).join('\n')}`).toBe(0)
      return role
    })
    const roles: Role[] = await Promise.all(ends)
    expect(roles).toHaveLength(6)
  }, 120_000)
})

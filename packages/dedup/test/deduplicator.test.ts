import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { Deduplicator, type DedupResult } from '../src/deduplicator.js'
import * as dedup from '../src/index.js'
import { dedupParameters } from '../src/parameters.js'
import { testCorpus } from './documents.js'
import { runLog, signShards, verdictsOf } from './stored-corpus.js'

async function collect(stream: AsyncIterable<DedupResult>): Promise<DedupResult[]> {
  const results: DedupResult[] = []
  for await (const result of stream) results.push(result)
  return results
}

describe('the Deduplicator', () => {
  const corpus = testCorpus(200, 31)

  test('says the same as the log, whatever its batch size', async () => {
    const parameters = dedupParameters()
    const lines = verdictsOf(await runLog(signShards([corpus], parameters), parameters))
    for (const batchSize of [1, 7, 1024]) {
      const results = await collect(new Deduplicator({ batchSize }).process(corpus))
      const own = results.map(
        (r) => `${r.id}: ${r.reason} ${r.duplicateOf} ${r.jaccard.toFixed(4)}`,
      )
      expect(own).toEqual(lines.map((line) => line.split(' ').slice(0, 4).join(' ')))
    }
  })

  test('remembers earlier streams', async () => {
    const deduplicator = new Deduplicator()
    await collect(deduplicator.process(corpus.slice(0, 100)))
    const again = await collect(deduplicator.process(corpus.slice(0, 100)))
    expect(again.filter((r, i) => corpus[i]?.text !== '' && r.verdict === 'keep').length).toBe(
      again.filter((r, i) => corpus[i]?.url === '' && r.verdict === 'keep').length,
    )
  })

  test('runs the example of the README', async () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
    const example = /```js\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''
    const printed: string[] = []
    const body = example.replace(/^import .*$/m, '')
    expect(body).not.toBe(example)
    const run = new Function(
      'dedup',
      'console',
      `return (async () => {
      const { Deduplicator } = dedup
      ${body}
    })()`,
    )
    await run(dedup, { log: (...values: unknown[]) => printed.push(values.join(' ')) })
    const wanted = /```text\n([\s\S]*?)```/.exec(readme)?.[1]?.trim().split('\n')
    expect(printed).toEqual(wanted)
  })
})

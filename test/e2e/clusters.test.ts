import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCleanRows, readParquetRows } from '../fixtures/clean-reader.js'
import { englishParagraphs } from '../fixtures/english.js'
import { cleanShards, winnow } from '../fixtures/winnow.js'

let folder: string
let out: string
let asFirst: Record<string, string>

const text = (n: number): string => englishParagraphs(n).join('\n\n')
/** Of 1 the longest comes second; of 2 the newest comes last. */
const DOCUMENTS = [
  { id: 'a1', text: text(1), date: '2020-01-01' },
  { id: 'b1', text: `${text(1)} Longest of all, by one sentence more.`, date: '2019-01-01' },
  { id: 'a2', text: text(2), date: '2020-02-02' },
  { id: 'c1', text: `${text(1)} Long.`, date: '' },
  { id: 'b2', text: text(2), date: '2024-12-31' },
  { id: 'alone', text: text(3), date: '2022-01-01' },
]

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'winnow-clusters-'))
  out = join(folder, 'out')
  const input = join(folder, 'documents.jsonl')
  writeFileSync(input, DOCUMENTS.map((line) => `${JSON.stringify(line)}\n`).join(''))
  const done = await winnow([
    'run',
    input,
    '--out',
    out,
    '--stages',
    'extract,quality,dedup',
    '--split-size',
    '2KB',
  ])
  expect(done.code, done.stderr).toBe(0)
  asFirst = cleanShards(out)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const kept = async () => (await readCleanRows(out)).map(({ id }) => String(id)).sort()
const keep = (...policy: string[]) => winnow(['clusters', '--out', out, '--keep', ...policy])

describe('winnow clusters', () => {
  it('groups the copies and writes who is in which group', async () => {
    const done = await winnow(['clusters', '--out', out, '--json'])
    expect(done.code, done.stderr).toBe(0)
    const found = JSON.parse(done.stdout)
    expect(found).toMatchObject({ documents: 6, clusters: 2, clustered: 5 })
    expect(found.largest[0]).toMatchObject({ size: 3, kept: 1 })
    expect(found.largest[0].members.map(({ id }: { id: string }) => id)).toEqual(['a1', 'b1', 'c1'])
    const rows = await readParquetRows(join(out, 'clusters'))
    expect(rows.map(({ id }) => id).sort()).toEqual(['a1', 'a2', 'b1', 'b2', 'c1'])
    expect(cleanShards(out)).toEqual(asFirst)
  })

  it('lists the largest in the report with samples, until more documents come in', async () => {
    expect((await winnow(['clusters', '--out', out])).code).toBe(0)
    const read = () => JSON.parse(readFileSync(join(out, 'report.json'), 'utf8'))
    const { clusters } = read()
    expect(clusters).toMatchObject({
      policy: null,
      clusters: 2,
      sizes: [{ from: 2, to: 3, clusters: 2 }],
    })
    const [largest] = clusters.largest
    expect(largest.members[0]).toMatchObject({ id: 'a1', run: '', stays: true, date: '2020-01-01' })
    expect(text(1).replace(/\s+/g, ' ')).toContain(largest.members[0].excerpt.slice(0, 100))
    expect(largest.members.map(({ stays }: { stays: boolean }) => stays)).toEqual([
      true,
      false,
      false,
    ])
    const page = () => readFileSync(join(out, 'report.html'), 'utf8')
    expect(page()).toContain('Largest clusters')
    rmSync(join(out, 'report.json'))
    expect((await winnow(['report', '--out', out])).code).toBe(0)
    expect(read().clusters).toEqual(clusters)
    expect((await keep('longest')).code).toBe(0)
    expect(read().clusters.largest[0].members[0]).toMatchObject({ id: 'b1', stays: true })
    expect(page()).toContain('the longest')
    // What stays is said as it is, also when nothing is chosen anew.
    expect((await winnow(['clusters', '--out', out])).code).toBe(0)
    expect(read().clusters).toMatchObject({ policy: { name: 'longest' } })
    expect(read().clusters.largest[0].members[0].id).toBe('b1')
    const rows = await readParquetRows(join(out, 'clusters'))
    const stay = rows.filter(({ stays }) => Number(stays) === 1).map(({ id }) => id)
    expect(stay.sort()).toEqual(['a2', 'b1'])
  })

  it.each([
    [['longest'], ['a2', 'alone', 'b1']],
    [
      ['newest', '--kind', 'stars'],
      ['a1', 'alone', 'b2'],
    ],
    [
      ['best', '--metric', 'quality/word_count', '--smallest'],
      ['a1', 'a2', 'alone'],
    ],
    [
      ['best', '--metric', 'quality/word_count'],
      ['a2', 'alone', 'b1'],
    ],
    [['first'], ['a1', 'a2', 'alone']],
  ])('keeps by %s, explains it, and is sound', async (policy, expected) => {
    const done = await keep(...policy)
    expect(done.code, done.stderr).toBe(0)
    expect(await kept()).toEqual(expected)
    const verified = await winnow(['verify', '--out', out])
    expect(verified.code, verified.stdout + verified.stderr).toBe(0)
    const gone = ['a1', 'b1', 'c1'].find((id) => !expected.includes(id)) ?? ''
    const explained = await winnow(['explain', gone, '--out', out])
    expect(explained.stdout).toMatch(/duplicate/)
    const report = JSON.parse((await winnow(['report', '--out', out, '--json'])).stdout)
    expect(JSON.stringify(report)).toContain('"clean"')
  })

  it('the first of each star are the documents that the run itself keeps, to the byte', async () => {
    expect((await keep('first', '--kind', 'stars')).code).toBe(0)
    expect(cleanShards(out)).toEqual(asFirst)
  })

  it('verify notices under a policy when two copies stay, and when none does', async () => {
    const folderOfVerdicts = join(out, 'attributes', 'dedup')
    const verdicts = () =>
      new Map(
        readdirSync(folderOfVerdicts)
          .sort()
          .map((name) => [name, readFileSync(join(folderOfVerdicts, name))]),
      )
    expect((await keep('first')).code).toBe(0)
    const first = verdicts()
    expect((await keep('longest')).code).toBe(0)
    const longest = verdicts()
    const names = [...longest.keys()].filter(
      (name) => !longest.get(name)?.equals(first.get(name) ?? Buffer.alloc(0)),
    )
    expect(names.length).toBeGreaterThan(1)
    const said: string[] = []
    for (const name of names) {
      writeFileSync(join(folderOfVerdicts, name), first.get(name) ?? '')
      const done = await winnow(['verify', '--out', out])
      expect(done.code, done.stdout).toBe(1)
      said.push(done.stderr)
      writeFileSync(join(folderOfVerdicts, name), longest.get(name) ?? '')
    }
    expect(said.join('')).toMatch(/b1: a copy of a1, both kept/)
    expect(said.join('')).toMatch(/no original was kept/)
    expect((await winnow(['verify', '--out', out])).code).toBe(0)
  })

  it('killed anywhere, the same command ends it; a run refuses to mix its verdicts in', async () => {
    const started = performance.now()
    expect((await keep('longest')).code).toBe(0)
    const milliseconds = performance.now() - started
    const expected = cleanShards(out)
    for (const share of [0.5, 0.8]) {
      expect((await keep('first')).code).toBe(0)
      await winnow(['clusters', '--out', out, '--keep', 'longest'], {
        killAfter: milliseconds * share,
      })
      if (!readdirSync(out).includes('run.json')) {
        const run = [
          'run',
          join(folder, 'documents.jsonl'),
          '--out',
          out,
          '--stages',
          'extract,quality,dedup',
        ]
        const refused = await winnow([...run, '--split-size', '2KB'])
        // When only the report was missing, there was nothing to mix.
        if (refused.code === 0) expect(cleanShards(out)).toEqual(expected)
        else expect(refused.stderr).toMatch(/--keep longest/)
      }
      expect((await keep('longest')).code).toBe(0)
      expect(cleanShards(out)).toEqual(expected)
    }
  })

  it('refuses when the last run did not name all of the folder, and nothing is deleted', async () => {
    const two = join(folder, 'two')
    const more = join(folder, 'more.jsonl')
    writeFileSync(more, `${JSON.stringify({ id: 'm1', text: `${text(1)} More.` })}\n`)
    const args = (...inputs: string[]) => [
      'run',
      ...inputs,
      '--out',
      two,
      '--stages',
      'extract,dedup',
    ]
    const documents = join(folder, 'documents.jsonl')
    expect((await winnow(args(documents, more))).code).toBe(0)
    expect((await winnow(['clusters', '--out', two])).code).toBe(0)
    expect(existsSync(join(two, 'clusters.json'))).toBe(true)
    expect((await winnow(args(more))).code).toBe(0)
    const before = cleanShards(two)
    const refused = await winnow(['clusters', '--out', two, '--keep', 'longest'])
    expect(refused.code).toBe(2)
    expect(refused.stderr).toMatch(/did not name or not finish 1 shard/)
    expect(cleanShards(two)).toEqual(before)
    expect((await winnow(args(documents, more))).code).toBe(0)
    expect((await winnow(['clusters', '--out', two, '--keep', 'longest'])).code).toBe(0)
  })

  it('under a policy refuses another format of the clean shards, and nothing is deleted', async () => {
    expect((await keep('longest')).code).toBe(0)
    const before = cleanShards(out)
    const run = ['run', join(folder, 'documents.jsonl'), '--out', out, '--split-size', '2KB']
    const stages = ['--stages', 'extract,quality,dedup', '--format', 'jsonl', '--overwrite']
    const done = await winnow([...run, ...stages])
    expect(done.code).toBe(2)
    expect(done.stderr).toMatch(/clusters --kind components --keep longest/)
    expect(cleanShards(out)).toEqual(before)
    expect((await winnow(['verify', '--out', out])).code).toBe(0)
  })

  it('refuses a metric that is not there, and names those that are', async () => {
    const done = await keep('best', '--metric', 'quality/beauty')
    expect(done.code).toBe(2)
    expect(done.stderr).toMatch(/word_count/)
    expect((await keep('best', '--metric', 'dedup/jaccard_estimate')).code).toBe(2)
  })
})

import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCleanRows, readParquetRows } from '../fixtures/clean-reader.js'
import { englishParagraphs, randomNumbers } from '../fixtures/english.js'
import { winnow } from '../fixtures/winnow.js'

let folder: string
let first: string
let second: string
let together: string[]

const textOf = (n: number): string => englishParagraphs(n).join('\n\n')

/** JSONL of documents; `near` ones are earlier ones with a sentence more. */
function jsonl(from: number, to: number, copies: readonly number[]): string {
  const lines: { id: string; url: string; text: string }[] = []
  for (let n = from; n < to; n++)
    lines.push({ id: `d${n}`, url: `https://a.example/${n}`, text: textOf(n) })
  for (const n of copies) {
    lines.push({
      id: `same${n}-${from}`,
      url: `https://b.example/${from}/${n}`,
      text: textOf(n),
    })
    lines.push({
      id: `near${n}-${from}`,
      url: `https://c.example/${from}/${n}`,
      text: `${textOf(n)} One more sentence.`,
    })
  }
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('')
}

const run = async (
  input: string | readonly string[],
  out: string,
  index: string,
  extra: string[] = [],
) => {
  const inputs = typeof input === 'string' ? [input] : input
  const args = ['run', ...inputs, '--out', out, '--index', index, '--stages', 'extract,dedup']
  const done = await winnow([...args, '--split-size', '16KB', '--workers', '2', ...extra])
  expect(done.code, done.stderr).toBe(0)
  return done
}
/** A byte of the keys in a key file, which only a replay reads; the sketches that verification needs come later. */
const ENTRY_BYTE = 3000
function flipByte(path: string, at: number): void {
  const bytes = readFileSync(path)
  bytes[at] = (bytes[at] as number) ^ 1
  writeFileSync(path, bytes)
}
const ids = async (out: string) => (await readCleanRows(out)).map(({ id }) => String(id))

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'winnow-index-'))
  first = join(folder, 'first.jsonl')
  second = join(folder, 'second.jsonl')
  writeFileSync(first, jsonl(0, 40, [3, 7]))
  writeFileSync(second, jsonl(40, 70, [3, 50, 5]))
  await run([first, second], join(folder, 'one'), join(folder, 'one-index'))
  together = await ids(join(folder, 'one'))
  await run(first, join(folder, 'a'), join(folder, 'index'))
  await run(second, join(folder, 'b'), join(folder, 'index'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('an index that outlives the run', () => {
  it('two runs keep the documents that one run over both keeps', async () => {
    expect(together.length).toBe(70)
    expect([...(await ids(join(folder, 'a'))), ...(await ids(join(folder, 'b')))].sort()).toEqual(
      [...together].sort(),
    )
  })

  it('says of which document of which run each is the copy', async () => {
    const explained = await winnow(['explain', 'near3-40', '--out', join(folder, 'b')])
    expect(explained.stdout).toMatch(/near_duplicate/)
    expect(explained.stdout).toMatch(/d3 of the earlier run a-[0-9a-f]{8}/)
    const own = await winnow(['explain', 'same50-40', '--out', join(folder, 'b')])
    expect(own.stdout).toMatch(/duplicate_text/)
    expect(own.stdout).not.toMatch(/earlier run/)
  })

  it('a third run with nothing new keeps nothing, and says so', async () => {
    const done = await run(second, join(folder, 'c'), join(folder, 'index'))
    expect(await ids(join(folder, 'c'))).toEqual([])
    expect(done.stdout + done.stderr).toMatch(/nothing new/)
    for (const out of ['a', 'b', 'c']) {
      const verified = await winnow(['verify', '--out', join(folder, out)])
      expect(verified.code, verified.stdout + verified.stderr).toBe(0)
    }
  })

  it('a run that lost its folder comes out the same again, and not as copies of itself', async () => {
    const before = await ids(join(folder, 'b'))
    rmSync(join(folder, 'b'), { recursive: true })
    await run(second, join(folder, 'b'), join(folder, 'index'))
    expect(await ids(join(folder, 'b'))).toEqual(before)
  })

  it('a folder that is used anew for other inputs is another run', async () => {
    const index = join(folder, 'daily-index')
    const out = join(folder, 'daily')
    await run(first, out, index)
    renameSync(out, join(folder, 'archived'))
    await run(second, out, index)
    expect(await ids(out)).toEqual(await ids(join(folder, 'b')))
    const info = JSON.parse((await winnow(['index', 'info', index, '--json'])).stdout)
    expect(info.runs.length).toBe(2)
    expect(info.runs[1].run).toBe(`${info.runs[0].run}-2`)
    expect((await winnow(['verify', '--out', out])).code).toBe(0)
    expect((await winnow(['clusters', '--out', out, '--keep', 'longest'])).code).toBe(0)
    expect((await winnow(['verify', '--out', out])).code).toBe(0)
  })

  it('a lost folder that is made again with other settings is another run too', async () => {
    const index = join(folder, 'looser-index')
    const out = join(folder, 'looser')
    const quality = ['--stages', 'extract,quality,dedup']
    await run(first, out, index, [...quality, '--languages', 'de'])
    expect(await ids(out)).toEqual([])
    rmSync(out, { recursive: true })
    await run(first, out, index, [...quality, '--languages', 'en'])
    expect((await ids(out)).length).toBe(40)
    expect((await winnow(['verify', '--out', out])).code).toBe(0)
  })

  it('made with other parameters is refused, and the difference is named', async () => {
    const args = ['run', first, '--out', join(folder, 'other'), '--index', join(folder, 'index')]
    const done = await winnow([...args, '--stages', 'extract,dedup', '--dedup', 'strict'])
    expect(done.code).toBe(2)
    expect(done.stderr).toMatch(/bands is 14, not 20/)
  })

  it('the documents of a run in a shared index cannot be made again with other settings', async () => {
    const args = ['run', first, '--out', join(folder, 'a'), '--index', join(folder, 'index')]
    const done = await winnow([...args, '--stages', 'extract,quality,dedup', '--overwrite'])
    expect(done.code).toBe(2)
    expect(done.stderr).toMatch(/shared index/)
  })
})

describe('snapshots of the index', () => {
  const config = () => {
    const path = join(folder, 'often.yaml')
    writeFileSync(path, 'dedup: { snapshotKeys: 100 }\n')
    return ['--config', path]
  }
  const filesOf = (index: string): string[] =>
    readdirSync(join(index, 'snapshots'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.includes('.'))
      .sort()

  it('are used by the next run: key files of the log are not read again', async () => {
    const index = join(folder, 'snap-index')
    await run(first, join(folder, 'snap-a'), index, config())
    expect(new Set(filesOf(index).map((name) => name.slice(0, 12))).size).toBeLessThanOrEqual(2)
    for (const name of readdirSync(join(index, 'keys'), { recursive: true, encoding: 'utf8' }))
      if (name.endsWith('.keys')) flipByte(join(index, 'keys', name), ENTRY_BYTE)
    const without = join(folder, 'snap-without')
    cpSync(index, without, { recursive: true })
    rmSync(join(without, 'snapshots'), { recursive: true })
    await run(second, join(folder, 'snap-b'), index)
    expect(await ids(join(folder, 'snap-b'))).toEqual(await ids(join(folder, 'b')))
    const args = ['run', second, '--out', join(folder, 'snap-c'), '--index', without]
    const done = await winnow([...args, '--stages', 'extract,dedup'])
    expect(done.code).toBe(1)
    expect(done.stderr).toMatch(/has lost what it knows of shard/)
  })

  it('and stored pairs of another order of the same shards are made again, not believed', async () => {
    const [x, y] = ['x', 'y'].map((name) => {
      const path = join(folder, `order-${name}.jsonl`)
      const lines = Array.from({ length: 12 }, (_, n) =>
        JSON.stringify({ id: `${name}${n}`, url: `https://${name}.example/${n}`, text: textOf(n) }),
      )
      writeFileSync(path, lines.map((line) => `${line}\n`).join(''))
      return path
    }) as [string, string]
    const [out, index, old] = ['order-out', 'order-index', 'order-old'].map((name) =>
      join(folder, name),
    ) as [string, string, string]
    const options = [...config(), '--split-size', '1MB']
    await run([x, y], out, index, options)
    cpSync(index, old, { recursive: true })
    const before = await ids(out)
    for (const path of [out, index]) rmSync(path, { recursive: true })
    await run([y, x], out, index, options)
    const wanted = await ids(out)
    expect(wanted).not.toEqual(before)
    for (const part of ['matches', 'snapshots']) {
      rmSync(join(index, part), { recursive: true })
      cpSync(join(old, part), join(index, part), { recursive: true })
    }
    for (const path of ['attributes/dedup', 'clean', 'summaries', 'run.json'])
      rmSync(join(out, path), { recursive: true })
    const done = await run([y, x], out, index, options)
    expect(done.stderr).toMatch(/another order log/)
    expect(await ids(out)).toEqual(wanted)
    expect((await winnow(['verify', '--out', out])).code).toBe(0)
  })

  it.each([
    ['torn', (path: string) => truncateSync(path, 100)],
    ['changed', (path: string) => flipByte(path, readFileSync(path).length >> 1)],
  ])(
    'that are %s are passed over with a warning: the one before or the log counts',
    async (kind, spoil) => {
      const index = join(folder, `spoilt-${kind}`)
      await run(first, join(folder, `spoilt-${kind}-a`), index, config())
      const newest =
        filesOf(index)
          .filter((name) => name.endsWith('.wnix'))
          .at(-1) ?? ''
      spoil(join(index, 'snapshots', newest))
      const done = await run(second, join(folder, `spoilt-${kind}-b`), index)
      expect(done.stderr).toMatch(/cannot be used/)
      expect(await ids(join(folder, `spoilt-${kind}-b`))).toEqual(await ids(join(folder, 'b')))
    },
  )

  it('kill -9 twenty times while they are written: the next run is right', async () => {
    const index = join(folder, 'killed-index')
    const out = join(folder, 'killed')
    const args = ['run', first, second, '--out', out, '--index', index, ...config()]
    const all = [...args, '--stages', 'extract,dedup', '--split-size', '2KB', '--workers', '2']
    const started = performance.now()
    await winnow(
      all.map((word) => (word === out ? `${out}-timed` : word === index ? `${index}-timed` : word)),
    )
    const milliseconds = performance.now() - started
    const random = randomNumbers(Date.now())
    // A run that came to its end before its kill is checked, and begun anew.
    for (let killed = 0; killed < 20; ) {
      const { code, stderr } = await winnow(all, { killAfter: 150 + random() * milliseconds * 0.7 })
      if (code === null) {
        killed++
        continue
      }
      expect(code, stderr).toBe(0)
      expect((await ids(out)).sort()).toEqual([...together].sort())
      rmSync(out, { recursive: true })
      rmSync(index, { recursive: true })
    }
    const last = await winnow(all)
    expect(last.code, last.stderr).toBe(0)
    expect((await ids(out)).sort()).toEqual([...together].sort())
    expect((await winnow(['verify', '--out', out])).code).toBe(0)
  }, 240_000)
})

describe('the index commands', () => {
  it('info tells the runs, and what each kept', async () => {
    const info = await winnow(['index', 'info', join(folder, 'index'), '--json'])
    const { runs, documents, kept } = JSON.parse(info.stdout)
    expect(runs.map(({ run }: { run: string }) => run.slice(0, 2))).toEqual(['a-', 'b-', 'c-'])
    expect(runs.map(({ kept }: { kept: number }) => kept)).toEqual([40, 30, 0])
    expect([documents, kept]).toEqual([44 + 36 + 36, 70])
    const text = await winnow(['index', 'info', join(folder, 'index')])
    expect(text.stdout).toMatch(/116, 70 kept/)
    expect((await winnow(['index', 'info', join(folder, 'a', 'clean')])).code).toBe(2)
  })

  it('merge of two indexes is the index of the two runs, and a later run sees both', async () => {
    await run(first, join(folder, 'm-a'), join(folder, 'm-a-index'))
    await run(second, join(folder, 'm-b'), join(folder, 'm-b-index'))
    const merged = join(folder, 'merged')
    const sources = [join(folder, 'm-a-index'), join(folder, 'm-b-index')]
    const done = await winnow(['index', 'merge', ...sources, '--out', merged, '--json'])
    expect(done.code, done.stderr).toBe(0)
    // near3 and near5, and the copies of 3 and 5, were kept by the second run alone: one of each pair.
    expect(JSON.parse(done.stdout)).toMatchObject({ documents: 80, kept: 70, keptBefore: 72 })
    await run(second, join(folder, 'm-c'), merged)
    expect(await ids(join(folder, 'm-c'))).toEqual([])
    const again = await winnow(['index', 'merge', ...sources, '--out', merged])
    expect(again.code).toBe(2)
  })

  it('compact leaves one snapshot and no file that nothing needs; the index stays what it was', async () => {
    const index = join(folder, 'compacted')
    cpSync(join(folder, 'index'), index, { recursive: true })
    writeFileSync(join(index, 'keys', 'never-logged.keys'), 'x')
    const done = await winnow(['index', 'compact', index])
    expect(done.code, done.stderr).toBe(0)
    expect(readdirSync(join(index, 'snapshots')).length).toBe(1)
    expect(readdirSync(join(index, 'keys'))).not.toContain('never-logged.keys')
    await run(second, join(folder, 'after-compact'), index)
    expect(await ids(join(folder, 'after-compact'))).toEqual([])
  })

  it('export gives every document with its fate as Parquet', async () => {
    const out = join(folder, 'exported')
    const done = await winnow(['index', 'export', join(folder, 'index'), '--out', out])
    expect(done.code, done.stderr).toBe(0)
    const rows = await readParquetRows(out)
    expect(rows.length).toBe(116)
    expect(rows.filter(({ kept }) => Number(kept) === 1).length).toBe(70)
    const copy = rows.find(({ id, run }) => id === 'near3-40' && String(run).startsWith('b-'))
    expect(copy).toMatchObject({ reason: 'near_duplicate', duplicate_of: 'd3' })
    expect(String(copy?.duplicate_run)).toMatch(/^a-/)
  })
})

describe('an index of the kind bloom', () => {
  const bloom = ['--dedup', 'fineweb', '--index-kind', 'bloom']

  it('drops what was seen before, in this run and in earlier ones, and is verified', async () => {
    const often = join(folder, 'bloom.yaml')
    writeFileSync(often, 'dedup: { snapshotKeys: 100, expectedDocuments: 1000 }\n')
    const index = join(folder, 'bloom-index')
    const extra = [...bloom, '--config', often]
    await run(first, join(folder, 'bloom-a'), index, extra)
    await run(second, join(folder, 'bloom-b'), index, extra)
    const kept = [...(await ids(join(folder, 'bloom-a'))), ...(await ids(join(folder, 'bloom-b')))]
    expect(kept.sort()).toEqual([...together].sort())
    for (const out of ['bloom-a', 'bloom-b']) {
      const verified = await winnow(['verify', '--out', join(folder, out)])
      expect(verified.code, verified.stdout + verified.stderr).toBe(0)
      expect(verified.stdout).toMatch(/0 dropped although none was/)
    }
    const explained = await winnow(['explain', 'same3-40', '--out', join(folder, 'bloom-b')])
    expect(explained.stdout).toMatch(/duplicate_text/)
    expect((await winnow(['clusters', '--out', join(folder, 'bloom-b')])).code).toBe(2)
  })

  it('is not mixed with the other kind, nor verified against sketches', async () => {
    const args = ['run', first, '--out', join(folder, 'bloom-x'), '--stages', 'extract,dedup']
    const verifying = await winnow([...args, '--index-kind', 'bloom'])
    expect(verifying.code).toBe(2)
    expect(verifying.stderr).toMatch(/verify to off/)
    const mixed = await winnow([
      ...args,
      '--index',
      join(folder, 'bloom-index'),
      '--dedup',
      'fineweb',
    ])
    expect(mixed.code).toBe(2)
    expect(mixed.stderr).toMatch(/kind bloom, not exact/)
  })
})

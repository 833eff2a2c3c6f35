import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { winnow } from '../fixtures/winnow.js'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'winnow-curve-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const curve = (...args: string[]) => winnow(['dedup', 'curve', ...args])

describe('winnow dedup curve', () => {
  it('shows what the default parameters detect and cost', async () => {
    const { code, stdout, stderr } = await curve()
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(/^bands x minimums +14 x 8$/m)
    expect(stdout).toMatch(/^half of the pairs detected at +0\.718$/m)
    // Jaccard, proposed, detected.
    expect(stdout).toMatch(/^ +0\.80 +92\.4 +92\.1$/m)
    expect(stdout).toMatch(/^ +1\.00 +100 +100$/m)
    expect(stdout).toMatch(/^key files +312 MB$/m)
    expect(stdout).toMatch(/^signing +\d/m)
    expect(stdout).toContain('█')
  })

  it('compares all profiles within 80 columns, and draws them', async () => {
    const svg = join(folder, 'curve.svg')
    const all = ['--profile', 'default', 'fineweb', 'lee', 'strict']
    const { code, stdout, stderr } = await curve(...all, '--svg', svg)
    expect(code, stderr).toBe(0)
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
    expect(stdout).toMatch(/^ +default +fineweb +lee +strict$/m)
    const chart = readFileSync(svg, 'utf8')
    expect(chart).toMatch(/^<svg xmlns/)
    expect(chart.match(/class="detected c\d"/g)).toHaveLength(4)
  })

  it('gives machines the numbers of any parameters', async () => {
    const changes = ['--bands', '20', '--rows', '6', '--verify', 'off']
    const unit = ['--shingle', 'character', '--ngram', '25']
    const { code, stdout, stderr } = await curve(...changes, ...unit, '--json')
    expect(code, stderr).toBe(0)
    const { measured, curves } = JSON.parse(stdout)
    expect(measured).toEqual({ documentBytes: 5000, seconds: 0.3 })
    expect(curves).toHaveLength(1)
    expect(curves[0].fingerprint).toBe(
      'keys=1 ngram=25 bands=20 rows=6 sketch=112x8 shingle=character verify=off against=kept chain=8',
    )
    const { jaccard, candidate, detected } = curves[0].points[15]
    expect(jaccard).toBe(0.75)
    expect(candidate).toBeCloseTo(1 - (1 - 0.75 ** 6) ** 20, 12)
    expect(detected).toBe(candidate)
    expect(curves[0].perMillionDocuments.keyFileBytes).toBe(1e6 * (22 * 12 + 8 + 112))
    expect(curves[0].perMillionDocuments.signSeconds).toBeGreaterThan(0)
    expect(curves[0].perMillionDocuments.lookUpSeconds).toBeGreaterThan(0)
  })

  it.each([
    [['--bands', '0'], 'bands is 0', 'Give a whole number from 1 to 510'],
    [['--ngram', '65'], 'ngram is 65', 'from 1 to 64'],
    [['--rows', 'many'], '--rows', 'It must be a number'],
    [['--shingle', 'byte'], 'shingle is byte', "It can be 'word' or 'character'"],
    [['--verify', '2'], 'verify is 2', "or 'off'"],
    [['--profile', 'sloppy'], 'no deduplication profile "sloppy"', 'default, fineweb'],
  ])('refuses %j and says what would do', async (args, message, hint) => {
    const { code, stdout, stderr } = await curve(...args)
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toContain(message)
    expect(stderr).toContain(hint)
  })

  it('says where a chart cannot be written', async () => {
    const { code, stderr } = await curve('--svg', join(folder, 'missing', 'curve.svg'))
    expect(code).toBe(1)
    expect(stderr).toContain('the chart cannot be written')
    expect(stderr).toContain('a folder that exists')
  })
})

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { doctor } from '../src/commands/doctor.js'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'winnow-doctor-'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true, force: true })
})

/** What doctor finds, by the name of the check. */
async function findings(settings: string): Promise<Map<string, { ok: boolean; finding: string }>> {
  const configFile = join(folder, 'settings.yaml')
  writeFileSync(configFile, settings)
  let said = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    said += String(text)
    return true
  })
  await doctor({ out: undefined, configFile, settings: {}, createTopics: false, output: 'json' })
  const checks = JSON.parse(said) as { name: string; ok: boolean; finding: string }[]
  return new Map(checks.map((check) => [check.name, check]))
}

it('the settings of a run are read as such where the environment names a cluster', async () => {
  vi.stubEnv('WINNOW_STORAGE_URI', join(folder, 'store'))
  vi.stubEnv('WINNOW_KAFKA_BROKERS', '127.0.0.1:1')
  const found = await findings('quality:\n  languages: [de]\n')
  expect(found.get('configuration')?.ok).toBe(true)
  expect(found.get('cluster')?.ok).toBe(true)
  expect(found.get('bucket, range')?.ok).toBe(true)
  expect(found.get('Kafka')?.finding).toMatch(/127\.0\.0\.1:1/)
  const wrong = await findings('quality:\n  langages: [de]\n')
  expect(wrong.get('configuration')?.finding).toMatch(/langages/)
}, 60_000)

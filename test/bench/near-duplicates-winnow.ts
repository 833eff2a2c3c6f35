/** Deduplicates a file of documents in one process, as the peers' scripts do: `FILE KEPT_FILE PROFILE PARAMETERS`. */
import { readFileSync, writeFileSync } from 'node:fs'
import {
  Deduplicator,
  type DedupParameters,
  type DocumentToDeduplicate,
  type ProfileName,
} from '@winnow/dedup'

const [file = '', keptFile = '', profile, parameters = '{}'] = process.argv.slice(2)
const documents = readFileSync(file, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as DocumentToDeduplicate)
const start = performance.now()
const kept: string[] = []
const deduplicator = new Deduplicator({
  profile: profile as ProfileName,
  parameters: JSON.parse(parameters) as Partial<DedupParameters>,
})
for await (const { id, verdict } of deduplicator.process(documents))
  if (verdict === 'keep') kept.push(id)
const seconds = (performance.now() - start) / 1000
writeFileSync(keptFile, kept.map((id) => `${id}\n`).join(''))
console.log(JSON.stringify({ seconds }))

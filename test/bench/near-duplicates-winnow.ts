/** Deduplicates a file of documents in one process, as the peers' scripts do: `FILE KEPT_FILE PROFILE`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { Deduplicator, type DocumentToDeduplicate, type ProfileName } from '@winnow/dedup'

const [file = '', keptFile = '', profile] = process.argv.slice(2)
const documents = readFileSync(file, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as DocumentToDeduplicate)
const start = performance.now()
const kept: string[] = []
for await (const { id, verdict } of new Deduplicator({ profile: profile as ProfileName }).process(
  documents,
))
  if (verdict === 'keep') kept.push(id)
const seconds = (performance.now() - start) / 1000
writeFileSync(keptFile, kept.map((id) => `${id}\n`).join(''))
console.log(JSON.stringify({ seconds }))

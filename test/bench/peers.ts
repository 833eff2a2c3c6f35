import { createHash } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Measurement } from './part.js'
import { runProcess } from './process.js'

/** What the peers are, at the versions that the tables name. */
const PACKAGES = [
  'datatrove==0.10.1',
  'datasketch==2.0.0',
  'rensa==0.5.0',
  'gaoya==0.2.2',
  'resiliparse==2.0.1',
  'trafilatura==2.3.1',
  'pyarrow',
  // What datatrove's steps import and do not install.
  'fasteners',
  'faust-cchardet',
  'lxml_html_clean',
  'nltk',
  'orjson',
  'python-magic',
  'regex',
  'spacy',
  'tldextract',
  'warcio',
  'tokenizers',
  // Its words of Chinese and Japanese.
  'jieba==0.42.1',
  'sudachipy==0.7.0',
  'sudachidict_core==20261015',
  // xxhash 4 takes no strings any more, which datatrove 0.10.1 gives it.
  'xxhash==3.6.0',
]

/** Python scripts that run the other programs on the same input. */
export interface PeerPrograms {
  /** Runs `peers/<script>.py` and reads the measurements it prints, one JSON object a line. */
  measure(script: string, args: readonly string[]): Promise<Measurement[]>
  /** The command line of a script, to be timed as a whole process. */
  command(script: string, args: readonly string[]): string[]
}

/** The peers, installed into a virtual environment in the user's cache on first use (some 700 MB). */
export async function installPeers(): Promise<PeerPrograms> {
  const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'winnow-bench')
  const python = join(folder, 'venv', 'bin', 'python')
  const digest = createHash('sha256').update(PACKAGES.join()).digest('hex')
  const stamp = join(folder, `installed-${digest.slice(0, 24)}`)
  if (!existsSync(stamp)) {
    console.error(`installing ${PACKAGES.slice(0, 6).join(', ')} into ${folder} …`)
    await mkdir(folder, { recursive: true })
    await runProcess(['python3', '-m', 'venv', join(folder, 'venv')])
    await runProcess([python, '-m', 'pip', 'install', '--quiet', ...PACKAGES])
    writeFileSync(stamp, '')
  }
  const command = (script: string, args: readonly string[]) => [python, scriptFile(script), ...args]
  return {
    command,
    async measure(script, args) {
      const { stdout } = await runProcess(command(script, args))
      return stdout
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as Measurement)
    },
  }
}

/** Writes one JSON object per value, as the scripts read them. Returns the file. */
export async function writeLines(
  file: string,
  name: string,
  values: readonly string[],
): Promise<string> {
  const lines = values.map((value, i) => JSON.stringify({ id: `${i}`, [name]: value }))
  await writeFile(file, `${lines.join('\n')}\n`)
  return file
}

/** The scripts are not compiled: they stand in the source folder, next to `dist`. */
function scriptFile(script: string): string {
  return fileURLToPath(new URL(`../../bench/peers/${script}.py`, import.meta.url))
}

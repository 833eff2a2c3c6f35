import { parseArgs } from 'node:util'
import { startCluster } from './local-cluster.js'

const HELP = `npm run cluster -- [--index N]

Starts Kafka, an S3 server and every role of Winnow on this machine, on free ports and in a temporary folder.
Ctrl-C stops all and deletes the folder. --index N runs N index workers (default 1).
Needs Java 17 or later, and once Maven and Go to fetch the servers.`

/** `npm run cluster`: the cluster on one machine, to try it out. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { help: { type: 'boolean' }, index: { type: 'string', default: '1' } },
  })
  const indexWorkers = Number(values.index)
  if (values.help || !(indexWorkers >= 1 && indexWorkers <= 256)) {
    console.log(HELP)
    return values.help ? 0 : 2
  }
  const interrupted = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
  const cluster = await startCluster({ indexWorkers, say: (line) => console.log(line) })
  const lost = await Promise.race([interrupted, cluster.lost])
  console.log(lost === undefined ? '\nstopping' : `${lost}\nstopping`)
  await cluster.stop()
  return lost === undefined ? 0 : 1
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error)
    process.exit(1)
  },
)

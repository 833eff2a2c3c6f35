/**
 * A member of a group in a process of its own, to be killed or frozen. Prints what it handles, and ends a message only
 * when it is aborted. Runs the built package.
 */
import { KafkaBus } from '@winnow/bus/kafka'

const [brokers = '', topicPrefix = '', topic = '', group = ''] = process.argv.slice(2)
const bus = await KafkaBus.connect({
  brokers: brokers.split(','),
  topicPrefix,
  sessionTimeoutMs: 3_000,
  heartbeatIntervalMs: 300,
})
await bus.consume({
  topic,
  group,
  concurrency: 1,
  handle: ({ value }, { signal }) =>
    new Promise((resolve) => {
      console.log(`started ${value}`)
      signal.addEventListener('abort', () => {
        console.log(`aborted ${value}`)
        resolve()
      })
    }),
})

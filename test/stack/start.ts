import {
  type KafkaOptions,
  type KafkaServer,
  kafkaJars,
  MissingComponent,
  type S3Options,
  type S3Server,
  startNativeKafka,
  startNativeS3,
  versitygw,
} from '@winnow/cluster'

/** The components that a test can ask for. */
export type Component = 'kafka' | 's3'

/**
 * A Kafka of the caller's own, which it may kill; `sharedKafka` is there at once for the others.
 * @throws {MissingComponent} where it cannot be had
 */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaServer> {
  await orderedAbsent()
  return startNativeKafka(options)
}

/** An S3 server of the caller's own, which it may kill; `sharedS3` is there at once for the others. */
export async function startS3(options: S3Options = {}): Promise<S3Server> {
  await orderedAbsent()
  return startNativeS3(options)
}

/** Fetches what `component` needs. What is missing, in one line, where it cannot be had. */
export async function prepare(component: Component): Promise<string | undefined> {
  try {
    await orderedAbsent()
    await (component === 'kafka' ? kafkaJars() : versitygw())
    return undefined
  } catch (error) {
    if (error instanceof MissingComponent) return error.message
    throw error
  }
}

/** WINNOW_STACK=off: as on a machine that has none of the components. */
async function orderedAbsent(): Promise<void> {
  if (process.env.WINNOW_STACK === 'off') throw new MissingComponent('WINNOW_STACK=off')
}

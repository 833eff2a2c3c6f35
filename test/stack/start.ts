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
import { dockerHas, startDockerKafka, startDockerS3 } from './docker.js'

/** The components that a test can ask for. */
export type Component = 'kafka' | 's3'

/**
 * A Kafka of the caller's own, which it may kill; `sharedKafka` is there at once for the others. In containers where a
 * Docker engine has the image (`prepare` pulls it), native elsewhere; WINNOW_TEST_STACK=docker, native or off decides.
 * @throws {MissingComponent} where it cannot be had
 */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaServer> {
  return (await way('kafka')) === 'docker' ? startDockerKafka(options) : startNativeKafka(options)
}

/** An S3 server of the caller's own, which it may kill; `sharedS3` is there at once for the others. */
export async function startS3(options: S3Options = {}): Promise<S3Server> {
  return (await way('s3')) === 'docker' && options.flags === undefined
    ? startDockerS3()
    : startNativeS3(options)
}

/** Fetches what `component` needs. What is missing, in one line, where it cannot be had. */
export async function prepare(component: Component): Promise<string | undefined> {
  try {
    if ((await way(component, true)) === 'native')
      await (component === 'kafka' ? kafkaJars() : versitygw())
    return undefined
  } catch (error) {
    if (error instanceof MissingComponent) return error.message
    throw error
  }
}

async function way(component: Component, pull = false): Promise<'docker' | 'native'> {
  const ordered = process.env.WINNOW_TEST_STACK
  if (ordered === 'off') throw new MissingComponent('WINNOW_TEST_STACK=off')
  if (ordered === 'native') return 'native'
  if (await dockerHas(component, pull)) return 'docker'
  if (ordered === 'docker')
    throw new MissingComponent('no Docker engine that has or gets the image')
  return 'native'
}

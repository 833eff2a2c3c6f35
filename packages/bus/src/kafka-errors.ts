import { StorageError, UsageError, WinnowError } from '@winnow/core'

/** What a Kafka client's error may carry; told by name and type, so that the client is not needed to tell. */
interface ClientError extends Error {
  readonly type?: string
  readonly code?: string | number
  readonly cause?: unknown
  readonly retriable?: boolean
}

export interface ErrorContext {
  /** What was tried, such as `publish to winnow.clean`. */
  readonly action: string
  readonly brokers: readonly string[]
  readonly mechanism?: string | undefined
}

const PERMISSION = /^(TOPIC|GROUP|CLUSTER|TRANSACTIONAL_ID)_AUTHORIZATION_FAILED$/
const TOO_LARGE = /^(MESSAGE_TOO_LARGE|RECORD_LIST_TOO_LARGE)$/
const TOO_FEW_REPLICAS = /^NOT_ENOUGH_REPLICAS/
const UNREACHABLE =
  /^KafkaJS(ConnectionError|ConnectionClosedError|NoBrokerAvailableError|BrokerNotFound|RequestTimeoutError|LockTimeout)$/

/** The client's error as one of ours: what failed, where, and what to do. Names no credentials. */
export function kafkaError(error: unknown, context: ErrorContext): WinnowError {
  if (error instanceof WinnowError) return error
  const cause = rootOf(error)
  const type = cause.type ?? ''
  const what = `cannot ${context.action}`
  const where = context.brokers.join(', ')
  if (cause.name === 'KafkaJSSASLAuthenticationError')
    return new StorageError(
      `${what}: the broker refused the credentials (SASL ${context.mechanism ?? 'none'}, ${where})`,
      { cause, hint: 'check kafka.sasl: mechanism, username, and WINNOW_KAFKA_PASSWORD' },
    )
  if (PERMISSION.test(type))
    return new StorageError(`${what}: no permission (${type})`, {
      cause,
      hint: 'grant this user the operation: read, write, describe on the topic, read on the group, idempotent write on the cluster',
    })
  if (type === 'UNKNOWN_TOPIC_OR_PARTITION') return missingTopic(context.action, cause)
  if (TOO_LARGE.test(type))
    return new UsageError(
      `${what}: the broker refused the message as too large`,
      'raise max.message.bytes of the topic to 1 MiB, the default of Kafka',
      cause,
    )
  if (TOO_FEW_REPLICAS.test(type))
    return new StorageError(`${what}: fewer in-sync replicas than min.insync.replicas`, {
      cause,
      retryable: true,
      hint: 'bring the missing brokers back',
    })
  if (UNREACHABLE.test(cause.name))
    return new StorageError(`${what}: no broker reachable at ${where} (${cause.message})`, {
      cause,
      retryable: true,
      hint: 'check that Kafka runs, kafka.brokers, its advertised.listeners, and whether it wants TLS or SASL',
    })
  return new StorageError(`${what}: ${cause.message}`, {
    cause,
    retryable: cause.retriable !== false,
    hint: '',
  })
}

export function missingTopic(action: string, cause?: unknown): StorageError {
  return new StorageError(`cannot ${action}: the topic does not exist`, {
    cause,
    hint: 'create the topics with `winnow doctor --create-topics`; check kafka.topicPrefix',
  })
}

/** Below the wrappers that only count retries. */
function rootOf(error: unknown): ClientError {
  let root = (error instanceof Error ? error : new Error(String(error))) as ClientError
  while (root.type === undefined && root.cause instanceof Error) root = root.cause as ClientError
  return root
}

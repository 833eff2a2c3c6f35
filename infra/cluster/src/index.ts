export { KAFKA_VERSION, kafkaJars, MissingComponent, stackCache, versitygw } from './components.js'
export { freePorts } from './free-ports.js'
export {
  brokerProperties,
  formatCommand,
  jvmOptions,
  type KafkaNode,
  type KafkaUser,
  type KafkaUsers,
  LOGGING,
  SERVES,
} from './kafka-properties.js'
export {
  type KafkaOptions,
  type KafkaServer,
  newClusterId,
  newUsers,
  startNativeKafka,
} from './kafka-server.js'
export {
  BUCKET,
  createBucket,
  REGION,
  type S3Options,
  type S3Server,
  s3ClientConfig,
  startNativeS3,
} from './s3-server.js'
export { type ServerCommand, ServerProcess } from './server-process.js'

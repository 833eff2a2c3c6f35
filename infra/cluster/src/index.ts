export { kafkaJars, MissingComponent, stackCache, versitygw } from './components.js'
export { freePorts } from './free-ports.js'
export {
  type KafkaOptions,
  type KafkaServer,
  type KafkaUser,
  startNativeKafka,
} from './kafka-server.js'
export {
  createBucket,
  type S3Options,
  type S3Server,
  s3ClientConfig,
  startNativeS3,
} from './s3-server.js'
export { type ServerCommand, ServerProcess } from './server-process.js'

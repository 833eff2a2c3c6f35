export { createBucket, type KafkaServer, type S3Server, s3ClientConfig } from '@winnow/cluster'
export { missingStack, type SharedKafka, type SharedS3, sharedKafka, sharedS3 } from './shared.js'
export { startKafka, startS3 } from './start.js'

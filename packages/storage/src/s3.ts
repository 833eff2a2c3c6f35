export type { S3Settings } from './s3-settings.js'
export { S3Store } from './s3-store.js'

import { hashReady } from './hash.js'

export * from './exports.js'

await hashReady

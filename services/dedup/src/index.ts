export * from './log-resolver.js'
export * from './signer.js'

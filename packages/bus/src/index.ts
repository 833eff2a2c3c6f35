export * from './file-log.js'
export * from './in-process-bus.js'
export * from './message-bus.js'

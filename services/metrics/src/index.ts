export * from './cluster-progress.js'
export { newestSnapshot } from './look.js'
export * from './metrics-service.js'
export * from './run-progress.js'

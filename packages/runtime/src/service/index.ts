export {
  type Condition,
  conditionPage,
  HealthServer,
  jsonPage,
  type Page,
  type Pages,
} from './health-server.js'
export { createLog, type Log, type LogFields, type LogLevel } from './log.js'
export * from './metric-definitions.js'
export * from './metrics.js'
export * from './service.js'
export { type Closer, Shutdown, ShutdownError } from './shutdown.js'

/** What runs in the cluster's `dedup-index` and `dedup-resolve` services. */
export * from './cluster-log.js'
export * from './index-role.js'
export * from './resolve-role.js'

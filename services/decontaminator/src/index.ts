export * from './benchmarks.js'
export * from './decontaminator.js'
export * from './materialise.js'

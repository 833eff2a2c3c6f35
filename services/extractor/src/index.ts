export * from './block-lists.js'
export * from './extractor.js'
export type { Screening } from './screening.js'

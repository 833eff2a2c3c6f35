export * from './extractor.js'
export type { Screening } from './screening.js'

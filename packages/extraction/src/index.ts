export { type ExtractedPage, type ExtractOptions, extractPage } from './extract.js'
export type { PageKind } from './kind.js'
export { EXTRACTION_RULES } from './rules.js'

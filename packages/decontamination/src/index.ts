export {
  type Benchmark,
  type BenchmarkExample,
  BenchmarkReader,
  benchmarkFromLines,
  benchmarkFromRecords,
  type RejectedRecord,
} from './benchmark.js'
export {
  type BenchmarkIndex,
  type BenchmarkSummary,
  buildBenchmarkIndex,
} from './benchmark-index.js'
export {
  addNgramDocuments,
  type CommonNgram,
  commonNgrams,
  createNgramCounter,
  type NgramDocuments,
} from './common-ngrams.js'
export { decodeMatches, type ExampleMatch } from './example-match.js'
export type { BenchmarkRecord } from './fields.js'
export {
  DECONTAMINATION_MODES,
  type DecontaminationMode,
  INDEX_DEFAULTS,
  type IndexOptions,
  MATCH_DEFAULTS,
  type MatchOptions,
} from './options.js'
export {
  type BenchmarkReport,
  type ContaminationReport,
  contaminationReport,
  type ExamplePlace,
  emptyReport,
  type FoundExample,
  mergeReports,
  type TouchedDocument,
} from './report.js'
export { contaminatedReason, DECONTAMINATION_RULES } from './rules.js'
export {
  createDecontaminationStage,
  DECONTAMINATION_LABELS,
  DECONTAMINATION_METRICS,
  type DecontaminationStage,
  type StageOptions,
} from './stage.js'

export type { BlockList } from './block-list.js'
export { identifyLanguages, requireIdentifiable } from './language.js'
export {
  DEFAULT_PROFILE,
  type QualityOptions,
  type ResolvedQualityOptions,
  validateQualityOptions,
} from './options.js'
export { QUALITY_RULES, RULE_SETS, type RuleSetName } from './rules.js'
export { createQualityStage, type QualityStage } from './stage.js'
export { type UrlRules, type UrlVerdict, urlRules } from './url-rules.js'

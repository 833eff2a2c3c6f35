import type { Stage } from './attributes.js'

/** One rule as `winnow rules` lists it; `reason` is what verdicts carry. */
export interface RuleDescription {
  readonly reason: string
  readonly stage: Stage
  /** Rule set that a profile names, such as `gopher_quality`. */
  readonly set: string
  /** Metric column the rule reads, if it reads one. */
  readonly metric?: string
  /** `drop when <metric> <comparison> <threshold>`. */
  readonly comparison?: '<' | '<=' | '>' | '>=' | '=='
  readonly threshold?: number
  readonly action: 'drop' | 'cut'
  readonly description: string
  readonly source: string
}

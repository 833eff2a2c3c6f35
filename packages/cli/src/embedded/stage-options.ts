import { type RuleDescription, UsageError } from '@winnow/core'
import {
  type Benchmark,
  buildBenchmarkIndex,
  createDecontaminationStage,
  DECONTAMINATION_RULES,
} from '@winnow/decontamination'
import { readBenchmarks } from '@winnow/decontaminator'
import { dedupRules, passageRules } from '@winnow/dedup'
import { EXTRACTION_RULES } from '@winnow/extraction/rules'
import {
  QUALITY_RULES,
  type QualityOptions,
  RULE_SETS,
  type RuleSetName,
  requireIdentifiable,
  validateQualityOptions,
} from '@winnow/quality'
import type { Evaluate, RunConfig } from '@winnow/runtime'
import { dedupOptions } from './dedup-options.js'

/** The quality stage's options out of the run's configuration. Throws UsageError naming a wrong one. */
export function qualityOptions({ quality }: RunConfig): QualityOptions {
  const { profile, languages, thresholds } = quality
  const options: QualityOptions = { profile: profile.map(ruleSetName), languages, thresholds }
  validateQualityOptions(options)
  return options
}

function ruleSetName(name: string): RuleSetName {
  const known = RULE_SETS.find((set) => set === name)
  if (known === undefined)
    throw new UsageError(
      `quality.profile: there is no rule set ${name}`,
      `rule sets are ${RULE_SETS.join(', ')}`,
    )
  return known
}

/** Compares documents with the run's benchmarks; undefined when there are none. Throws InputError for bad ones. */
export async function decontaminationOf(config: RunConfig): Promise<Evaluate | undefined> {
  const benchmarks = await benchmarksOf(config)
  return benchmarks.length === 0 ? undefined : comparison(benchmarks, config)
}

async function benchmarksOf({ stages, decontaminate }: RunConfig): Promise<Benchmark[]> {
  const { benchmarks, fields } = decontaminate
  if (benchmarks === undefined || !stages.includes('decontaminate')) return []
  return readBenchmarks(benchmarks, fields)
}

function comparison(benchmarks: readonly Benchmark[], { decontaminate }: RunConfig): Evaluate {
  const { ngram, mode, action } = decontaminate
  const index = buildBenchmarkIndex(benchmarks, ngram === undefined ? {} : { ngram })
  const stage = createDecontaminationStage(index, { mode, action })
  return (batch) => stage.evaluate(batch)
}

/**
 * Makes the quality and decontamination options once, so that what is wrong is said before anything starts.
 * Returns what is odd about them but no error: benchmark records that cannot be used.
 */
export async function checkStageOptions(config: RunConfig): Promise<string[]> {
  qualityOptions(config)
  if (config.quality.profile.includes('language')) requireIdentifiable(config.quality.languages)
  const benchmarks = await benchmarksOf(config)
  if (benchmarks.length > 0) comparison(benchmarks, config)
  return benchmarks
    .filter(({ rejectedCount }) => rejectedCount > 0)
    .map(({ name, rejectedCount, rejected }) => {
      const [first] = rejected
      return `benchmark ${name}: ${rejectedCount} record(s) cannot be used, first: line ${first?.line}: ${first?.problem}`
    })
}

/** Every rule of every stage, with the thresholds that this configuration sets. */
export function rulesInForce(config: RunConfig): RuleDescription[] {
  const { thresholds } = config.quality
  const { parameters, passages } = dedupOptions(config)
  const quality = QUALITY_RULES.flatMap((rule) => {
    const threshold = thresholds[rule.reason]
    if (threshold === null) return []
    return [threshold === undefined ? rule : { ...rule, threshold }]
  })
  return [
    ...EXTRACTION_RULES,
    ...quality,
    ...dedupRules(parameters),
    ...(passages === undefined ? [] : passageRules(passages)),
    ...DECONTAMINATION_RULES,
  ]
}

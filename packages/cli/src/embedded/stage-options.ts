import type { RuleDescription } from '@winnow/core'
import {
  buildBenchmarkIndex,
  createDecontaminationStage,
  DECONTAMINATION_RULES,
} from '@winnow/decontamination'
import { readBenchmarks } from '@winnow/decontaminator'
import { DEDUP_RULES, type DedupParameters, dedupParameters } from '@winnow/dedup'
import { EXTRACTION_RULES } from '@winnow/extraction'
import { QUALITY_RULES, type QualityOptions, resolveThresholds } from '@winnow/quality'
import type { Evaluate, RunConfig } from '@winnow/runtime'

/** The quality stage's options out of the run's configuration. */
export function qualityOptions({ quality }: RunConfig): QualityOptions {
  const { profile, languages, minLanguageScore, thresholds } = quality
  return {
    ...(profile === undefined ? {} : { profile }),
    ...(languages === undefined ? {} : { languages }),
    ...(minLanguageScore === undefined ? {} : { minLanguageScore }),
    ...(thresholds === undefined ? {} : { thresholds }),
  }
}

/** The profile's deduplication parameters with the run's changes. Throws UsageError naming a value out of range. */
export function dedupOptions({ dedup }: RunConfig): DedupParameters {
  const { profile, ngram, bands, rows, verify } = dedup
  return dedupParameters(profile, {
    ...(ngram === undefined ? {} : { ngram }),
    ...(bands === undefined ? {} : { bands }),
    ...(rows === undefined ? {} : { rows }),
    ...(verify === undefined ? {} : { verify }),
  })
}

/** Compares documents with the run's benchmarks; undefined when there are none. Throws InputError for bad ones. */
export async function decontaminationOf(config: RunConfig): Promise<Evaluate | undefined> {
  const { benchmarks, fields, ngram, mode, action } = config.decontaminate
  if (benchmarks === undefined || !config.stages.includes('decontaminate')) return undefined
  const index = buildBenchmarkIndex(
    await readBenchmarks(benchmarks, fields),
    ngram === undefined ? {} : { ngram },
  )
  const stage = createDecontaminationStage(index, { mode, action })
  return (batch) => stage.evaluate(batch)
}

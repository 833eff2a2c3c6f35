import type { RuledDocument } from './document.js'
import { breaks, type RuleSetName, type ThresholdRule, thresholdRules } from './rules.js'

/** The threshold rules of a set with the limits that are in force; rules that are off are left out. */
export function limitsOf(
  set: RuleSetName,
  thresholds: ReadonlyMap<string, number | null>,
): ThresholdRule[] {
  return thresholdRules(set).flatMap((rule) => {
    const threshold = thresholds.get(rule.reason)
    if (threshold === null) return []
    return [threshold === undefined ? rule : { ...rule, threshold }]
  })
}

/** A number as a reader wants it: four significant digits. */
function shown(value: number): string {
  return String(Number.isInteger(value) ? value : Number(value.toPrecision(4)))
}

/** Drops the document when `value` breaks `rule`; true when it does. */
export function applyLimit(document: RuledDocument, rule: ThresholdRule, value: number): boolean {
  if (!breaks(rule.comparison, value, rule.threshold)) return false
  document.drop(
    rule.reason,
    `${rule.metric} ${shown(value)} ${rule.comparison} ${shown(rule.threshold)}`,
  )
  return true
}

import { describe, expect, it } from 'vitest'
import {
  createMetrics,
  METRICS,
  type MetricDefinition,
  type MetricKey,
} from '../../src/service/index.js'

const definitions = Object.entries<MetricDefinition>(METRICS)

describe('metrics keep to Prometheus’ conventions', () => {
  for (const [key, { name, type, unit, labels, buckets, help }] of definitions)
    it(key, () => {
      expect(name).toMatch(/^winnow_[a-z0-9]+(_[a-z0-9]+)*$/)
      expect(name.endsWith('_total')).toBe(type === 'counter')
      if (type === 'histogram') expect(name).toMatch(/_seconds$/)
      if (unit === 'seconds') expect(name).toMatch(/_seconds$/)
      if (unit === 'bytes') expect(name).toMatch(/_bytes(_total)?$/)
      if (unit === 'ratio') expect(name).toMatch(/_ratio$/)
      expect(buckets !== undefined).toBe(type === 'histogram')
      expect(help).toMatch(/^[A-Z0-9].*[^.]$/)
      for (const values of Object.values(labels))
        expect('bound' in values ? values.bound.length : values.length).toBeGreaterThan(0)
    })

  it('each name stands once', () => {
    const names = definitions.map(([, { name }]) => name)
    expect(new Set(names).size).toBe(names.length)
  })
})

it('createMetrics makes each with its type and labels, when it is first used', async () => {
  const metrics = createMetrics()
  expect(await metrics.registry.metrics()).toBe('\n')
  for (const [key] of definitions) void metrics[key as MetricKey]
  const made = metrics.registry.getMetricsAsArray()
  expect(made.map(({ name }) => name).sort()).toEqual(
    definitions.map(([, { name }]) => name).sort(),
  )
  expect(() => metrics.shards.inc({ stage: 'extractor', outcome: 'done' })).not.toThrow()
  // @ts-expect-error a label that the definition does not have
  expect(() => metrics.shards.inc({ colour: 'red' })).toThrow()
})

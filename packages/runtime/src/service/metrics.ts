import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { METRICS, type MetricDefinition, type MetricKey } from './metric-definitions.js'

type Labels<K extends MetricKey> = Extract<keyof (typeof METRICS)[K]['labels'], string>

type Instrument<K extends MetricKey> = (typeof METRICS)[K]['type'] extends 'counter'
  ? Counter<Labels<K>>
  : (typeof METRICS)[K]['type'] extends 'gauge'
    ? Gauge<Labels<K>>
    : Histogram<Labels<K>>

/** prom-client's objects by the keys of METRICS, such as `metrics.shards.inc({ stage, outcome: 'done' })`. */
export type Metrics = { readonly [K in MetricKey]: Instrument<K> } & { readonly registry: Registry }

/**
 * The instruments of one process. Each comes to be when it is first used, so that a service does not claim to know
 * what is another's: a gauge without labels would stand at 0.
 */
export function createMetrics(registry = new Registry()): Metrics {
  const made: Record<string, unknown> = {}
  const metrics: Record<string, unknown> = { registry }
  for (const [key, definition] of Object.entries<MetricDefinition>(METRICS))
    Object.defineProperty(metrics, key, {
      enumerable: true,
      get: () => {
        made[key] ??= instrument(definition, registry)
        return made[key]
      },
    })
  return metrics as unknown as Metrics
}

function instrument(definition: MetricDefinition, registry: Registry) {
  const { name, help, type, labels, buckets } = definition
  const settings = { name, help, labelNames: Object.keys(labels), registers: [registry] }
  if (type === 'counter') return new Counter(settings)
  if (type === 'gauge') return new Gauge(settings)
  return new Histogram(buckets === undefined ? settings : { ...settings, buckets: [...buckets] })
}

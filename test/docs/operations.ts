import { STAGES } from '@winnow/core'
import { CLUSTER_ENVIRONMENT, clusterConfig } from '@winnow/runtime/cluster-config'
import { type LabelValues, METRICS, type MetricDefinition } from '@winnow/runtime/service'
import { z } from 'zod'
import { type Property, settingRows } from './configuration.js'

/** docs/operations/metrics.md, made from the one definition of the metrics. */
export function metricsDocs(): string {
  const metrics: readonly MetricDefinition[] = Object.values(METRICS)
  const origins = [...new Set(metrics.map(({ from }) => from))]
  const tables = origins.map(
    (origin) => `## From ${origin}

| metric | type | unit | labels | what it says |
|---|---|---|---|---|
${metrics
  .filter(({ from }) => from === origin)
  .map(metricRow)
  .join('\n')}
`,
  )
  return `# Metrics

Every service answers Prometheus at \`/metrics\` on \`service.port\` (9464). Besides the metrics below each exposes those of its
process and of Node.js (\`process_*\`, \`nodejs_*\`). Counters begin at 0 when a process starts: use \`rate()\` and \`increase()\`. What a
stage is done with may be counted twice after a crash; \`winnow_run_shards\` counts each shard once.

A label takes few values: what a table does not list is bounded by what it names, over stages (${STAGES.map((name) => `\`${name}\``).join(', ')}) and roles.
This page is made from \`packages/runtime/src/service/metric-definitions.ts\` by \`npm run docs\`; a test fails when the two differ.

${tables.join('\n')}`
}

function metricRow({ name, type, unit, labels, help }: MetricDefinition): string {
  const described = Object.entries(labels).map(([label, values]) => `\`${label}\`: ${list(values)}`)
  return `| \`${name}\` | ${type} | ${unit} | ${described.join('; ') || 'none'} | ${help} |`
}

function list(values: LabelValues): string {
  return 'bound' in values ? values.bound : values.map((value) => `\`${value}\``).join(' ')
}

/** docs/operations/configuration.md, made from the one definition of the cluster's settings. */
export function clusterConfigurationDocs(): string {
  const schema = z.toJSONSchema(clusterConfig, { io: 'input' }) as Property
  const variables = Object.entries(CLUSTER_ENVIRONMENT).map(
    ([name, { setting, kind }]) => `| \`${name}\` | \`${setting}\` | ${FORMS[kind]} |`,
  )
  return `# Configuration of the services

Settings of \`winnow serve ROLE --config cluster.yaml\` and of the commands that speak to a cluster. Every setting may come from the
environment instead, which wins over the file; an unknown \`WINNOW_*\` variable is an error. Secrets are never read from the file: the
password of Kafka comes from \`WINNOW_KAFKA_PASSWORD\`, the credentials of S3 by the usual chain of the AWS SDK (\`AWS_ACCESS_KEY_ID\`,
profiles, the role of the pod or the machine). This page is made from \`packages/runtime/src/cluster-config.ts\` by \`npm run docs\`;
a test fails when the two differ.

\`\`\`yaml
# cluster.yaml: an example
kafka:
  brokers: [kafka-0.kafka:9092, kafka-1.kafka:9092, kafka-2.kafka:9092]
  replication: 3
storage:
  uri: s3://corpus/english
service:
  graceSeconds: 600
metrics:
  url: http://winnow-metrics:9464
\`\`\`

| setting | value | default | what it does |
|---|---|---|---|
${settingRows(schema.properties ?? {}, '').join('\n')}

## Environment

| variable | setting | form |
|---|---|---|
${variables.join('\n')}
`
}

const FORMS = {
  text: 'text',
  number: 'whole number',
  boolean: '`true` or `false`',
  list: 'items with commas between them',
} as const

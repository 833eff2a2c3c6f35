import { runConfig } from '@winnow/runtime'
import { z } from 'zod'

export interface Property {
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly type?: string
  readonly properties?: Record<string, Property>
  readonly anyOf?: readonly Property[]
  readonly items?: Property
  readonly const?: unknown
}

/** docs/configuration.md, made from the one definition of the settings. */
export function configurationDocs(): string {
  const schema = z.toJSONSchema(runConfig, { io: 'input' }) as Property
  const rows = settingRows(schema.properties ?? {}, '')
  return `# Configuration

Settings of \`winnow run --config winnow.yaml\`. Options on the command line win over the file. Relative paths in it start
from the working folder; the folder of benchmarks in the example has to be yours. This page is made from
the definition in \`packages/runtime/src/config.ts\` by \`npm run docs\`; a test fails when the two differ.

\`\`\`yaml
# winnow.yaml: an example
quality:
  profile: [language, gopher_quality, gopher_repetition]
  languages: [en, de]
  thresholds:
    gopher_quality.too_few_words: 40
dedup:
  profile: strict
decontaminate:
  benchmarks: benchmarks/
\`\`\`

| setting | value | default | what it does |
|---|---|---|---|
${rows.join('\n')}
`
}

export function settingRows(properties: Record<string, Property>, prefix: string): string[] {
  return Object.entries(properties).flatMap(([name, property]) => {
    const path = `${prefix}${name}`
    if (property.properties !== undefined) return settingRows(property.properties, `${path}.`)
    const fallback = property.default === undefined ? '' : `\`${JSON.stringify(property.default)}\``
    return [`| \`${path}\` | ${typeOf(property)} | ${fallback} | ${property.description ?? ''} |`]
  })
}

function typeOf(property: Property): string {
  if (property.const !== undefined) return `\`${String(property.const)}\``
  if (property.enum !== undefined)
    return property.enum.map((value) => `\`${String(value)}\``).join(', ')
  if (property.anyOf !== undefined) return property.anyOf.map(typeOf).join(' or ')
  if (property.type === 'array')
    return `list of ${property.items === undefined ? 'values' : typeOf(property.items)}`
  return property.type ?? 'any'
}

import {
  type Attributes,
  type RuleDescription,
  reasonOf,
  STAGES,
  type Stage,
  VERDICT_NAMES,
  Verdict,
} from '@winnow/core'
import { SKIP_REASONS } from '@winnow/crawl'
import { runConfig } from '@winnow/runtime'
import { type ObjectStore, placeOf } from '@winnow/storage'
import pc from 'picocolors'
import { type Output, type OutputPlace, openOutput, settingsOf } from '../embedded/output.js'
import { stagesIn } from '../embedded/run-state.js'
import { rulesInForce } from '../embedded/stage-options.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { renderDifference } from '../explain/difference.js'
import {
  attributesOf,
  type FoundDocument,
  type FoundRecord,
  findDocuments,
  findRecords,
  textOf,
} from '../explain/find.js'
import { Console, type OutputMode } from '../terminal/console.js'
import { printable } from '../terminal/printable.js'

export interface ExplainArguments extends OutputPlace {
  readonly query: string
  readonly output: OutputMode
}

/** `winnow explain`: what became of a document or record, by which rule, against which threshold. */
export async function explain(args: ExplainArguments): Promise<ExitCode> {
  const { query } = args
  const output = await openOutput(args)
  const { store } = output
  const console = new Console(args.output)
  const documents = await findDocuments(store, query)
  const config = runConfig.safeParse((await settingsOf(output)) ?? {})
  const rules = rulesInForce(config.success ? config.data : runConfig.parse({}))
  const ruleOf = new Map(rules.map((rule) => [rule.reason, rule]))
  const records = await findRecords(store, query)
  if (documents.length === 0 && records.length === 0) {
    console.problem(
      `${printable(query)} is neither a document nor a record of ${placeOf(store)}\n(give a document's id, or its URL as it stands in the crawl)`,
    )
    return EXIT.failed
  }
  for (const document of documents) {
    const fate = await fateOf(output, document, ruleOf)
    console.result({ text: await renderDocument(store, fate), json: fate })
  }
  for (const record of records)
    console.result({ text: renderRecord(record), json: { record, fate: 'not a document' } })
  return EXIT.done
}

interface Fate {
  readonly document: FoundDocument
  readonly verdict: 'kept' | 'cut' | 'dropped' | 'unknown'
  readonly stages: readonly StageFate[]
}

interface StageFate {
  readonly stage: Stage
  readonly verdict: string
  readonly reason: string
  readonly detail: string
  readonly rule?: RuleDescription
  readonly spans: readonly number[]
  readonly metrics: Readonly<Record<string, number>>
  readonly labels: Readonly<Record<string, string>>
}

async function fateOf(
  { store, state, cluster }: Output,
  document: FoundDocument,
  rules: ReadonlyMap<string, RuleDescription>,
): Promise<Fate> {
  const ran = stagesIn(state)
  const stages: StageFate[] = []
  for (const stage of STAGES) {
    const attributes = await attributesOf(store, stage, document.shard)
    if (attributes === undefined) {
      if (ran.includes(stage)) stages.push(lostStage(stage, cluster))
      continue
    }
    if (attributes.verdict[document.row] === Verdict.unseen) continue
    stages.push(stageFate(stage, attributes, document.row, rules))
  }
  const dropped = stages.some(({ verdict }) => verdict === 'drop')
  const cut = stages.some(({ verdict }) => verdict === 'cut')
  const unknown = stages.some(({ verdict }) => verdict === 'unknown')
  const verdict = dropped ? 'dropped' : unknown ? 'unknown' : cut ? 'cut' : 'kept'
  return { document, verdict, stages }
}

function lostStage(stage: Stage, cluster: boolean): StageFate {
  const detail = cluster
    ? 'the service of this stage has not written its attributes yet'
    : 'its attributes file is missing: run the same command again to have it made anew'
  return { stage, verdict: 'unknown', reason: '', detail, spans: [], metrics: {}, labels: {} }
}

function stageFate(
  stage: Stage,
  attributes: Attributes,
  row: number,
  rules: ReadonlyMap<string, RuleDescription>,
): StageFate {
  const reason = reasonOf(attributes, row)
  const rule = rules.get(reason)
  const { offsets, values } = attributes.spans
  return {
    stage,
    verdict: VERDICT_NAMES[attributes.verdict[row] as number] ?? '',
    reason,
    detail: attributes.detail[row] ?? '',
    ...(rule === undefined ? {} : { rule }),
    spans: Array.from(values.subarray(offsets[row], offsets[row + 1])),
    metrics: Object.fromEntries(
      Object.entries(attributes.metrics)
        .map(([name, column]) => [name, column[row] as number] as const)
        .filter(([, value]) => !Number.isNaN(value)),
    ),
    labels: Object.fromEntries(
      Object.entries(attributes.labels)
        .map(([name, column]) => [name, column[row] ?? ''] as const)
        .filter(([, value]) => value !== ''),
    ),
  }
}

async function renderDocument(store: ObjectStore, fate: Fate): Promise<string> {
  const { document, verdict } = fate
  const colour = { kept: pc.green, cut: pc.yellow, dropped: pc.red, unknown: pc.yellow }[verdict]
  const lines = [
    `${pc.bold(printable(document.url === '' ? document.id : document.url))}  ${colour(verdict)}`,
    field('id', document.id),
    field('title', document.title),
    field('date', document.date),
    field('language', describeLanguage(document)),
    field('source', `${document.source} at ${document.position}`),
    field('shard', document.shard),
    '',
  ].filter((line, index) => line !== '' || index === 7)
  for (const stage of fate.stages) lines.push(...renderStage(stage))
  const text = await textOf(store, document)
  for (const stage of fate.stages) {
    if (stage.verdict === 'cut') lines.push('', ...renderCuts(stage, text))
    if (stage.labels.duplicate_of !== undefined)
      lines.push('', ...(await renderOriginal(store, stage.labels, text)))
  }
  return `${lines.join('\n')}\n\n`
}

/** Without the quality stage the language is what the page says, and has no score. */
function describeLanguage({ language, languageScore }: FoundDocument): string {
  return languageScore === 0 ? language : `${language} (${languageScore.toFixed(3)})`
}

function renderStage(stage: StageFate): string[] {
  const lines = [
    `${stage.stage.padEnd(14)}${stage.verdict}${stage.reason === '' ? '' : `  ${pc.bold(stage.reason)}`}`,
  ]
  const { rule } = stage
  if (stage.detail !== '') lines.push(`${' '.repeat(14)}${printable(stage.detail)}`)
  if (rule !== undefined)
    lines.push(`${' '.repeat(14)}${pc.dim(`${rule.description} (${rule.source})`)}`)
  const metrics = Object.entries(stage.metrics).map(
    ([name, value]) => `${name} ${Number.isInteger(value) ? value : value.toPrecision(4)}`,
  )
  if (metrics.length > 0) lines.push(...wrap(metrics, 14).map(pc.dim))
  for (const [name, value] of Object.entries(stage.labels))
    lines.push(`${' '.repeat(14)}${name}: ${printable(value)}`)
  return lines
}

function renderCuts(stage: StageFate, text: string): string[] {
  const bytes = Buffer.from(text)
  const lines = [`Cut by ${stage.reason}:`]
  for (let i = 0; i < stage.spans.length; i += 2) {
    const piece = bytes
      .subarray(stage.spans[i], stage.spans[i + 1])
      .toString('utf8')
      .trim()
    lines.push(pc.red(`  - ${printable(piece.length > 200 ? `${piece.slice(0, 200)} …` : piece)}`))
  }
  return lines
}

/** The earlier document that this one copies, and what differs. Every copy names a document that was kept, or leads to one. */
async function renderOriginal(
  store: ObjectStore,
  { duplicate_of: id = '', duplicate_run: run = '' }: Readonly<Record<string, string>>,
  text: string,
): Promise<string[]> {
  if (run !== '') return [`Copy of ${printable(id)} of the earlier run ${printable(run)}.`]
  const original = (await findDocuments(store, id)).find((document) => document.id === id)
  if (original === undefined) return [`The earlier document ${id} is not in this folder.`]
  return [
    `Copy of ${printable(original.url === '' ? original.id : `${original.url} (${original.id})`)}; the difference, [-earlier-] {+this one+}:`,
    renderDifference(await textOf(store, original), text),
  ]
}

function renderRecord(record: FoundRecord): string {
  const meaning = SKIP_REASONS[record.reason as keyof typeof SKIP_REASONS] ?? ''
  const lines = [
    `${pc.bold(printable(record.url === '' ? `record at ${record.position}` : record.url))}  ${pc.yellow('not a document')}`,
    field(
      'record',
      `${record.recordType || 'unknown type'} at ${record.position} of shard ${record.shard}`,
    ),
    field('reason', `${record.reason}: ${meaning}`),
    field('detail', record.detail),
  ].filter((line) => line !== '')
  return `${lines.join('\n')}\n\n`
}

function field(name: string, value: string): string {
  return value === '' ? '' : `  ${pc.dim(name.padEnd(10))}${printable(value)}`
}

function wrap(items: readonly string[], indent: number): string[] {
  const lines: string[] = []
  let line = ' '.repeat(indent)
  for (const item of items) {
    if (line.length + item.length > 100 && line.trim() !== '') {
      lines.push(line)
      line = ' '.repeat(indent)
    }
    line += `${item}   `
  }
  return [...lines, line.trimEnd()]
}
